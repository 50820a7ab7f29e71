// SPDX-License-Identifier: Apache-2.0
// Tells the kernel's side of traceloop which arguments of which calls to copy: fills its map
// `capture_plans` from the table of signatures, for each table of calls that the kernel has.
#pragma once

#include "base/result.h"

namespace ig {

class LoadedGadget;

// Does nothing for a gadget without that map. Its parameter syscall-filters (names of calls, with
// commas between them) says which calls are kept.
Result<> write_capture_plans(const LoadedGadget& gadget);

}  // namespace ig
