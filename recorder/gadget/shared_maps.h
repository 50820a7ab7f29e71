// SPDX-License-Identifier: Apache-2.0
// SharedMaps: the maps that every gadget of one recording uses together, put into each object in
// place of its own. They say which workloads are recorded, so the kernel itself discards the rest.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/handle.h"
#include "base/result.h"

namespace ig {

// The constants of a gadget that switch its filter on.
inline constexpr const char* kFilterByMntns = "gadget_filter_by_mntns";
inline constexpr const char* kFilterByCgroup = "gadget_filter_by_cgroup";

class SharedMaps {
 public:
  SharedMaps() = default;  // without maps: nothing is shared, and there is no filter
  explicit operator bool() const { return static_cast<bool>(mntns_); }
  static Result<SharedMaps> create();

  // The map that takes the place of a gadget's map of this name; -1 = the gadget keeps its own.
  int find(std::string_view name) const;

  // A further map to share. It must stay open as long as gadgets are loaded.
  void add(std::string name, int fd) { others_[std::move(name)] = fd; }

  // The values of the maps, as bpf/include/gadget/mntns_filter.h has them.
  enum class Since { kBefore = 1, kStartsNow = 2 };
  // A number of 0 is none.
  Result<> allow(std::uint64_t mntns_id, std::uint64_t cgroup_id, Since since);
  // Whether the kernel's filter lets this task's events through.
  bool allows(std::uint64_t mntns_id, std::uint64_t cgroup_id) const noexcept;
  void deny(std::uint64_t mntns_id, std::uint64_t cgroup_id) noexcept;

 private:
  UniqueFd mntns_, cgroup_, epoch_;
  std::map<std::string, int, std::less<>> others_;
};

}  // namespace ig
