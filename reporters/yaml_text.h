// SPDX-License-Identifier: Apache-2.0
// JSON values as YAML in block style, for `--output yaml`.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace ig {

// Lines that end in \n; nothing but ASCII.
std::string yaml_text(const nlohmann::ordered_json& value);

}  // namespace ig
