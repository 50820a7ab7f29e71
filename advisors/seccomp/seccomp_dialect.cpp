// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/seccomp_dialect.h"

#include <algorithm>

#include "advisors/seccomp/dialects/dialects.h"

namespace ig {
namespace {

Result<DialectText> write_oci(const SeccompProfile& profile, const DialectContext&) {
  return DialectText{profile.to_json(), {}};
}

constexpr SeccompDialect kDialects[] = {{"oci", "json", write_oci},
                                        {"spo", "yaml", write_spo},
                                        {"systemd", "conf", write_systemd},
                                        {"minijail", "policy", write_minijail},
                                        {"firejail", "profile", write_firejail},
                                        {"pfc", "pfc", write_pfc},
                                        {"bpf", "bpf", write_bpf}};

}  // namespace

std::span<const SeccompDialect> seccomp_dialects() { return kDialects; }

const SeccompDialect* find_seccomp_dialect(std::string_view name) {
  const auto* found = std::ranges::find(kDialects, name, &SeccompDialect::name);
  return found == std::end(kDialects) ? nullptr : found;
}

}  // namespace ig
