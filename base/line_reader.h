// SPDX-License-Identifier: Apache-2.0
// Lines of a file of any size, one after the other, with its digest. A line that is longer than
// anything expected is cut, so that no input decides how much memory is used.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ig {

struct FileDigest {
  std::uint64_t lines = 0, bytes = 0;
  std::string sha256;  // of all bytes, in hexadecimal
};

// `path` may be a pipe; "-" is standard input. Lines come without their \n; of longer ones only
// the first `most_bytes`. `on_line` returns false to stop: then the digest is of no use.
Result<FileDigest> read_lines(const std::string& path, std::size_t most_bytes,
                              const std::function<bool(std::string_view)>& on_line);

}  // namespace ig
