// SPDX-License-Identifier: Apache-2.0
// Files that come packed: a kernel's configuration (.gz), a kernel's types (.btf.tar.xz).
#pragma once

#include <string>

#include "base/result.h"

namespace ig {

// The bytes of the first file in an archive, or of a file that is merely compressed, or plain.
// Fails beyond `limit` bytes: what an archive of a few bytes unpacks to may fill a disk.
Result<std::string> read_unpacked(const std::string& path, std::size_t limit);

}  // namespace ig
