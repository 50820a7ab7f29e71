// SPDX-License-Identifier: Apache-2.0
// tracefs, in which the kernel numbers its tracepoints. Where nobody has mounted it (in containers,
// on small machines), it is mounted for us alone and in no folder, so that the machine stays as it
// is.
#pragma once

#include "base/handle.h"

namespace ig {

bool is_tracefs_mounted();

// Its folder `events`; empty, with errno, where we may not mount either.
UniqueFd open_tracefs_events();

}  // namespace ig
