// SPDX-License-Identifier: Apache-2.0
#include "advisors/capabilities/kernel_asker.h"

#include <algorithm>
#include <array>

namespace ig {
namespace {

// All functions of the kernel (5.10 to 6.18) that ask with CAP_OPT_NOAUDIT.
constexpr std::array<std::string_view, 7> kAskWithoutAudit = {
    "ns_capable_noaudit",  "has_capability_noaudit", "has_ns_capability_noaudit",
    "ptracer_capable",     "kallsyms_show_value",    "security_vm_enough_memory_mm",
    "cap_vm_enough_memory"};
// cap_capable itself, security_capable, and one that was inlined or not.
constexpr int kFramesOfTheCheck = 4;

// Compilers split functions: "f.isra.0" is f.
std::string_view whole_function(std::string_view name) { return name.substr(0, name.find('.')); }

}  // namespace

bool asked_without_audit(std::string_view stack) {
  for (int frame = 0; frame < kFramesOfTheCheck && !stack.empty(); ++frame) {
    const auto end = stack.rfind(';');
    const auto name = whole_function(end == stack.npos ? stack : stack.substr(end + 1));
    if (std::ranges::find(kAskWithoutAudit, name) != kAskWithoutAudit.end()) return true;
    stack = end == stack.npos ? std::string_view{} : stack.substr(0, end);
  }
  return false;
}

}  // namespace ig
