// SPDX-License-Identifier: Apache-2.0
// Calls that a libc or a language's runtime tries before an older one, and falls back from only
// where the answer is ENOSYS. An image is updated more often than its profile, so these are best
// answered so even by a kernel that has them (moby#42680).
#pragma once

#include <span>
#include <string_view>

namespace ig {

struct FallbackCall {
  std::string_view name;
  bool common = false;    // most programs of some libc or language try it
  bool narrow = false;    // of 32-bit architectures only
  std::string_view user;  // "glibc 2.34 and later starts threads and processes with it"
};

std::span<const FallbackCall> fallback_calls();  // by name
bool has_fallback(std::string_view name);

}  // namespace ig
