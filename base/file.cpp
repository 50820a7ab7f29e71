// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/handle.h"
#include "base/text.h"

namespace ig {
namespace {

Error cannot_read(const std::string& path) { return system_error(errno, "read " + path); }

Result<std::string> read_all(int file, const std::string& path, std::uint64_t most_bytes) {
  constexpr std::size_t kStep = 64 << 10;
  std::string bytes;
  while (bytes.size() <= most_bytes) {
    const auto size = bytes.size();
    bytes.resize(size + kStep);
    const auto got = ::read(file, bytes.data() + size, kStep);
    if (got < 0 && errno != EINTR) return std::unexpected(cannot_read(path));
    bytes.resize(size + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) return bytes;
  }
  return fail(ErrorCode::kInvalid,
              fmt::format("{} has more than {}", path, format_size(most_bytes)));
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::uint64_t most_bytes) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return std::unexpected(cannot_read(path));
  return read_all(file.get(), path, most_bytes);
}

Result<std::string> read_regular_file(const std::string& path, std::uint64_t most_bytes) {
  // Not blocking: to open a FIFO waits for its writer.
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat info {};
  if (!file || ::fstat(file.get(), &info) != 0) return std::unexpected(cannot_read(path));
  if (!S_ISREG(info.st_mode)) {
    return fail(ErrorCode::kInvalid, fmt::format("{} is not a regular file", path));
  }
  return read_all(file.get(), path, most_bytes);
}

}  // namespace ig
