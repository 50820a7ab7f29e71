// SPDX-License-Identifier: Apache-2.0
// The operand PROFILE and the options about the container and the machine that a profile is read
// for, which the commands about profiles share.
#pragma once

#include <optional>
#include <string>

#include "advisors/seccomp/seccomp_profile.h"
#include "base/result.h"
#include "cli/options.h"
#include "store/session_reader.h"

namespace ig {

struct ProfileFile {
  std::string path, text;
  SeccompProfile::Conditions conditions;  // as far as options gave them
  // What no option gave is that of the machine that was recorded.
  Result<SeccompProfile::Conditions> conditions_on(const SessionInfo& session) const;
  // Its error names the file.
  Result<SeccompProfile> profile(const SeccompProfile::Conditions& all) const;
};

// "sys_admin" is CAP_SYS_ADMIN.
Result<std::string> parse_capability(std::string name);
OptionGroup profile_options();
// Operand 0.
Result<ProfileFile> read_profile_file(const Arguments& arguments);

}  // namespace ig
