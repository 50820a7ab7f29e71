// SPDX-License-Identifier: Apache-2.0
// landlock(7), for a process that reads what strangers wrote.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace ig {

// From now on the process changes files beneath these folders only, runs no program and makes no
// TCP connection, as far as this kernel can see to it. It goes on as it is where that cannot be:
// Landlock came with Linux 5.13, and may be off. Before threads are made; there is no way back.
Result<> change_only_beneath(const std::vector<std::string>& folders);

}  // namespace ig
