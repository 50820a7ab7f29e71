// SPDX-License-Identifier: Apache-2.0
// JSON read as what it is: a stranger's. Only regular files of bounded size are read, nothing
// throws, and a member of another type than expected counts as absent.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "base/result.h"

namespace ig {

// `error_name` is what the message calls it.
Result<nlohmann::json> parse_json(const std::string& text, const std::string& error_name);
Result<nlohmann::json> read_json_file(const std::string& path);

// The member at a path of keys, or null.
const nlohmann::json& json_at(const nlohmann::json& value, std::initializer_list<const char*> keys);
std::string json_text(const nlohmann::json& value, std::initializer_list<const char*> keys);
std::int64_t json_integer(const nlohmann::json& value, std::initializer_list<const char*> keys);
bool json_bool(const nlohmann::json& value, std::initializer_list<const char*> keys);
// The members of an object whose values are texts.
std::map<std::string, std::string> json_texts(const nlohmann::json& object);

}  // namespace ig
