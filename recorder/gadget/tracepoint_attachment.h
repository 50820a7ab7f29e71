// SPDX-License-Identifier: Apache-2.0
// Programs of classic tracepoints, which the kernel numbers in tracefs. Where nobody has mounted
// that (in containers, on small machines), it is mounted for us alone and in no folder, so that the
// machine stays as it is.
#pragma once

#include <string>

#include "base/result.h"
#include "recorder/gadget/bpf_handles.h"

namespace ig {

// `tracepoint`: "category/name". A kernel without it is an error of ENOENT's.
Result<BpfLink> attach_to_tracepoint(bpf_program* program, const std::string& tracepoint);

}  // namespace ig
