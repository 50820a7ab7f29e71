// SPDX-License-Identifier: Apache-2.0
// Who used most of something: tables that several kinds show. No table where the gadget did not
// run or saw nothing.
#pragma once

#include <optional>

#include "advisors/report/source.h"

namespace ig::report {

Result<std::optional<Table>> top_disk_users(Source& source);    // top_blockio
Result<std::optional<Table>> top_files(Source& source);         // top_file
Result<std::optional<Table>> top_connections(Source& source);   // top_tcp
Result<std::optional<Table>> top_cpu_users(Source& source);     // profile_cpu
Result<std::optional<Table>> top_bpf_programs(Source& source);  // bpfstats

}  // namespace ig::report
