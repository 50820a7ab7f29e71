// SPDX-License-Identifier: Apache-2.0
#include "recorder/oci_json.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/handle.h"

namespace ig {
namespace {

// Docker's biggest (a state.json with a whole seccomp profile) are some 100 KiB.
constexpr std::int64_t kLargest = 8 << 20;

Result<std::string> read_regular_file(const std::string& path) {
  const auto deed = fmt::format("read {}", path);
  // Not blocking: whoever owns the folder may have put a FIFO there.
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat info {};
  if (!file || ::fstat(file.get(), &info) != 0) return std::unexpected(system_error(errno, deed));
  if (!S_ISREG(info.st_mode) || info.st_size > kLargest) {
    return fail(ErrorCode::kInvalid, fmt::format("{} is not a file of a reasonable size", path));
  }
  std::string text(static_cast<std::size_t>(info.st_size), '\0');
  const auto size = ::read(file.get(), text.data(), text.size());
  if (size < 0) return std::unexpected(system_error(errno, deed));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

}  // namespace

Result<nlohmann::json> parse_json(const std::string& text, const std::string& error_name) {
  auto value = nlohmann::json::parse(text, nullptr, false);
  if (value.is_discarded()) return fail(ErrorCode::kInvalid, error_name + " is not JSON");
  return value;
}

Result<nlohmann::json> read_json_file(const std::string& path) {
  IG_ASSIGN(const auto text, read_regular_file(path));
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
