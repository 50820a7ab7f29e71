// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/syscall_groups.h"

#include <algorithm>
#include <map>

#include "base/check.h"
#include "base/embedded.h"
#include "base/text.h"

namespace ig {

extern const std::span<const EmbeddedFile> syscall_group_files;

namespace {

struct Group {
  std::string_view name;
  std::vector<std::string_view> calls;
};
using GroupTable = std::map<std::string_view, std::vector<std::string_view>>;  // by call

std::vector<Group> read_groups() {
  std::vector<Group> groups;
  for (const std::string_view line : split(syscall_group_files[0].bytes, '\n')) {
    if (line.empty() || line.starts_with('#')) continue;
    const auto colon = line.find(": ");
    IG_CHECK(colon != line.npos);
    groups.push_back({line.substr(0, colon), split(line.substr(colon + 2), ' ')});
  }
  return groups;
}

GroupTable make_table() {
  auto groups = read_groups();
  std::ranges::stable_sort(groups, {}, [](const Group& group) { return group.calls.size(); });
  GroupTable table;
  for (const Group& group : groups) {
    for (const auto call : group.calls) table[call].push_back(group.name);
  }
  return table;
}

}  // namespace

std::vector<std::string_view> syscall_groups(std::string_view name) {
  static const GroupTable table = make_table();
  const auto found = table.find(name);
  return found == table.end() ? std::vector<std::string_view>{} : found->second;
}

}  // namespace ig
