// SPDX-License-Identifier: Apache-2.0
// What libseccomp makes of the profile, as runc and crun have it made: as text for people (PFC,
// its pseudo filter code) and as the program that the kernel loads.
#include <cstring>

#include "advisors/advice_text.h"
#include "advisors/seccomp/dialects/call_rules.h"
#include "advisors/seccomp/dialects/dialects.h"
#include "advisors/seccomp/seccomp_filter.h"

namespace ig {
namespace {

void add_unknown_caveat(const SeccompProfile& profile, const DialectContext& context,
                        std::vector<std::string>& caveats) {
  if (const auto rules = call_rules(profile, context)) add_unknown_caveat(*rules, caveats);
}

}  // namespace

Result<DialectText> write_pfc(const SeccompProfile& profile, const DialectContext& context) {
  DialectText out;
  IG_ASSIGN(const std::string filter, compile_profile_to_pfc(profile, context.native_arch));
  out.text = comment_lines(context) + filter;
  add_unknown_caveat(profile, context, out.caveats);
  return out;
}

Result<DialectText> write_bpf(const SeccompProfile& profile, const DialectContext& context) {
  DialectText out;
  IG_ASSIGN(const SeccompFilter filter, compile_profile(profile, context.native_arch));
  out.text.resize(filter.program.size() * sizeof(sock_filter));
  std::memcpy(out.text.data(), filter.program.data(), out.text.size());
  add_unknown_caveat(profile, context, out.caveats);
  return out;
}

}  // namespace ig
