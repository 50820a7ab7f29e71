// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"

#include "base/file.h"

namespace ig {
namespace {

// Docker's biggest (a state.json with a whole seccomp profile) are some 100 KiB.
constexpr std::uint64_t kLargest = 8 << 20;

}  // namespace

Result<nlohmann::json> parse_json(const std::string& text, const std::string& error_name) {
  auto value = nlohmann::json::parse(text, nullptr, false);
  if (value.is_discarded()) return fail(ErrorCode::kInvalid, error_name + " is not JSON");
  return value;
}

Result<nlohmann::json> read_json_file(const std::string& path) {
  IG_ASSIGN(const auto text, read_regular_file(path, kLargest));
  return parse_json(text, path);
}

const nlohmann::json& json_at(const nlohmann::json& value,
                              std::initializer_list<const char*> keys) {
  static const nlohmann::json kNothing;
  const auto* current = &value;
  for (const auto* key : keys) {
    if (!current->is_object()) return kNothing;
    const auto found = current->find(key);
    if (found == current->end()) return kNothing;
    current = &*found;
  }
  return *current;
}

std::string json_text(const nlohmann::json& value, std::initializer_list<const char*> keys) {
  const auto& member = json_at(value, keys);
  return member.is_string() ? member.get<std::string>() : std::string();
}

std::int64_t json_integer(const nlohmann::json& value, std::initializer_list<const char*> keys) {
  const auto& member = json_at(value, keys);
  return member.is_number_integer() ? member.get<std::int64_t>() : 0;
}

bool json_bool(const nlohmann::json& value, std::initializer_list<const char*> keys) {
  const auto& member = json_at(value, keys);
  return member.is_boolean() && member.get<bool>();
}

std::map<std::string, std::string> json_texts(const nlohmann::json& object) {
  std::map<std::string, std::string> texts;
  if (!object.is_object()) return texts;
  for (const auto& [key, value] : object.items()) {
    if (value.is_string()) texts.emplace(key, value.get<std::string>());
  }
  return texts;
}

}  // namespace ig
