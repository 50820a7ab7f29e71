// SPDX-License-Identifier: Apache-2.0
// One seccomp profile in the making: what goes in, and the words that go with it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "advisors/loss_gate.h"
#include "advisors/seccomp/argument_limits.h"
#include "advisors/seccomp/observed_calls.h"
#include "advisors/seccomp/profile_options.h"
#include "advisors/seccomp/unlisted_calls.h"

namespace ig {

class ProfileDraft {
 public:
  // All must outlive the draft. `sessions`: of the recordings, in their order.
  ProfileDraft(const std::vector<SessionInfo>& sessions, const ProfileSubject& subject,
               const ObservedCalls& observed, const EvidenceState& state,
               const ProfileOptions& options);

  enum class Step { kLog, kErrnoLog, kEnforce };  // of the ladder
  SeccompProfile profile(Step step) const;

  std::vector<std::string> summary() const;
  std::vector<std::string> caveats() const;
  std::vector<Evidence> evidence() const;

 private:
  using Names = std::set<std::string>;

  const Workload& workload() const { return subject_.instances.front().workload; }
  bool start_seen() const;
  bool start_is_another() const;
  Workload started_as() const;
  bool is_replaced(const NeededCall& call) const;

  void collect_names();
  void collect_blocks();
  void limit_arguments();
  void translate();
  void add_archs();
  SeccompAction default_action(Step step) const;
  void add_allowing_rules(SeccompProfile& profile) const;
  void add_denying_rules(SeccompProfile& profile) const;
  void build_on(SeccompProfile& profile) const;

  std::string window() const;
  std::string default_text() const;
  void warn_of_start(std::vector<std::string>& caveats) const;
  void warn_of_architectures(std::vector<std::string>& caveats) const;
  std::string contributors(const ObservedCall& call) const;

  const std::vector<SessionInfo>& sessions_;
  const ProfileSubject& subject_;
  const ObservedCalls& observed_;
  const EvidenceState& state_;
  const ProfileOptions& options_;

  Names archs_, names_, added_, block_, nameless_, untranslated_;
  Names measured_without_values_;  // of the start block
  std::string block_owners_;
  std::map<std::string, ArgumentLimits> limits_;  // by name
  std::vector<std::string> widened_;
  UnlistedCalls unlisted_;
};

}  // namespace ig
