// SPDX-License-Identifier: Apache-2.0
// A recorded call with any numbers and any memory behind them becomes text of a bounded size.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "recorder/extension/syscall_arguments.h"
#include "store/syscall_table.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMost = 64 * 1024;
  struct Head {
    std::uint8_t arch, finished;
    std::uint16_t number;
    std::int64_t retval;
    std::array<std::uint64_t, ig::SyscallCall::kArguments> args;
  } head{};
  if (size < sizeof head) return 0;
  std::memcpy(&head, data, sizeof head);
  const auto archs = ig::syscall_archs();
  ig::SyscallCall call;
  call.arch = archs[head.arch % archs.size()].name;
  const auto name = ig::syscall_name(call.arch, head.number % 1024).value_or("");
  call.name = name;
  call.finished = head.finished % 2 != 0;
  call.retval = head.retval;
  call.args = head.args;
  call.set_captures(std::as_bytes(std::span(data + sizeof head, size - sizeof head)));
  const auto text = ig::syscall_parameters(call) + ig::syscall_result(call);
  if (text.size() > kMost && size < kMost / 8) std::abort();
  return 0;
}
