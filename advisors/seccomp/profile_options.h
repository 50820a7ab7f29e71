// SPDX-License-Identifier: Apache-2.0
// The options of `ig advise seccomp-profile`, read once and checked.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advisors/advisor.h"
#include "advisors/seccomp/argument_limits.h"
#include "advisors/seccomp/profile_subject.h"
#include "advisors/seccomp/seccomp_profile.h"
#include "base/result.h"

namespace ig {

struct ProfileOptions {
  SeccompAction default_action;
  bool action_given = false;
  ArgumentMode arguments = ArgumentMode::kSafe;
  SubjectBy by = SubjectBy::kWorkload;
  bool start_block = true;
  std::string runtime;                             // "runc", "crun", "any"; "" = as recorded
  std::optional<bool> allow_privilege_escalation;  // nullopt = as recorded
  bool keep_compat = false;
  std::string target_arch;             // "" = those recorded
  std::optional<SeccompProfile> base;  // what is allowed already
  bool ladder = false, phases = false;
};

std::vector<AdvisorOption> profile_option_list();
Result<ProfileOptions> parse_profile_options(const AdviceRequest& request, std::size_t recordings);

}  // namespace ig
