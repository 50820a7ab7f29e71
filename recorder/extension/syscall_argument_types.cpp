// SPDX-License-Identifier: Apache-2.0
#include "recorder/extension/syscall_argument_types.h"

#include <algorithm>

#include "recorder/extension/syscall_file_arguments.h"
#include "recorder/extension/syscall_message_text.h"
#include "recorder/extension/syscall_plain_arguments.h"
#include "recorder/extension/syscall_process_arguments.h"
#include "recorder/extension/syscall_signatures.h"
#include "recorder/extension/syscall_text.h"

namespace ig {
namespace {

using Kind = CaptureSpec::Kind;
using When = CaptureSpec::When;

constexpr CaptureSpec kString[] = {{Kind::kString, When::kEnter, 0}};
constexpr CaptureSpec kStringOut[] = {{Kind::kString, When::kExit, 0}};
constexpr CaptureSpec kCounted[] = {{Kind::kCounted, When::kEnter, 1}};
constexpr CaptureSpec kResult[] = {{Kind::kResult, When::kExit, 1}};
constexpr CaptureSpec kArguments[] = {{Kind::kStrings, When::kEnter, 0}};
constexpr CaptureSpec kEnvironment[] = {{Kind::kCount, When::kEnter, 0}};
constexpr CaptureSpec kOpenHow[] = {{Kind::kBytes, When::kEnter, 24}};
template <std::uint16_t size>
constexpr CaptureSpec kIn[] = {{Kind::kBytes, When::kEnter, size}};
template <std::uint16_t size>
constexpr CaptureSpec kOut[] = {{Kind::kBytes, When::kExit, size}};
template <std::uint16_t size>
constexpr CaptureSpec kAlways[] = {{Kind::kBytes, When::kExitAlways, size}};
constexpr CaptureSpec kClone3[] = {{Kind::kCounted, When::kEnter, 1}};
constexpr CaptureSpec kTime[] = {{Kind::kBytes, When::kEnter, 16}};
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
