// SPDX-License-Identifier: Apache-2.0
#include "recorder/extension/syscall_file_arguments.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "recorder/extension/syscall_message_text.h"
#include "recorder/extension/syscall_plain_arguments.h"
#include "recorder/extension/syscall_signatures.h"
#include "recorder/extension/syscall_text.h"

namespace ig {
namespace {

using Printer = ArgumentPrinter;

const ConstantTable& constants(std::string_view name) { return *find_constants(name); }

void append_open_flags(std::string& text, std::uint64_t flags) {
  append_constant(text, constants("access_mode"), flags & O_ACCMODE);
  const auto rest = flags & ~std::uint64_t{O_ACCMODE};
  if (rest == 0) return;
  text += '|';
  append_flags(text, constants("open"), rest);
}

bool makes_file(std::uint64_t flags) {
  return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
}

constexpr std::uint64_t kGetWindowSize = 0x5413, kSetWindowSize = 0x5414, kGetGroup = 0x540f,
                        kSetGroup = 0x5410, kCountReadable = 0x541b, kNonBlocking = 0x5421,
                        kAsync = 0x5452, kCloseOnExec = 0x5451, kKeepOnExec = 0x5450,
                        kGetTerminalNumber = 0x80045430, kLockTerminal = 0x40045431;

}  // namespace

void print_open_flags(ArgumentPrinter& printer) {
  append_open_flags(printer.text, static_cast<std::uint32_t>(printer.value));
}

void print_open_mode(ArgumentPrinter& printer) {
  if (makes_file(printer.reference())) {
    print_mode(printer);
  } else {
    printer.omitted = true;
  }
}

void print_open_how(ArgumentPrinter& printer) {
  struct OpenHow {
    std::uint64_t flags, mode, resolve;
  };
  const auto* chunk = printer.chunk();
  const auto how = chunk != nullptr ? chunk->read<OpenHow>() : std::nullopt;
  if (!how) return printer.pointer();
  printer.text += "{flags=";
  append_open_flags(printer.text, how->flags);
  if (makes_file(how->flags)) {
    printer.text += ", mode=";
    append_octal(printer.text, how->mode);
  }
  printer.text += ", resolve=";
  append_flags(printer.text, constants("resolve"), how->resolve);
  printer.text += '}';
}

void print_access(ArgumentPrinter& printer) {
  append_flags(printer.text, constants("access"), static_cast<std::uint32_t>(printer.value));
}

void print_statx_flags(ArgumentPrinter& printer) {
  constexpr std::uint64_t kSync = 0x6000;
  append_constant(printer.text, constants("statx_sync"), printer.value & kSync);
  const auto rest = static_cast<std::uint32_t>(printer.value & ~kSync);
  if (rest == 0) return;
  printer.text += '|';
  append_flags(printer.text, constants("at"), rest);
}

void print_statx_mask(ArgumentPrinter& printer) {
  append_flags(printer.text, constants("statx_mask"), static_cast<std::uint32_t>(printer.value));
}

bool append_one_timespec(std::string& text, const CapturedChunk& chunk) {
  return append_timespec(text, chunk);
}
bool append_one_timeval(std::string& text, const CapturedChunk& chunk) {
  return append_timeval(text, chunk);
}
bool append_itimerspec(std::string& text, const CapturedChunk& chunk) {
  return append_interval(text, chunk, true);
}
bool append_itimerval(std::string& text, const CapturedChunk& chunk) {
  return append_interval(text, chunk, false);
}
bool append_rlimit_32(std::string& text, const CapturedChunk& chunk) {
  return append_rlimit(text, chunk, "RLIM_INFINITY");
}
bool append_rlimit_64(std::string& text, const CapturedChunk& chunk) {
  return append_rlimit(text, chunk, "RLIM64_INFINITY");
}
bool append_two_ints(std::string& text, const CapturedChunk& chunk) {
  const auto fds = chunk.read<std::array<std::int32_t, 2>>();
  if (fds) append(text, "[{}, {}]", (*fds)[0], (*fds)[1]);
  return fds.has_value();
}
bool append_one_int(std::string& text, const CapturedChunk& chunk) {
  const auto number = chunk.read<std::int32_t>();
  if (number) append(text, "[{}]", *number);
  return number.has_value();
}
bool append_one_long(std::string& text, const CapturedChunk& chunk) {
  const auto number = chunk.read<std::int64_t>();
  if (number) append(text, "[{}]", *number);
  return number.has_value();
}
bool append_file_times(std::string& text, const CapturedChunk& chunk) {
  constexpr std::size_t kTimeBytes = 16;
  constexpr std::int64_t kSecond = 1'000'000'000;
  if (chunk.bytes.size() < 2 * kTimeBytes) return false;
  for (std::size_t offset = 0; offset < 2 * kTimeBytes; offset += kTimeBytes) {
    text += offset == 0 ? "[" : ", ";
    append_timespec(text, chunk, offset);
    const auto time = chunk.read<std::array<std::int64_t, 2>>(offset).value();
    if (time[1] >= 0 && time[1] < kSecond) append_date(text, time[0], time[1]);
  }
  text += ']';
  return true;
}
bool append_wait(std::string& text, const CapturedChunk& chunk) {
  const auto status = chunk.read<std::uint32_t>();
  if (!status) return false;
  text += '[';
  append_wait_status(text, *status);
  text += ']';
  return true;
}

bool append_signals(std::string& text, const CapturedChunk& chunk) {
  const auto mask = chunk.read<std::uint64_t>();
  if (mask) append_signal_set(text, *mask);
  return mask.has_value();
}

// wait4 found nobody: nothing was written.
void print_wait_status(ArgumentPrinter& printer) {
  if (printer.call.finished && printer.call.retval <= 0) return printer.pointer();
  print_struct<append_wait>(printer);
}

// What is left of a sleep is only written when it was interrupted.
void print_time_left(ArgumentPrinter& printer) {
  constexpr std::int64_t kInterrupted = -4, kRestart = -516;
  const auto retval = printer.call.retval;
  if (printer.call.finished && (retval == kInterrupted || retval == kRestart)) {
    return print_struct<append_one_timespec>(printer);
  }
  printer.pointer();
}

void print_fcntl_argument(ArgumentPrinter& printer) {
  switch (static_cast<std::uint32_t>(printer.reference())) {
    case F_GETFD:
    case F_GETFL:
    case F_GETOWN:
    case F_GETSIG:
    case F_GETLEASE:
    case F_GETPIPE_SZ:
    case F_GET_SEALS:
      printer.omitted = true;
      return;
    case F_SETFD:
      append_flags(printer.text, constants("fd_flags"), printer.value);
      return;
    case F_SETFL:
      append_open_flags(printer.text, static_cast<std::uint32_t>(printer.value));
      return;
    case F_ADD_SEALS:
      append_flags(printer.text, constants("seals"), printer.value);
      return;
    case F_SETLEASE:
      append_constant(printer.text, constants("lock_type"), printer.value);
      return;
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
    case F_SETOWN:
    case F_SETPIPE_SZ:
      return print_int(printer);
    case F_SETSIG:
      return print_signal(printer);
    case F_GETLK:
    case F_SETLK:
    case F_SETLKW:
    case F_OFD_GETLK:
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
      return print_struct<append_file_lock>(printer);
    default:
      return print_hex(printer);
  }
}

void print_fcntl_result(ArgumentPrinter& printer) {
  const auto value = printer.value;
  switch (static_cast<std::uint32_t>(printer.reference())) {
    case F_GETFD:
      if (value == 0) return print_long(printer);
      append(printer.text, "{:#x} (flags ", value);
      append_flags(printer.text, constants("fd_flags"), value);
      printer.text += ')';
      return;
    case F_GETFL:
      append(printer.text, "{:#x} (flags ", value);
      append_open_flags(printer.text, value);
      printer.text += ')';
      return;
    case F_GET_SEALS:
      if (value == 0) return print_long(printer);
      append(printer.text, "{:#x} (seals ", value);
      append_flags(printer.text, constants("seals"), value);
      printer.text += ')';
      return;
    default:
      return print_long(printer);
  }
}

void print_ioctl(ArgumentPrinter& printer) {
  const auto command = static_cast<std::uint32_t>(printer.value);
  if (const auto name = constant_name(constants("ioctl"), command); !name.empty()) {
    printer.text += name;
    return;
  }
  // As its parts: direction, type, number, size.
  constexpr std::string_view kDirections[] = {"_IOC_NONE", "_IOC_WRITE", "_IOC_READ",
                                              "_IOC_READ|_IOC_WRITE"};
  append(printer.text, "_IOC({}, {:#x}, {:#x}, {:#x})", kDirections[command >> 30],
         command >> 8 & 0xff, command & 0xff, command >> 16 & 0x3fff);
}

void print_ioctl_argument(ArgumentPrinter& printer) {
  switch (static_cast<std::uint32_t>(printer.reference())) {
    case kCloseOnExec:
    case kKeepOnExec:
      printer.omitted = true;
      return;
    case kGetWindowSize:
    case kSetWindowSize:
      if (!printer.call.succeeded()) return printer.pointer();
      return print_struct<append_winsize>(printer);
    case kGetGroup:
    case kSetGroup:
    case kCountReadable:
    case kGetTerminalNumber:
      if (!printer.call.succeeded()) return printer.pointer();
      return print_struct<append_one_int>(printer);
    case kNonBlocking:
    case kAsync:
    case kLockTerminal:
      return print_struct<append_one_int>(printer);
    default:
      if (constant_name(constants("ioctl"), printer.reference()).empty()) return print_hex(printer);
      return printer.pointer();
  }
}

}  // namespace ig
