// SPDX-License-Identifier: Apache-2.0
// Programs of classic tracepoints, which run on every CPU.
#pragma once

#include <string>

#include "base/result.h"
#include "recorder/gadget/bpf_handles.h"

namespace ig {

// `tracepoint`: "category/name". A kernel without it is an error of ENOENT's.
Result<BpfLink> attach_to_tracepoint(bpf_program* program, const std::string& tracepoint);

}  // namespace ig
