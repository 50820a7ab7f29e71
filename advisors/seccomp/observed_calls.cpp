// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/observed_calls.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

namespace ig {
namespace {

using Key = std::tuple<std::string, std::string, std::int64_t>;

Key key_of(const NeededCall& call) { return {call.arch, call.display_name(), call.number}; }

// An argument whose values one of the two does not have is unknown in both together.
void merge_arguments(std::vector<NeededArgument>& all, const std::vector<NeededArgument>& more) {
  std::vector<NeededArgument> both;
  for (auto& argument : all) {
    const auto other = std::ranges::find(more, argument.index, &NeededArgument::index);
    if (other == more.end()) continue;
    argument.values.insert(other->values.begin(), other->values.end());
    argument.more |= other->more;
    both.push_back(std::move(argument));
  }
  all = std::move(both);
}

void merge(ObservedCall& all, const NeededCall& more) {
  all.count += more.count;
  all.first_ns = std::min(all.first_ns, more.first_ns);
  all.last_ns = std::max(all.last_ns, more.last_ns);
  for (const auto& phase : more.phases) {
    if (std::ranges::find(all.phases, phase) == all.phases.end()) all.phases.push_back(phase);
  }
  std::ranges::sort(all.phases, {}, phase_age);
  all.learned_from.insert(more.learned_from.begin(), more.learned_from.end());
  merge_arguments(all.arguments, more.arguments);
}

}  // namespace

Result<ObservedCalls> observe_calls(Recordings recordings, const ProfileSubject& subject) {
  ObservedCalls observed;
  std::map<Key, ObservedCall> calls;
  std::map<Key, NeededCall> outside;
  for (std::size_t i = 0; i < subject.instances.size(); ++i) {
    const auto& instance = subject.instances[i];
    IG_ASSIGN(auto needed,
              needed_calls(*recordings[instance.recording].session, instance.workload));
    observed.native_archs.insert(needed.native_arch);
    for (const NeededCall& call : needed.calls) {
      const auto [entry, is_new] = calls.try_emplace(key_of(call), ObservedCall{call, {}, {}});
      if (!is_new) merge(entry->second, call);
      entry->second.instances.insert(i);
      entry->second.recordings.insert(instance.recording);
    }
    for (const NeededCall& call : needed.outside) {
      const auto [entry, is_new] = outside.try_emplace(key_of(call), call);
      if (!is_new) entry->second.count += call.count;
    }
    observed.instances.push_back(std::move(needed));
  }
  for (auto& [key, call] : outside) {
    if (!calls.contains(key)) observed.outside.push_back(std::move(call));
  }
  for (auto& [key, call] : calls) observed.calls.push_back(std::move(call));
  return observed;
}

std::set<std::string> names_only_in(const ObservedCalls& observed,
                                    const std::set<std::string>& phases) {
  std::set<std::string> inside, elsewhere, only;
  for (const auto& call : observed.calls) {
    (call.only_in(phases) ? inside : elsewhere).insert(call.display_name());
  }
  std::ranges::set_difference(inside, elsewhere, std::inserter(only, only.end()));
  return only;
}

}  // namespace ig
