// SPDX-License-Identifier: Apache-2.0
#include "recorder/extension/syscall_argument_types.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>

#include "recorder/extension/syscall_message_text.h"
#include "recorder/extension/syscall_signatures.h"
#include "recorder/extension/syscall_text.h"

namespace ig {
namespace {

using Printer = ArgumentPrinter;
using Kind = CaptureSpec::Kind;
using When = CaptureSpec::When;

const ConstantTable& constants(std::string_view name) { return *find_constants(name); }

// --- numbers ---------------------------------------------------------------------------------

void print_int(Printer& printer) { append(printer.text, "{}", printer.as_int()); }
void print_uint(Printer& printer) {
  append(printer.text, "{}", static_cast<std::uint32_t>(printer.value));
}
void print_long(Printer& printer) {
  append(printer.text, "{}", static_cast<std::int64_t>(printer.value));
}
void print_size(Printer& printer) { append(printer.text, "{}", printer.value); }
void print_hex(Printer& printer) { append_hex(printer.text, printer.value); }
void print_mode(Printer& printer) {
  append_octal(printer.text, static_cast<std::uint32_t>(printer.value));
}
void print_pointer(Printer& printer) { printer.pointer(); }
void print_owner(Printer& printer) { print_int(printer); }
void print_signal(Printer& printer) { append_signal(printer.text, printer.value & UINT32_MAX); }

void print_key(Printer& printer) {
  if (printer.as_int() == 0) {
    printer.text += "IPC_PRIVATE";
  } else {
    append(printer.text, "{:#x}", static_cast<std::uint32_t>(printer.value));
  }
}

void print_directory(Printer& printer) {
  if (printer.as_int() == AT_FDCWD) {
    printer.text += "AT_FDCWD";
  } else {
    print_int(printer);
  }
}

void print_flags(Printer& printer) {
  append_flags(printer.text, *printer.parameter->constants,
               static_cast<std::uint32_t>(printer.value));
}

void print_constant(Printer& printer) {
  append_constant(printer.text, *printer.parameter->constants,
                  static_cast<std::uint32_t>(printer.value));
}

void print_file_type(Printer& printer) {
  append_file_mode(printer.text, static_cast<std::uint32_t>(printer.value));
}

// Only for what is a device.
void print_new_device(Printer& printer) {
  const auto type = printer.reference() & S_IFMT;
  if (type != S_IFCHR && type != S_IFBLK) {
    printer.omitted = true;
    return;
  }
  append_device(printer.text, printer.value);
}

// --- texts and buffers -----------------------------------------------------------------------

constexpr CaptureSpec kString[] = {{Kind::kString, When::kEnter, 0}};
constexpr CaptureSpec kStringOut[] = {{Kind::kString, When::kExit, 0}};
constexpr CaptureSpec kCounted[] = {{Kind::kCounted, When::kEnter, 1}};
constexpr CaptureSpec kResult[] = {{Kind::kResult, When::kExit, 1}};

void print_buffer(Printer& printer, std::size_t capture) {
  const auto* chunk = printer.chunk(capture);
  if (chunk == nullptr) return printer.pointer();
  append_quoted(printer.text, chunk->bytes, chunk->total > chunk->bytes.size());
}

void print_buffer(Printer& printer) { print_buffer(printer, 0); }

void print_result_buffer(Printer& printer) {
  if (printer.call.succeeded() && printer.call.retval == 0 && printer.value != 0) {
    printer.text += "\"\"";
    return;
  }
  print_buffer(printer);
}

// Bytes that are no text.
void print_random(Printer& printer) {
  const auto* chunk = printer.chunk();
  if (chunk == nullptr) return print_result_buffer(printer);
  append_quoted_hex(printer.text, chunk->bytes, chunk->total > chunk->bytes.size());
}

constexpr CaptureSpec kArguments[] = {{Kind::kStrings, When::kEnter, 0}};
constexpr CaptureSpec kEnvironment[] = {{Kind::kCount, When::kEnter, 0}};

void print_strings(Printer& printer) {
  if (printer.chunk(0, 0) == nullptr && printer.chunk(0, kPartEnd) == nullptr) {
    return printer.pointer();
  }
  printer.text += '[';
  for (std::uint8_t part = 0; part < kPartEnd; ++part) {
    const auto* chunk = printer.chunk(0, part);
    if (chunk == nullptr) break;
    if (part > 0) printer.text += ", ";
    append_quoted(printer.text, chunk->bytes, chunk->total > chunk->bytes.size());
  }
  if (printer.chunk(0, kPartEnd) == nullptr) printer.text += ", ...";
  printer.text += ']';
}

void print_environment(Printer& printer) {
  printer.pointer();
  if (const auto* chunk = printer.chunk(); chunk != nullptr) {
    append(printer.text, " /* {} var{} */", chunk->total, chunk->total == 1 ? "" : "s");
  }
}

// --- files -----------------------------------------------------------------------------------

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

void print_open_flags(Printer& printer) {
  append_open_flags(printer.text, static_cast<std::uint32_t>(printer.value));
}

void print_open_mode(Printer& printer) {
  if (makes_file(printer.reference())) {
    print_mode(printer);
  } else {
    printer.omitted = true;
  }
}

constexpr CaptureSpec kOpenHow[] = {{Kind::kBytes, When::kEnter, 24}};

void print_open_how(Printer& printer) {
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

void print_access(Printer& printer) {
  append_flags(printer.text, constants("access"), static_cast<std::uint32_t>(printer.value));
}

void print_statx_flags(Printer& printer) {
  constexpr std::uint64_t kSync = 0x6000;
  append_constant(printer.text, constants("statx_sync"), printer.value & kSync);
  const auto rest = static_cast<std::uint32_t>(printer.value & ~kSync);
  if (rest == 0) return;
  printer.text += '|';
  append_flags(printer.text, constants("at"), rest);
}

void print_statx_mask(Printer& printer) {
  append_flags(printer.text, constants("statx_mask"), static_cast<std::uint32_t>(printer.value));
}

using AppendStruct = bool (*)(std::string&, const CapturedChunk&);

// A struct that the kernel copied, or its address where there is none.
template <AppendStruct append_struct>
void print_struct(Printer& printer) {
  const auto* chunk = printer.chunk();
  const auto size = printer.text.size();
  if (chunk != nullptr && printer.call.is_native() && append_struct(printer.text, *chunk)) return;
  printer.text.resize(size);
  printer.pointer();
}

template <std::uint16_t size>
constexpr CaptureSpec kIn[] = {{Kind::kBytes, When::kEnter, size}};
template <std::uint16_t size>
constexpr CaptureSpec kOut[] = {{Kind::kBytes, When::kExit, size}};
template <std::uint16_t size>
constexpr CaptureSpec kAlways[] = {{Kind::kBytes, When::kExitAlways, size}};

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
void print_wait_status(Printer& printer) {
  if (printer.call.finished && printer.call.retval <= 0) return printer.pointer();
  print_struct<append_wait>(printer);
}

// What is left of a sleep is only written when it was interrupted.
void print_time_left(Printer& printer) {
  constexpr std::int64_t kInterrupted = -4, kRestart = -516;
  const auto retval = printer.call.retval;
  if (printer.call.finished && (retval == kInterrupted || retval == kRestart)) {
    return print_struct<append_one_timespec>(printer);
  }
  printer.pointer();
}

void print_fcntl_argument(Printer& printer) {
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

void print_fcntl_result(Printer& printer) {
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

constexpr std::uint64_t kGetWindowSize = 0x5413, kSetWindowSize = 0x5414, kGetGroup = 0x540f,
                        kSetGroup = 0x5410, kCountReadable = 0x541b, kNonBlocking = 0x5421,
                        kAsync = 0x5452, kCloseOnExec = 0x5451, kKeepOnExec = 0x5450,
                        kGetTerminalNumber = 0x80045430, kLockTerminal = 0x40045431;

void print_ioctl(Printer& printer) {
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

void print_ioctl_argument(Printer& printer) {
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

// --- memory, processes -----------------------------------------------------------------------

void print_mmap_flags(Printer& printer) {
  constexpr std::uint64_t kTypeMask = 0xf;
  append_constant(printer.text, constants("map_type"), printer.value & kTypeMask);
  const auto rest = static_cast<std::uint32_t>(printer.value & ~kTypeMask);
  if (rest == 0) return;
  printer.text += '|';
  append_flags(printer.text, constants("map"), rest);
}

void print_mremap_address(Printer& printer) {
  constexpr std::uint64_t kFixed = 2;
  if ((printer.reference() & kFixed) == 0) {
    printer.omitted = true;
    return;
  }
  printer.pointer();
}

void print_prctl_argument(Printer& printer) {
  const auto index =
      static_cast<std::size_t>(printer.parameter - printer.signature.parameters.data());
  const auto option = static_cast<std::uint32_t>(printer.reference());
  std::size_t most = 5;
  switch (option) {
    case PR_GET_DUMPABLE:
    case PR_GET_KEEPCAPS:
    case PR_GET_SECCOMP:
    case PR_GET_TIMERSLACK:
    case PR_GET_SECUREBITS:
      most = 1;
      break;
    case PR_SET_PDEATHSIG:
    case PR_SET_DUMPABLE:
    case PR_SET_KEEPCAPS:
    case PR_SET_NAME:
    case PR_GET_NAME:
    case PR_SET_TIMERSLACK:
    case PR_SET_CHILD_SUBREAPER:
    case PR_GET_CHILD_SUBREAPER:
    case PR_CAPBSET_READ:
    case PR_CAPBSET_DROP:
    case PR_SET_SECUREBITS:
    case PR_GET_PDEATHSIG:
    case PR_SET_PTRACER:
      most = 2;
      break;
    case PR_SET_SECCOMP:
      most = 3;
      break;
    default:
      break;
  }
  if (index >= most) {
    printer.omitted = true;
    return;
  }
  if (index > 1) {
    return option == PR_SET_SECCOMP ? printer.pointer() : print_hex(printer);
  }
  switch (option) {
    case PR_SET_NAME:
      return print_buffer(printer);
    case PR_GET_NAME:
      return print_buffer(printer, 1);
    case PR_SET_PDEATHSIG:
      return print_signal(printer);
    case PR_SET_DUMPABLE:
      return append_constant(printer.text, constants("pr_dumpable"), printer.value);
    case PR_SET_SECCOMP:
      return append_constant(printer.text, constants("seccomp_mode"), printer.value);
    case PR_CAPBSET_READ:
    case PR_CAPBSET_DROP:
      return append_constant(printer.text, constants("capability"), printer.value);
    case PR_CAP_AMBIENT:
      return append_constant(printer.text, constants("pr_cap_ambient"), printer.value);
    case PR_GET_PDEATHSIG:
      return printer.pointer();
    case PR_SET_CHILD_SUBREAPER:
    case PR_SET_NO_NEW_PRIVS:
    case PR_SET_KEEPCAPS:
    case PR_SET_TIMERSLACK:
      return print_long(printer);
    default:
      return print_hex(printer);
  }
}

void print_prctl_result(Printer& printer) {
  print_long(printer);
  if (static_cast<std::uint32_t>(printer.reference()) != PR_GET_DUMPABLE) return;
  printer.text += " (";
  append_constant(printer.text, constants("pr_dumpable"), printer.value);
  printer.text += ')';
}

void print_membarrier_result(Printer& printer) {
  if (static_cast<std::uint32_t>(printer.reference()) != 0 || printer.value == 0) {
    return print_long(printer);
  }
  append(printer.text, "{:#x} (", printer.value);
  append_flags(printer.text, constants("membarrier"), printer.value);
  printer.text += ')';
}

void print_arch_prctl_argument(Printer& printer) {
  constexpr std::uint64_t kGetCpuid = 0x1011;
  if (printer.reference() == kGetCpuid) {
    printer.omitted = true;
    return;
  }
  print_hex(printer);
}

void print_seccomp_flags(Printer& printer) {
  constexpr std::uint64_t kFilter = 1;
  if (printer.reference() == kFilter) {
    append_flags(printer.text, constants("seccomp_filter"), printer.value);
  } else {
    print_hex(printer);
  }
}

void append_clone_flags(std::string& text, std::uint64_t flags, std::uint64_t signal) {
  if (flags != 0) append_flags(text, constants("clone"), flags);
  if (signal != 0) {
    if (flags != 0) text += '|';
    append_signal(text, signal);
  }
  if (flags == 0 && signal == 0) text += '0';
}

constexpr std::uint64_t kSetTls = 0x00080000, kParentTid = 0x00100000, kChildClearTid = 0x00200000,
                        kChildTid = 0x01000000, kPidFd = 0x1000;

// The order of clone's arguments is the architecture's: on x86_64 the child's tid comes before its
// thread's storage, elsewhere behind it.
void print_clone(Printer& printer) {
  constexpr std::uint64_t kSignalMask = 0xff;
  const auto& args = printer.call.args;
  const bool is_x86_64 = printer.call.arch == "x86_64" || printer.call.arch == "x32";
  const auto flags = static_cast<std::uint32_t>(args[0] & ~kSignalMask);
  auto& text = printer.text;
  text += "child_stack=";
  append_address(text, args[1]);
  text += ", flags=";
  append_clone_flags(text, flags, args[0] & kSignalMask);
  if ((flags & kParentTid) != 0) {
    text += ", parent_tid=";
    if (printer.call.succeeded()) {  // that is what the kernel wrote there
      append(text, "[{}]", printer.call.retval);
    } else {
      append_address(text, args[2]);
    }
  }
  if ((flags & kSetTls) != 0) append(text, ", tls={:#x}", args[is_x86_64 ? 4 : 3]);
  if ((flags & (kChildTid | kChildClearTid)) != 0) {
    text += ", child_tidptr=";
    append_address(text, args[is_x86_64 ? 3 : 4]);
  }
}

constexpr CaptureSpec kClone3[] = {{Kind::kCounted, When::kEnter, 1}};

void print_clone3(Printer& printer) {
  struct Clone {
    std::uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
  };
  const auto* chunk = printer.chunk();
  const auto clone = chunk != nullptr ? chunk->read<Clone>() : std::nullopt;
  if (!clone) return printer.pointer();
  auto& text = printer.text;
  text += "{flags=";
  append_flags(text, constants("clone"), clone->flags);
  if ((clone->flags & kPidFd) != 0) append(text, ", pidfd={:#x}", clone->pidfd);
  if ((clone->flags & (kChildTid | kChildClearTid)) != 0) {
    text += ", child_tid=";
    append_address(text, clone->child_tid);
  }
  if ((clone->flags & kParentTid) != 0) {
    text += ", parent_tid=";
    append_address(text, clone->parent_tid);
  }
  text += ", exit_signal=";
  append_signal(text, clone->exit_signal);
  text += ", stack=";
  append_address(text, clone->stack);
  text += ", stack_size=";
  append_hex(text, clone->stack_size);
  if ((clone->flags & kSetTls) != 0) {
    text += ", tls=";
    append_address(text, clone->tls);
  }
  text += '}';
  if ((clone->flags & kParentTid) != 0 && printer.call.succeeded()) {
    append(text, " => {{parent_tid=[{}]}}", printer.call.retval);
  }
}

void print_socket_type(Printer& printer) {
  constexpr std::uint64_t kTypeMask = 0xf;
  append_constant(printer.text, constants("socket_type"), printer.value & kTypeMask);
  const auto rest = static_cast<std::uint32_t>(printer.value & ~kTypeMask);
  if (rest == 0) return;
  printer.text += '|';
  append_flags(printer.text, constants("socket_flags"), rest);
}

void print_protocol(Printer& printer) {
  switch (static_cast<std::uint32_t>(printer.reference())) {
    case AF_INET:
    case AF_INET6:
      return append_constant(printer.text, constants("inet_protocol"), printer.value);
    case AF_NETLINK:
      return append_constant(printer.text, constants("netlink_protocol"), printer.value);
    default:
      return print_int(printer);
  }
}

// --- futex -----------------------------------------------------------------------------------

constexpr std::uint64_t kLockPi2 = 13;

std::uint64_t futex_command(std::uint64_t operation) {
  return operation & FUTEX_CMD_MASK & UINT32_MAX;
}

bool is_one_of(std::uint64_t value, std::initializer_list<std::uint64_t> values) {
  return std::ranges::find(values, value) != values.end();
}

void print_futex_operation(Printer& printer) {
  append_constant(printer.text, constants("futex"), futex_command(printer.value));
  if ((printer.value & FUTEX_PRIVATE_FLAG) != 0) printer.text += "_PRIVATE";
  if ((printer.value & FUTEX_CLOCK_REALTIME) != 0) printer.text += "|FUTEX_CLOCK_REALTIME";
}

void print_futex_value(Printer& printer) {
  const auto command = futex_command(printer.reference());
  printer.omitted =
      is_one_of(command, {FUTEX_LOCK_PI, FUTEX_UNLOCK_PI, FUTEX_TRYLOCK_PI, kLockPi2});
  if (!printer.omitted) print_uint(printer);
}

constexpr CaptureSpec kTime[] = {{Kind::kBytes, When::kEnter, 16}};

// The argument is a time for some operations and a second number for others.
void print_futex_timeout(Printer& printer) {
  const auto command = futex_command(printer.reference());
  if (is_one_of(command,
                {FUTEX_WAIT, FUTEX_LOCK_PI, kLockPi2, FUTEX_WAIT_BITSET, FUTEX_WAIT_REQUEUE_PI})) {
    return print_struct<append_one_timespec>(printer);
  }
  printer.omitted =
      !is_one_of(command, {FUTEX_REQUEUE, FUTEX_CMP_REQUEUE, FUTEX_WAKE_OP, FUTEX_CMP_REQUEUE_PI});
  if (!printer.omitted) print_uint(printer);
}

void print_futex_address(Printer& printer) {
  printer.omitted = !is_one_of(futex_command(printer.reference()),
                               {FUTEX_REQUEUE, FUTEX_CMP_REQUEUE, FUTEX_WAKE_OP,
                                FUTEX_CMP_REQUEUE_PI, FUTEX_WAIT_REQUEUE_PI});
  if (!printer.omitted) printer.pointer();
}

void print_futex_value3(Printer& printer) {
  const auto value = static_cast<std::uint32_t>(printer.value);
  switch (futex_command(printer.reference())) {
    case FUTEX_WAIT_BITSET:
    case FUTEX_WAKE_BITSET:
      if (value == UINT32_MAX) {
        printer.text += "FUTEX_BITSET_MATCH_ANY";
      } else {
        append_hex(printer.text, value);
      }
      return;
    case FUTEX_WAKE_OP:
      return append_hex(printer.text, value);
    case FUTEX_CMP_REQUEUE:
    case FUTEX_CMP_REQUEUE_PI:
      return print_uint(printer);
    default:
      printer.omitted = true;
  }
}

// --- the table -------------------------------------------------------------------------------

constexpr CaptureSpec kPrctl[] = {{Kind::kString, When::kEnter, 0},
                                  {Kind::kString, When::kExit, 0}};
constexpr CaptureSpec kInOut[] = {{Kind::kBytes, When::kEnter, 4}, {Kind::kBytes, When::kExit, 4}};
constexpr CaptureSpec kPollfds[] = {{Kind::kCounted, When::kEnter, 8},
                                    {Kind::kCounted, When::kExit, 8}};
constexpr CaptureSpec kEvents[] = {{Kind::kResult, When::kExit, kEpollEventBytes}};
constexpr CaptureSpec kSockaddrOut[] = {{Kind::kSized, When::kExit, 0}};
constexpr CaptureSpec kIovec[] = {{Kind::kIovec, When::kEnter, 0}};
constexpr CaptureSpec kIovecOut[] = {{Kind::kIovec, When::kExit, 0}};
constexpr CaptureSpec kMessage[] = {{Kind::kMessage, When::kEnter, 0}};
constexpr CaptureSpec kMessageOut[] = {{Kind::kMessage, When::kExit, 0}};
constexpr CaptureSpec kIds[] = {{Kind::kCounted, When::kEnter, 4}};
constexpr CaptureSpec kIdsOut[] = {{Kind::kResult, When::kExit, 4}};
constexpr CaptureSpec kSets[] = {{Kind::kBytes, When::kEnter, 128}};

constexpr ArgumentType kTypes[] = {
    {"int", {}, print_int},
    {"fd", {}, print_int},
    {"uint", {}, print_uint},
    {"long", {}, print_long},
    {"off", {}, print_hex},
    {"size", {}, print_size},
    {"hex", {}, print_hex},
    {"oct", {}, print_mode},
    {"ptr", {}, print_pointer},
    {"none", {}, nullptr},
    {"mode", {}, print_mode},
    {"owner", {}, print_owner},
    {"signal", {}, print_signal},
    {"key", {}, print_key},
    {"dirfd", {}, print_directory},
    {"set", {}, print_flags},
    {"enum", {}, print_constant},
    {"file_type", {}, print_file_type},
    {"device", {}, print_new_device},
    {"path", kString, print_buffer},
    {"string", kString, print_buffer},
    {"in", kCounted, print_buffer},
    {"out", kResult, print_result_buffer},
    {"out_hex", kResult, print_random},
    {"out_string", kStringOut, print_buffer},
    {"argv", kArguments, print_strings},
    {"envp", kEnvironment, print_environment},
    {"open_flags", {}, print_open_flags},
    {"open_mode", {}, print_open_mode},
    {"open_how", kOpenHow, print_open_how},
    {"access", {}, print_access},
    {"at_statx", {}, print_statx_flags},
    {"statx_mask", {}, print_statx_mask},
    {"stat", kOut<144>, print_struct<append_stat>},
    {"statx", kOut<256>, print_struct<append_statx>},
    {"statfs", kOut<120>, print_struct<append_statfs>},
    {"timespec", kTime, print_struct<append_one_timespec>},
    {"timespec_out", kOut<16>, print_struct<append_one_timespec>},
    {"timespec_left", kAlways<16>, print_time_left},
    {"timespecs", kIn<32>, print_struct<append_file_times>},
    {"timeval", kTime, print_struct<append_one_timeval>},
    {"timeval_out", kOut<16>, print_struct<append_one_timeval>},
    {"itimerspec", kIn<32>, print_struct<append_itimerspec>},
    {"itimerspec_out", kOut<32>, print_struct<append_itimerspec>},
    {"itimerval", kIn<32>, print_struct<append_itimerval>},
    {"itimerval_out", kOut<32>, print_struct<append_itimerval>},
    {"sigaction", kIn<32>, print_struct<append_sigaction>},
    {"sigaction_out", kOut<32>, print_struct<append_sigaction>},
    {"sigset", kIn<8>, print_struct<append_signals>},
    {"sigset_out", kOut<8>, print_struct<append_signals>},
    {"sigaltstack", kIn<24>, print_struct<append_sigaltstack>},
    {"sigaltstack_out", kOut<24>, print_struct<append_sigaltstack>},
    {"rlimit", kIn<16>, print_struct<append_rlimit_32>},
    {"rlimit_out", kOut<16>, print_struct<append_rlimit_32>},
    {"rlimit64", kIn<16>, print_struct<append_rlimit_64>},
    {"rlimit64_out", kOut<16>, print_struct<append_rlimit_64>},
    {"rusage", kOut<32>, print_struct<append_rusage>},
    {"uname", kOut<130>, print_struct<append_uname>},
    {"sysinfo", kOut<112>, print_struct<append_sysinfo>},
    {"wait_status", kOut<4>, print_wait_status},
    {"fds", kOut<8>, print_struct<append_two_ints>},
    {"uint_out", kOut<4>, print_struct<append_one_int>},
    {"long_inout", kIn<8>, print_struct<append_one_long>},
    {"ids", kIds, print_ids},
    {"ids_out", kIdsOut, print_ids},
    {"cpus", kCounted, print_cpus},
    {"cpus_out", kResult, print_cpus},
    {"fcntl_argument", kIn<32>, print_fcntl_argument},
    {"fcntl_result", {}, print_fcntl_result},
    {"ioctl", {}, print_ioctl},
    {"ioctl_argument", kAlways<8>, print_ioctl_argument},
    {"mmap_flags", {}, print_mmap_flags},
    {"mremap_address", {}, print_mremap_address},
    {"prctl_argument", kPrctl, print_prctl_argument},
    {"prctl_further", {}, print_prctl_argument},
    {"prctl_result", {}, print_prctl_result},
    {"membarrier_result", {}, print_membarrier_result},
    {"arch_prctl_argument", {}, print_arch_prctl_argument},
    {"seccomp_flags", {}, print_seccomp_flags},
    {"clone", {}, print_clone},
    {"clone3", kClone3, print_clone3},
    {"futex_operation", {}, print_futex_operation},
    {"futex_value", {}, print_futex_value},
    {"futex_timeout", kTime, print_futex_timeout},
    {"futex_address", {}, print_futex_address},
    {"futex_value3", {}, print_futex_value3},
    {"socket_type", {}, print_socket_type},
    {"protocol", {}, print_protocol},
    {"sockaddr", kCounted, print_sockaddr},
    {"sockaddr_out", kSockaddrOut, print_sockaddr},
    {"length", kInOut, print_length},
    {"socket_option", {}, print_socket_option},
    {"option_value", kCounted, print_option_value},
    {"option_result", kSockaddrOut, print_option_value},
    {"iovec", kIovec, print_iovec},
    {"iovec_out", kIovecOut, print_iovec},
    {"msghdr", kMessage, print_message},
    {"msghdr_out", kMessageOut, print_message},
    {"pollfds", kPollfds, print_pollfds},
    {"poll_result", {}, print_poll_result},
    {"fd_set", kSets, print_fd_set},
    {"select_result", {}, print_select_result},
    {"epoll_event", kIn<kEpollEventBytes>, print_epoll_event},
    {"epoll_events", kEvents, print_epoll_events},
};

}  // namespace

std::uint64_t ArgumentPrinter::reference() const {
  return parameter->reference < call.args.size() ? call.args[parameter->reference] : 0;
}

const CapturedChunk* ArgumentPrinter::chunk(std::size_t n, std::uint8_t part) const {
  if (n >= parameter->type->captures.size()) return nullptr;
  return call.find(parameter->first_capture + n, part);
}

void ArgumentPrinter::pointer(std::uint64_t address) { append_address(text, address); }

const ArgumentType* find_argument_type(std::string_view name) {
  const auto* found = std::ranges::find(kTypes, name, &ArgumentType::name);
  return found == std::end(kTypes) ? nullptr : found;
}

}  // namespace ig
