// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/argument_names.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <linux/netlink.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/tls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/socket.h>

#include <span>

namespace ig {
namespace {

struct Name {
  std::uint64_t value;
  std::string_view name;
};

#define NAME(constant) \
  { static_cast<std::uint64_t>(constant), #constant }

constexpr Name kDomains[] = {
    NAME(AF_UNSPEC), NAME(AF_UNIX),    NAME(AF_INET),      NAME(AF_INET6), NAME(AF_NETLINK),
    NAME(AF_PACKET), NAME(AF_ALG),     NAME(AF_BLUETOOTH), NAME(AF_CAN),   NAME(AF_KEY),
    NAME(AF_VSOCK),  NAME(AF_XDP),     NAME(AF_TIPC),      NAME(AF_RDS),   NAME(AF_IB),
    NAME(AF_KCM),    NAME(AF_QIPCRTR), NAME(AF_SMC),
};
constexpr Name kTypes[] = {
    NAME(SOCK_STREAM), NAME(SOCK_DGRAM), NAME(SOCK_RAW), NAME(SOCK_SEQPACKET), NAME(SOCK_PACKET),
};
constexpr Name kLevels[] = {
    NAME(SOL_SOCKET),   NAME(IPPROTO_IP),  NAME(IPPROTO_TCP), NAME(IPPROTO_UDP), NAME(IPPROTO_IPV6),
    NAME(IPPROTO_ICMP), NAME(IPPROTO_RAW), NAME(SOL_NETLINK), NAME(SOL_PACKET),  NAME(SOL_TLS),
};
constexpr Name kPrctl[] = {
    NAME(PR_SET_PDEATHSIG),
    NAME(PR_GET_PDEATHSIG),
    NAME(PR_GET_DUMPABLE),
    NAME(PR_SET_DUMPABLE),
    NAME(PR_GET_KEEPCAPS),
    NAME(PR_SET_KEEPCAPS),
    NAME(PR_SET_NAME),
    NAME(PR_GET_NAME),
    NAME(PR_GET_SECCOMP),
    NAME(PR_SET_SECCOMP),
    NAME(PR_CAPBSET_READ),
    NAME(PR_CAPBSET_DROP),
    NAME(PR_SET_SECUREBITS),
    NAME(PR_GET_SECUREBITS),
    NAME(PR_SET_TIMERSLACK),
    NAME(PR_SET_MM),
    NAME(PR_SET_PTRACER),
    NAME(PR_SET_CHILD_SUBREAPER),
    NAME(PR_GET_CHILD_SUBREAPER),
    NAME(PR_SET_NO_NEW_PRIVS),
    NAME(PR_GET_NO_NEW_PRIVS),
    NAME(PR_SET_THP_DISABLE),
    NAME(PR_CAP_AMBIENT),
    NAME(PR_SET_SPECULATION_CTRL),
    NAME(PR_GET_SPECULATION_CTRL),
    NAME(PR_SET_IO_FLUSHER),
    NAME(PR_SCHED_CORE),
    NAME(PR_SET_VMA),
};
constexpr Name kClone[] = {
    NAME(CLONE_VM),
    NAME(CLONE_FS),
    NAME(CLONE_FILES),
    NAME(CLONE_SIGHAND),
    NAME(CLONE_PIDFD),
    NAME(CLONE_PTRACE),
    NAME(CLONE_VFORK),
    NAME(CLONE_PARENT),
    NAME(CLONE_THREAD),
    NAME(CLONE_NEWNS),
    NAME(CLONE_SYSVSEM),
    NAME(CLONE_SETTLS),
    NAME(CLONE_PARENT_SETTID),
    NAME(CLONE_CHILD_CLEARTID),
    NAME(CLONE_DETACHED),
    NAME(CLONE_UNTRACED),
    NAME(CLONE_CHILD_SETTID),
    NAME(CLONE_NEWCGROUP),
    NAME(CLONE_NEWUTS),
    NAME(CLONE_NEWIPC),
    NAME(CLONE_NEWUSER),
    NAME(CLONE_NEWPID),
    NAME(CLONE_NEWNET),
    NAME(CLONE_IO),
};
constexpr Name kPersonality[] = {
    {0, "PER_LINUX"},
    {8, "PER_LINUX32"},
    {0x20000, "UNAME26"},
    {0x20008, "PER_LINUX32|UNAME26"},
    {0x40000, "ADDR_NO_RANDOMIZE"},
    {0xffffffff, "query"},
};
constexpr Name kKeyctl[] = {
    NAME(KEYCTL_GET_KEYRING_ID),
    NAME(KEYCTL_JOIN_SESSION_KEYRING),
    NAME(KEYCTL_UPDATE),
    NAME(KEYCTL_REVOKE),
    NAME(KEYCTL_CHOWN),
    NAME(KEYCTL_SETPERM),
    NAME(KEYCTL_DESCRIBE),
    NAME(KEYCTL_CLEAR),
    NAME(KEYCTL_LINK),
    NAME(KEYCTL_UNLINK),
    NAME(KEYCTL_SEARCH),
    NAME(KEYCTL_READ),
    NAME(KEYCTL_INSTANTIATE),
    NAME(KEYCTL_NEGATE),
    NAME(KEYCTL_SET_REQKEY_KEYRING),
    NAME(KEYCTL_SET_TIMEOUT),
    NAME(KEYCTL_ASSUME_AUTHORITY),
    NAME(KEYCTL_GET_SECURITY),
    NAME(KEYCTL_SESSION_TO_PARENT),
    NAME(KEYCTL_GET_PERSISTENT),
};
constexpr Name kBpf[] = {
    NAME(BPF_MAP_CREATE),
    NAME(BPF_MAP_LOOKUP_ELEM),
    NAME(BPF_MAP_UPDATE_ELEM),
    NAME(BPF_MAP_DELETE_ELEM),
    NAME(BPF_MAP_GET_NEXT_KEY),
    NAME(BPF_PROG_LOAD),
    NAME(BPF_OBJ_PIN),
    NAME(BPF_OBJ_GET),
    NAME(BPF_PROG_ATTACH),
    NAME(BPF_PROG_DETACH),
    NAME(BPF_PROG_TEST_RUN),
    NAME(BPF_PROG_QUERY),
    NAME(BPF_RAW_TRACEPOINT_OPEN),
    NAME(BPF_BTF_LOAD),
    NAME(BPF_LINK_CREATE),
};
constexpr Name kPtrace[] = {
    NAME(PTRACE_TRACEME),    NAME(PTRACE_PEEKTEXT),    NAME(PTRACE_PEEKDATA),
    NAME(PTRACE_PEEKUSER),   NAME(PTRACE_POKETEXT),    NAME(PTRACE_POKEDATA),
    NAME(PTRACE_CONT),       NAME(PTRACE_KILL),        NAME(PTRACE_SINGLESTEP),
    NAME(PTRACE_ATTACH),     NAME(PTRACE_DETACH),      NAME(PTRACE_SYSCALL),
    NAME(PTRACE_SETOPTIONS), NAME(PTRACE_GETEVENTMSG), NAME(PTRACE_GETSIGINFO),
    NAME(PTRACE_GETREGSET),  NAME(PTRACE_SETREGSET),   NAME(PTRACE_SEIZE),
    NAME(PTRACE_INTERRUPT),
};
constexpr Name kFcntl[] = {
    NAME(F_DUPFD),      NAME(F_GETFD),      NAME(F_SETFD),         NAME(F_GETFL),
    NAME(F_SETFL),      NAME(F_GETLK),      NAME(F_SETLK),         NAME(F_SETLKW),
    NAME(F_SETOWN),     NAME(F_GETOWN),     NAME(F_SETSIG),        NAME(F_GETSIG),
    NAME(F_SETLEASE),   NAME(F_NOTIFY),     NAME(F_DUPFD_CLOEXEC), NAME(F_SETPIPE_SZ),
    NAME(F_GETPIPE_SZ), NAME(F_ADD_SEALS),  NAME(F_GET_SEALS),     NAME(F_OFD_GETLK),
    NAME(F_OFD_SETLK),  NAME(F_OFD_SETLKW),
};
constexpr Name kIoctl[] = {
    NAME(TCGETS),      NAME(TCSETS),     NAME(TCSETSW),     NAME(TIOCSTI),      NAME(TIOCLINUX),
    NAME(TIOCGWINSZ),  NAME(TIOCSWINSZ), NAME(TIOCGPGRP),   NAME(TIOCSPGRP),    NAME(TIOCSCTTY),
    NAME(TIOCNOTTY),   NAME(TIOCGPTN),   NAME(TIOCSPTLCK),  NAME(FIONREAD),     NAME(FIONBIO),
    NAME(FIOASYNC),    NAME(FIOCLEX),    NAME(SIOCGIFCONF), NAME(SIOCGIFFLAGS), NAME(SIOCGIFINDEX),
    NAME(SIOCGIFADDR),
};
constexpr Name kProtection[] = {NAME(PROT_READ), NAME(PROT_WRITE), NAME(PROT_EXEC)};
constexpr Name kMadvise[] = {
    NAME(MADV_NORMAL),   NAME(MADV_RANDOM),     NAME(MADV_SEQUENTIAL), NAME(MADV_WILLNEED),
    NAME(MADV_DONTNEED), NAME(MADV_FREE),       NAME(MADV_REMOVE),     NAME(MADV_DONTFORK),
    NAME(MADV_DOFORK),   NAME(MADV_HUGEPAGE),   NAME(MADV_NOHUGEPAGE), NAME(MADV_DONTDUMP),
    NAME(MADV_DODUMP),   NAME(MADV_WIPEONFORK), NAME(MADV_COLD),       NAME(MADV_PAGEOUT),
};
constexpr Name kSeccomp[] = {
    NAME(SECCOMP_SET_MODE_STRICT),
    NAME(SECCOMP_SET_MODE_FILTER),
    NAME(SECCOMP_GET_ACTION_AVAIL),
    NAME(SECCOMP_GET_NOTIF_SIZES),
};
constexpr Name kArchPrctl[] = {
    {0x1001, "ARCH_SET_GS"},    {0x1002, "ARCH_SET_FS"},     {0x1003, "ARCH_GET_FS"},
    {0x1004, "ARCH_GET_GS"},    {0x3001, "ARCH_CET_STATUS"}, {0x1011, "ARCH_GET_CPUID"},
    {0x1012, "ARCH_SET_CPUID"},
};
#undef NAME

struct NamedArgument {
  std::string_view call;
  unsigned index;
  std::span<const Name> names;
  std::uint64_t flags = 0;  // which bits are flags, of those that are not one number
  bool wide = false;
};

constexpr std::uint64_t kAllBits = ~std::uint64_t{0};
constexpr std::uint64_t kCloneBits = kAllBits & ~std::uint64_t{CSIGNAL};

// Those that recordings keep, see gadgets/advise_seccomp/arguments.h.
constexpr NamedArgument kArguments[] = {
    {"socket", 0, kDomains},
    {"socketpair", 0, kDomains},
    {"socket", 1, kTypes, 0x7fffffff & ~0xfULL},
    {"socketpair", 1, kTypes, 0x7fffffff & ~0xfULL},
    {"setsockopt", 1, kLevels},
    {"getsockopt", 1, kLevels},
    {"prctl", 0, kPrctl},
    {"clone", 0, kClone, kCloneBits, true},
    {"unshare", 0, kClone, kAllBits, true},
    {"setns", 1, kClone, kAllBits},
    {"personality", 0, kPersonality},
    {"keyctl", 0, kKeyctl},
    {"bpf", 0, kBpf},
    {"ptrace", 0, kPtrace, 0, true},
    {"fcntl", 1, kFcntl},
    {"fcntl64", 1, kFcntl},
    {"ioctl", 1, kIoctl},
    {"mmap", 2, kProtection, kAllBits, true},
    {"mmap2", 2, kProtection, kAllBits, true},
    {"mprotect", 2, kProtection, kAllBits, true},
    {"madvise", 2, kMadvise},
    {"seccomp", 0, kSeccomp},
    {"arch_prctl", 0, kArchPrctl},
};

const NamedArgument* find_argument(std::string_view call, unsigned index) {
  for (const NamedArgument& argument : kArguments) {
    if (argument.call == call && argument.index == index) return &argument;
  }
  return nullptr;
}

std::string flags_text(const NamedArgument& argument, std::uint64_t value) {
  std::string text;
  std::uint64_t rest = value;
  const auto append = [&](std::string_view word) {
    if (!text.empty()) text += '|';
    text += word;
  };
  for (const Name& name : argument.names) {
    const bool is_flag = (name.value & ~argument.flags) == 0 && name.value != 0;
    if (is_flag ? (value & name.value) != name.value : (value & ~argument.flags) != name.value) {
      continue;
    }
    append(name.name);
    rest &= ~name.value;
  }
  if (rest != 0 || text.empty()) append(fmt::format("{:#x}", rest));
  return text;
}

}  // namespace

std::string argument_text(std::string_view call, unsigned index, std::uint64_t value) {
  const NamedArgument* argument = find_argument(call, index);
  if (!argument) return fmt::format("{:#x}", value);
  if (argument->flags != 0) return flags_text(*argument, value);
  for (const Name& name : argument->names) {
    if (name.value == value) return std::string(name.name);
  }
  return fmt::format("{:#x}", value);
}

bool is_wide_argument(std::string_view call, unsigned index) {
  const NamedArgument* argument = find_argument(call, index);
  return argument && argument->wide;
}

bool is_narrow_argument(std::string_view call, unsigned index) {
  const NamedArgument* argument = find_argument(call, index);
  return argument && !argument->wide;
}

}  // namespace ig
