// SPDX-License-Identifier: Apache-2.0
// Whether a check of a capability was a mere probe, read from where in the kernel it was made. For
// kernels that do not tell how they ask (trace_capabilities' rung `tracepoint`).
#pragma once

#include <string_view>

namespace ig {

// `stack` as in docs/stacks.md. False also where nothing is known.
bool asked_without_audit(std::string_view stack);

}  // namespace ig
