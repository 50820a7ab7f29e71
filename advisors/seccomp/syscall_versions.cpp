// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/syscall_versions.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <tuple>

#include "base/check.h"
#include "base/embedded.h"
#include "base/text.h"

namespace ig {

extern const std::span<const EmbeddedFile> syscall_version_files;

namespace {

struct Since {
  Version kernel, libseccomp;
};
using SinceTable = std::map<std::string_view, Since>;

SinceTable read_table() {
  SinceTable table;
  for (const std::string_view line : split(syscall_version_files[0].bytes, '\n')) {
    if (line.empty() || line.starts_with('#')) continue;
    const auto words = split(line, ' ');
    IG_CHECK(words.size() == 3);
    const auto kernel = parse_version(words[1]), libseccomp = parse_version(words[2]);
    IG_CHECK(kernel && libseccomp);
    table[words[0]] = {*kernel, *libseccomp};
  }
  return table;
}

const SinceTable& table() {
  static const SinceTable read = read_table();
  return read;
}

const Since* find_since(std::string_view name, std::string_view arch) {
  auto found = table().find(std::string(name) + '/' + std::string(arch));
  if (found == table().end()) found = table().find(name);
  return found == table().end() ? nullptr : &found->second;
}

}  // namespace

std::string Version::text() const {
  std::string out = std::to_string(major) + '.' + std::to_string(minor);
  return patch == 0 ? out : out + '.' + std::to_string(patch);
}

Result<Version> parse_version(std::string_view text) {
  const std::string whole(text);
  if (text.starts_with('v')) text.remove_prefix(1);
  Version version;
  bool complete = false;
  for (unsigned* part : {&version.major, &version.minor, &version.patch}) {
    const auto [end, error] = std::from_chars(text.begin(), text.end(), *part);
    if (error != std::errc()) break;
    complete |= part == &version.minor;
    text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
    if (!text.starts_with('.')) break;
    text.remove_prefix(1);
  }
  if (complete) return version;
  return fail(ErrorCode::kUsage, "not a version: \"" + whole + "\"",
              "a version is like 6.1 or 2.5.4");
}

std::optional<KernelVersion> syscall_since(std::string_view name, std::string_view arch) {
  const Since* since = find_since(name, arch);
  return since ? std::optional(since->kernel) : std::nullopt;
}

std::optional<Version> libseccomp_since(std::string_view name, std::string_view arch) {
  const Since* since = find_since(name, arch);
  return since ? std::optional(since->libseccomp) : std::nullopt;
}

std::vector<std::string> syscalls_after(KernelVersion version) {
  std::vector<std::pair<KernelVersion, std::string>> newer;
  for (const auto& [name, since] : table()) {
    if (since.kernel > version && !name.contains('/')) newer.emplace_back(since.kernel, name);
  }
  std::ranges::sort(newer);
  std::vector<std::string> names;
  for (auto& [since, name] : newer) names.push_back(std::move(name));
  return names;
}

}  // namespace ig
