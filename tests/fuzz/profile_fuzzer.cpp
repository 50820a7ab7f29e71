// SPDX-License-Identifier: Apache-2.0
// A profile from anywhere: it is refused, or it can be written and read again, and linted.
#include <cstdint>
#include <cstdlib>

#include "advisors/seccomp/lint_seccomp.h"

namespace {
constexpr std::size_t kMostRules = 8;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  const auto profile = ig::SeccompProfile::from_json(json, {});
  if (!profile) return 0;
  if (!ig::SeccompProfile::from_json(profile->to_json(), {})) std::abort();
  // libseccomp takes seconds for very many rules.
  if (profile->rules.size() > kMostRules) return 0;
  for (const auto& rule : profile->rules) {
    if (rule.names.size() > kMostRules) return 0;
  }
  static_cast<void>(
      ig::lint_seccomp({.profile = *profile, .bytes = size, .arch = "x86_64", .target = {}}));
  return 0;
}
