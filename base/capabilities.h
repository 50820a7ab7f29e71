// SPDX-License-Identifier: Apache-2.0
// capabilities(7) of the calling thread.
#pragma once

#include <linux/capability.h>

#include <vector>

#include "base/result.h"

namespace ig {

// Gives up all capabilities but these (CAP_BPF, …), for ever; what the thread has not got it does
// not get. Threads that it starts afterwards begin with what it has left.
Result<> keep_capabilities(const std::vector<unsigned>& kept);

}  // namespace ig
