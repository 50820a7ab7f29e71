// SPDX-License-Identifier: Apache-2.0
#include "recorder/extension/syscall_process_arguments.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <algorithm>

#include "recorder/extension/syscall_file_arguments.h"
#include "recorder/extension/syscall_plain_arguments.h"
#include "recorder/extension/syscall_signatures.h"
#include "recorder/extension/syscall_text.h"

namespace ig {
namespace {

using Printer = ArgumentPrinter;

const ConstantTable& constants(std::string_view name) { return *find_constants(name); }

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

constexpr std::uint64_t kLockPi2 = 13;

std::uint64_t futex_command(std::uint64_t operation) {
  return operation & static_cast<std::uint32_t>(FUTEX_CMD_MASK);
}

bool is_one_of(std::uint64_t value, std::initializer_list<std::uint64_t> values) {
  return std::ranges::find(values, value) != values.end();
}

}  // namespace

void print_mmap_flags(ArgumentPrinter& printer) {
  constexpr std::uint64_t kTypeMask = 0xf;
  append_constant(printer.text, constants("map_type"), printer.value & kTypeMask);
  const auto rest = static_cast<std::uint32_t>(printer.value & ~kTypeMask);
  if (rest == 0) return;
  printer.text += '|';
  append_flags(printer.text, constants("map"), rest);
}

void print_mremap_address(ArgumentPrinter& printer) {
  constexpr std::uint64_t kFixed = 2;
  if ((printer.reference() & kFixed) == 0) {
    printer.omitted = true;
    return;
  }
  printer.pointer();
}

// How many arguments the kernel looks at.
std::size_t count_prctl_arguments(std::uint32_t option) {
  switch (option) {
    case PR_GET_DUMPABLE:
    case PR_GET_KEEPCAPS:
    case PR_GET_SECCOMP:
    case PR_GET_TIMERSLACK:
    case PR_GET_SECUREBITS:
      return 1;
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
      return 2;
    case PR_SET_SECCOMP:
      return 3;
    default:
      return 5;
  }
}

void print_prctl_argument(ArgumentPrinter& printer) {
  const auto index =
      static_cast<std::size_t>(printer.parameter - printer.signature.parameters.data());
  const auto option = static_cast<std::uint32_t>(printer.reference());
  if (index >= count_prctl_arguments(option)) {
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

void print_prctl_result(ArgumentPrinter& printer) {
  print_long(printer);
  if (static_cast<std::uint32_t>(printer.reference()) != PR_GET_DUMPABLE) return;
  printer.text += " (";
  append_constant(printer.text, constants("pr_dumpable"), printer.value);
  printer.text += ')';
}

void print_membarrier_result(ArgumentPrinter& printer) {
  if (static_cast<std::uint32_t>(printer.reference()) != 0 || printer.value == 0) {
    return print_long(printer);
  }
  append(printer.text, "{:#x} (", printer.value);
  append_flags(printer.text, constants("membarrier"), printer.value);
  printer.text += ')';
}

void print_arch_prctl_argument(ArgumentPrinter& printer) {
  constexpr std::uint64_t kGetCpuid = 0x1011;
  if (printer.reference() == kGetCpuid) {
    printer.omitted = true;
    return;
  }
  print_hex(printer);
}

void print_seccomp_flags(ArgumentPrinter& printer) {
  constexpr std::uint64_t kFilter = 1;
  if (printer.reference() == kFilter) {
    append_flags(printer.text, constants("seccomp_filter"), printer.value);
  } else {
    print_hex(printer);
  }
}

// The order of clone's arguments is the architecture's: on x86_64 the child's tid comes before its
// thread's storage, elsewhere behind it.
void print_clone(ArgumentPrinter& printer) {
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

void print_clone3(ArgumentPrinter& printer) {
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

void print_socket_type(ArgumentPrinter& printer) {
  constexpr std::uint64_t kTypeMask = 0xf;
  append_constant(printer.text, constants("socket_type"), printer.value & kTypeMask);
  const auto rest = static_cast<std::uint32_t>(printer.value & ~kTypeMask);
  if (rest == 0) return;
  printer.text += '|';
  append_flags(printer.text, constants("socket_flags"), rest);
}

void print_protocol(ArgumentPrinter& printer) {
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

void print_futex_operation(ArgumentPrinter& printer) {
  append_constant(printer.text, constants("futex"), futex_command(printer.value));
  if ((printer.value & FUTEX_PRIVATE_FLAG) != 0) printer.text += "_PRIVATE";
  if ((printer.value & FUTEX_CLOCK_REALTIME) != 0) printer.text += "|FUTEX_CLOCK_REALTIME";
}

void print_futex_value(ArgumentPrinter& printer) {
  const auto command = futex_command(printer.reference());
  printer.omitted =
      is_one_of(command, {FUTEX_LOCK_PI, FUTEX_UNLOCK_PI, FUTEX_TRYLOCK_PI, kLockPi2});
  if (!printer.omitted) print_uint(printer);
}

// The argument is a time for some operations and a second number for others.
void print_futex_timeout(ArgumentPrinter& printer) {
  const auto command = futex_command(printer.reference());
  if (is_one_of(command,
                {FUTEX_WAIT, FUTEX_LOCK_PI, kLockPi2, FUTEX_WAIT_BITSET, FUTEX_WAIT_REQUEUE_PI})) {
    return print_struct<append_one_timespec>(printer);
  }
  printer.omitted =
      !is_one_of(command, {FUTEX_REQUEUE, FUTEX_CMP_REQUEUE, FUTEX_WAKE_OP, FUTEX_CMP_REQUEUE_PI});
  if (!printer.omitted) print_uint(printer);
}

void print_futex_address(ArgumentPrinter& printer) {
  printer.omitted = !is_one_of(futex_command(printer.reference()),
                               {FUTEX_REQUEUE, FUTEX_CMP_REQUEUE, FUTEX_WAKE_OP,
                                FUTEX_CMP_REQUEUE_PI, FUTEX_WAIT_REQUEUE_PI});
  if (!printer.omitted) printer.pointer();
}

void print_futex_value3(ArgumentPrinter& printer) {
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

}  // namespace ig
