// SPDX-License-Identifier: Apache-2.0
// The analyses behind kinds(): each fills a section from what its gadgets recorded.
#pragma once

#include "advisors/report/source.h"
#include "base/result.h"

namespace ig::report {

Result<> fill_block_io(Source& source, Section& section);
Result<> fill_cpu(Source& source, Section& section);
Result<> fill_tcp(Source& source, Section& section);
Result<> fill_dns(Source& source, Section& section);
Result<> fill_exec(Source& source, Section& section);
Result<> fill_files(Source& source, Section& section);
Result<> fill_syscalls(Source& source, Section& section);
Result<> fill_capabilities(Source& source, Section& section);
Result<> fill_oom(Source& source, Section& section);
Result<> fill_network(Source& source, Section& section);
Result<> fill_top(Source& source, Section& section);

// The session itself: who was seen, what happened when, what was lost.
Result<Section> overview_section(Source& source);
// What advisors write of it.
Result<Section> policies_section(Source& source);

}  // namespace ig::report
