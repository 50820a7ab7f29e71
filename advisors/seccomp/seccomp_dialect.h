// SPDX-License-Identifier: Apache-2.0
// The forms in which a seccomp profile is written: what container runtimes, operators, service
// managers and sandboxes read. All are made from one SeccompProfile, so they allow the same calls;
// where a form cannot say what the profile says, its text allows more, never less, and a caveat
// names what.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "advisors/seccomp/seccomp_profile.h"
#include "base/result.h"

namespace ig {

// What a form says beside the rules.
struct DialectContext {
  std::string name;                 // of the profile: letters, digits, '-', '.'
  std::string native_arch;          // of the machine that it is for: "x86_64"
  std::vector<std::string> header;  // lines about window and evidence, for forms that have comments
  bool complete = true;             // false: the evidence is partial or lossy
  // In how many of the recordings each call was seen; one that is only known to be needed in none.
  unsigned recordings = 1;
  std::map<std::string, unsigned> seen_in = {};
};

struct DialectText {
  std::string text;
  std::vector<std::string> caveats;  // what this form could not say
};

struct SeccompDialect {
  std::string_view name;       // "oci"
  std::string_view extension;  // "json"
  Result<DialectText> (*write)(const SeccompProfile& profile, const DialectContext& context);
};

std::span<const SeccompDialect> seccomp_dialects();
const SeccompDialect* find_seccomp_dialect(std::string_view name);

}  // namespace ig
