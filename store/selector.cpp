// SPDX-License-Identifier: Apache-2.0
#include <fnmatch.h>

#include <algorithm>
#include <initializer_list>

#include "store/session_reader.h"

namespace ig {
namespace {

// As the runtimes' own tools take it: the first characters of a container's id name it.
constexpr std::size_t kShortId = 12;

bool fits(const std::string& pattern, const std::string& text) {
  return ::fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

// Whether `fits_one(pattern)` holds for what the list asks: for none of the entries with '!', and
// for one of the others if there are any.
template <typename Function>
bool list_matches(const std::vector<std::string>& list, Function&& fits_one) {
  bool wanted = false, found = false;
  for (const std::string& entry : list) {
    if (entry.starts_with('!')) {
      if (fits_one(entry.substr(1))) return false;
    } else {
      wanted = true;
      found = found || fits_one(entry);
    }
  }
  return !wanted || found;
}

bool list_matches_text(const std::vector<std::string>& list, const std::string& text) {
  return list_matches(
      list, [&](const std::string& pattern) { return !text.empty() && fits(pattern, text); });
}

bool is_container(const std::string& pattern, const Workload& workload) {
  if (workload.kind != WorkloadKind::kContainer) return false;
  return fits(pattern, workload.name) || fits(pattern, workload.container_id) ||
         (!workload.container.empty() && fits(pattern, workload.container)) ||
         (pattern.size() >= kShortId && workload.container_id.starts_with(pattern));
}

bool has_label(const std::string& pattern, const Workload& workload) {
  return std::ranges::any_of(workload.labels, [&](const auto& label) {
    return fits(pattern, label.first + "=" + label.second);
  });
}

}  // namespace

bool Selector::empty() const {
  return !names_workloads() && comm.empty() && pid.empty() && !host && !command;
}

bool Selector::names_workloads() const {
  return !(workload.empty() && container.empty() && pod.empty() && kube_namespace.empty() &&
           unit.empty() && label.empty());
}

bool Selector::matches(const Workload& one) const {
  if (host && one.kind == WorkloadKind::kHost) return true;
  if (command && one.kind == WorkloadKind::kCommand) return true;
  // Only --host or --command: nothing else is meant.
  if (!names_workloads() && (host || command)) return false;
  const std::string unit_name = one.kind == WorkloadKind::kUnit ? one.name : "";
  return list_matches(container, [&](const auto& p) { return is_container(p, one); }) &&
         list_matches(label, [&](const auto& p) { return has_label(p, one); }) &&
         list_matches_text(workload, one.name) && list_matches_text(pod, one.pod) &&
         list_matches_text(kube_namespace, one.kube_namespace) &&
         list_matches_text(unit, unit_name);
}

}  // namespace ig
