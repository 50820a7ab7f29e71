// SPDX-License-Identifier: Apache-2.0
// A profile from anywhere: it is refused, or it can be written and read again.
#include <cstdint>
#include <cstdlib>

#include "advisors/seccomp/seccomp_profile.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  const auto profile = ig::SeccompProfile::from_json(json, {});
  if (profile && !ig::SeccompProfile::from_json(profile->to_json(), {})) std::abort();
  return 0;
}
