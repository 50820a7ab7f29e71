// SPDX-License-Identifier: Apache-2.0
// The writers of the forms; seccomp_dialect.cpp has the table of them.
#pragma once

#include "advisors/seccomp/seccomp_dialect.h"

namespace ig {

Result<DialectText> write_spo(const SeccompProfile& profile, const DialectContext& context);
Result<DialectText> write_systemd(const SeccompProfile& profile, const DialectContext& context);
Result<DialectText> write_minijail(const SeccompProfile& profile, const DialectContext& context);
Result<DialectText> write_firejail(const SeccompProfile& profile, const DialectContext& context);
Result<DialectText> write_pfc(const SeccompProfile& profile, const DialectContext& context);
Result<DialectText> write_bpf(const SeccompProfile& profile, const DialectContext& context);

}  // namespace ig
