// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/tracepoint_attachment.h"

#include <bpf/libbpf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

#include "base/handle.h"
#include "recorder/kernel/tracefs.h"

namespace ig {
namespace {

Result<std::uint64_t> number_of(const std::string& tracepoint) {
  const auto cannot = [&](int err) {
    return std::unexpected(system_error(err, "attach tracepoint/" + tracepoint));
  };
  const auto events = open_tracefs_events();
  if (!events) return cannot(errno);
  const UniqueFd file(::openat(events.get(), (tracepoint + "/id").c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return cannot(errno);
  std::array<char, 32> digits{};
  const auto size = ::read(file.get(), digits.data(), digits.size());
  std::uint64_t number = 0;
  if (size <= 0 || std::from_chars(digits.data(), digits.data() + size, number).ec != std::errc()) {
    return cannot(EINVAL);
  }
  return number;
}

}  // namespace

Result<BpfLink> attach_to_tracepoint(bpf_program* program, const std::string& tracepoint) {
  perf_event_attr attr{};
  attr.size = sizeof attr;
  attr.type = PERF_TYPE_TRACEPOINT;
  IG_ASSIGN(attr.config, number_of(tracepoint));
  // A program at a tracepoint runs on every CPU, whichever one its event is on.
  UniqueFd event(
      static_cast<int>(::syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC)));
  if (!event) return std::unexpected(system_error(errno, "attach tracepoint/" + tracepoint));
  BpfLink link(bpf_program__attach_perf_event(program, event.get()));
  if (!link) return std::unexpected(system_error(errno, "attach tracepoint/" + tracepoint));
  event.release();  // the link closes it
  return link;
}

}  // namespace ig
