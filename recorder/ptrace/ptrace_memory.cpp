// SPDX-License-Identifier: Apache-2.0
#include "recorder/ptrace/ptrace_memory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/handle.h"

namespace ig {
namespace {

// For where a seccomp profile forbids process_vm_readv(2).
std::size_t read_by_file(pid_t tid, std::uint64_t address, void* buffer, std::size_t size) {
  const UniqueFd file(::open(fmt::format("/proc/{}/mem", tid).c_str(), O_RDONLY | O_CLOEXEC));
  const auto count = ::pread(file.get(), buffer, size, static_cast<off_t>(address));
  return count < 0 ? 0 : static_cast<std::size_t>(count);
}

}  // namespace

std::size_t read_tracee(pid_t tid, std::uint64_t address, void* buffer, std::size_t size) {
  if (address == 0 || size == 0) return 0;
  iovec local{.iov_base = buffer, .iov_len = size};
  iovec remote{.iov_base = reinterpret_cast<void*>(address), .iov_len = size};
  const auto count = ::process_vm_readv(tid, &local, 1, &remote, 1, 0);
  if (count >= 0) return static_cast<std::size_t>(count);
  return errno == EPERM || errno == ENOSYS ? read_by_file(tid, address, buffer, size) : 0;
}

std::string read_tracee_text(pid_t tid, std::uint64_t address, std::size_t limit) {
  // Page by page: the text may end just before memory that is not there.
  constexpr std::uint64_t kPage = 4096;
  std::string text;
  while (text.size() < limit) {
    const auto from = address + text.size();
    const auto size = std::min<std::size_t>(limit - text.size(), kPage - from % kPage);
    std::string piece(size, '\0');
    piece.resize(read_tracee(tid, from, piece.data(), size));
    const auto end = piece.find('\0');
    text += piece.substr(0, end);
    if (end != std::string::npos || piece.size() < size) break;
  }
  return text;
}

}  // namespace ig
