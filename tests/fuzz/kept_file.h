// SPDX-License-Identifier: Apache-2.0
// Bytes as a file with a path, for readers that open theirs.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

#include "base/handle.h"

namespace ig {

class KeptFile {
 public:
  KeptFile(const void* data, std::size_t size) : file_(::memfd_create("fuzz", MFD_CLOEXEC)) {
    if (::write(file_.get(), data, size) != static_cast<ssize_t>(size)) std::abort();
  }
  std::string path() const { return "/proc/self/fd/" + std::to_string(file_.get()); }

 private:
  UniqueFd file_;
};

}  // namespace ig
