// SPDX-License-Identifier: Apache-2.0
#include "recorder/extension/syscall_signatures.h"

#include <charconv>
#include <map>

#include "base/check.h"
#include "base/text.h"

namespace ig {
namespace {

// NAME(TYPE, ...) [RESULT]. A type's `[2]` means: its length is argument 2, counted from 0;
// `:names` the table of constants (syscall_constants.cpp). The types are those of
// syscall_argument_types.cpp.
constexpr std::string_view kTable = R"(
read(fd, out, size)
write(fd, in[2], size)
pread64(fd, out, size, long)
pwrite64(fd, in[2], size, long)
readv(fd, iovec_out[2], int)
writev(fd, iovec[2], int)
preadv(fd, iovec_out[2], int, long)
pwritev(fd, iovec[2], int, long)
preadv2(fd, iovec_out[2], int, long, long, set:rwf)
pwritev2(fd, iovec[2], int, long, long, set:rwf)
open(path, open_flags, open_mode[1])
openat(dirfd, path, open_flags, open_mode[2])
openat2(dirfd, path, open_how, size)
creat(path, mode)
close(int)
close_range(uint, uint, set:close_range)
stat(path, stat)
lstat(path, stat)
fstat(fd, stat)
newfstatat(dirfd, path, stat, set:at)
statx(dirfd, path, at_statx, statx_mask, statx)
statfs(path, statfs)
fstatfs(fd, statfs)
access(path, access)
faccessat(dirfd, path, access)
faccessat2(dirfd, path, access, set:at_access)
lseek(fd, long, enum:seek)
dup(fd)
dup2(fd, fd)
dup3(fd, fd, set:open)
pipe(fds)
pipe2(fds, set:open)
fcntl(fd, enum:fcntl, fcntl_argument[1]) fcntl_result[1]
ioctl(fd, ioctl, ioctl_argument[1])
flock(fd, set:flock)
fsync(fd)
fdatasync(fd)
ftruncate(fd, long)
truncate(path, long)
fallocate(fd, set:fallocate, long, long)
fadvise64(fd, long, size, enum:fadvise)
readahead(fd, long, size)
sendfile(fd, fd, long_inout, size)
splice(fd, long_inout, fd, long_inout, size, set:splice)
tee(fd, fd, size, set:splice)
copy_file_range(fd, long_inout, fd, long_inout, size, uint)
getdents64(fd, ptr, size)
getdents(fd, ptr, uint)
getcwd(out_string, size)
chdir(path)
fchdir(fd)
chroot(path)
pivot_root(path, path)
mkdir(path, mode)
mkdirat(dirfd, path, mode)
rmdir(path)
unlink(path)
unlinkat(dirfd, path, set:unlink)
rename(path, path)
renameat(dirfd, path, dirfd, path)
renameat2(dirfd, path, dirfd, path, set:rename)
link(path, path)
linkat(dirfd, path, dirfd, path, set:at)
symlink(path, path)
symlinkat(path, dirfd, path)
readlink(path, out, size)
readlinkat(dirfd, path, out, size)
chmod(path, mode)
fchmod(fd, mode)
fchmodat(dirfd, path, mode)
fchmodat2(dirfd, path, mode, set:at)
chown(path, owner, owner)
lchown(path, owner, owner)
fchown(fd, owner, owner)
fchownat(dirfd, path, owner, owner, set:at)
umask(mode) oct
mknod(path, file_type, device[1])
mknodat(dirfd, path, file_type, device[2])
utimensat(dirfd, path, timespecs, set:at)
getxattr(path, string, out, size)
lgetxattr(path, string, out, size)
fgetxattr(fd, string, out, size)
setxattr(path, string, in[3], size, set:xattr)
lsetxattr(path, string, in[3], size, set:xattr)
fsetxattr(fd, string, in[3], size, set:xattr)
listxattr(path, out, size)
llistxattr(path, out, size)
flistxattr(fd, out, size)
removexattr(path, string)
lremovexattr(path, string)
fremovexattr(fd, string)
mount(path, path, string, set:mount, ptr)
umount2(path, set:umount)
swapon(path, hex)
swapoff(path)
sync()
syncfs(fd)
inotify_init()
inotify_init1(set:inotify_init)
inotify_add_watch(fd, path, set:inotify)
inotify_rm_watch(fd, int)
memfd_create(string, set:memfd)
memfd_secret(uint)

mmap(ptr, size, set:prot, mmap_flags, int, off) hex
mprotect(ptr, size, set:prot)
munmap(ptr, size)
mremap(ptr, size, size, set:mremap, mremap_address[3]) hex
madvise(ptr, size, enum:madvise)
msync(ptr, size, set:msync)
mincore(ptr, size, ptr)
mlock(ptr, size)
mlock2(ptr, size, set:mlock2)
munlock(ptr, size)
mlockall(set:mlockall)
munlockall()
brk(ptr) hex
membarrier(enum:membarrier, uint) membarrier_result[0]

execve(path, argv, envp)
execveat(dirfd, path, argv, envp, set:at)
exit(int) none
exit_group(int) none
fork()
vfork()
clone(clone)
clone3(clone3, size)
wait4(int, wait_status, set:wait, rusage)
waitid(enum:waitid, int, ptr, set:wait, rusage)
kill(int, signal)
tkill(int, signal)
tgkill(int, int, signal)
getpid()
getppid()
gettid()
getpgrp()
getpgid(int)
setpgid(int, int)
getsid(int)
setsid()
getuid()
geteuid()
getgid()
getegid()
setuid(int)
setgid(int)
setreuid(int, int)
setregid(int, int)
setresuid(int, int, int)
setresgid(int, int, int)
getresuid(uint_out, uint_out, uint_out)
getresgid(uint_out, uint_out, uint_out)
setfsuid(int)
setfsgid(int)
getgroups(int, ids_out)
setgroups(size, ids[0])
capget(ptr, ptr)
capset(ptr, ptr)
prctl(enum:prctl, prctl_argument[0], prctl_further[0], prctl_further[0], prctl_further[0]) prctl_result[0]
arch_prctl(enum:arch_prctl, arch_prctl_argument[0])
personality(hex)
seccomp(enum:seccomp, seccomp_flags[0], ptr)
set_tid_address(ptr)
set_robust_list(ptr, size)
get_robust_list(int, ptr, ptr)
rseq(ptr, hex, int, hex)
getrlimit(enum:rlimit, rlimit_out)
setrlimit(enum:rlimit, rlimit)
prlimit64(int, enum:rlimit, rlimit64, rlimit64_out)
getrusage(enum:rusage, rusage)
sched_yield()
sched_getaffinity(int, uint, cpus_out)
sched_setaffinity(int, uint, cpus[1])
sched_getscheduler(int)
sched_setscheduler(int, enum:scheduler, ptr)
sched_getparam(int, ptr)
sched_setparam(int, ptr)
getpriority(enum:priority, int)
setpriority(enum:priority, int, int)
getcpu(uint_out, uint_out, ptr)
setns(fd, set:clone_namespaces)
unshare(set:clone_namespaces)
uname(uname)
sysinfo(sysinfo)
sethostname(in[1], size)
setdomainname(in[1], size)
getrandom(out_hex, size, set:getrandom)
times(ptr) hex

rt_sigaction(signal, sigaction, sigaction_out, size)
rt_sigprocmask(enum:sigmask, sigset, sigset_out, size)
rt_sigpending(sigset_out, size)
rt_sigsuspend(sigset, size)
rt_sigtimedwait(sigset, ptr, timespec, size)
rt_sigqueueinfo(int, signal, ptr)
rt_sigreturn() none
sigaltstack(sigaltstack, sigaltstack_out)
pause()
alarm(uint)
signalfd4(int, sigset, size, set:signalfd)
pidfd_open(int, set:pidfd)
pidfd_send_signal(fd, signal, ptr, uint)
pidfd_getfd(fd, int, uint)
restart_syscall()

futex(ptr, futex_operation, futex_value[1], futex_timeout[1], futex_address[1], futex_value3[1])
nanosleep(timespec, timespec_left)
clock_nanosleep(enum:clock, set:timer, timespec, timespec_left)
clock_gettime(enum:clock, timespec_out)
clock_getres(enum:clock, timespec_out)
clock_settime(enum:clock, timespec)
gettimeofday(timeval_out, ptr)
settimeofday(timeval, ptr)
time(ptr)
getitimer(enum:itimer, itimerval_out)
setitimer(enum:itimer, itimerval, itimerval_out)
timer_create(enum:clock, ptr, ptr)
timer_settime(int, set:timer, itimerspec, itimerspec_out)
timer_delete(int)
timerfd_create(enum:clock, set:timerfd)
timerfd_settime(fd, set:timerfd_settime, itimerspec, itimerspec_out)
timerfd_gettime(fd, itimerspec_out)
eventfd(uint)
eventfd2(uint, set:eventfd)

poll(pollfds[1], uint, int) poll_result
ppoll(pollfds[1], uint, timespec, sigset, size) poll_result
select(int, fd_set[0], fd_set[0], fd_set[0], timeval) select_result
pselect6(int, fd_set[0], fd_set[0], fd_set[0], timespec, ptr) select_result
epoll_create(int)
epoll_create1(set:epoll_create)
epoll_ctl(fd, enum:epoll_ctl, fd, epoll_event)
epoll_wait(fd, epoll_events, int, int)
epoll_pwait(fd, epoll_events, int, int, sigset, size)
epoll_pwait2(fd, epoll_events, int, timespec, sigset, size)

socket(enum:family, socket_type, protocol[0])
socketpair(enum:family, socket_type, protocol[0], fds)
bind(fd, sockaddr[2], int)
connect(fd, sockaddr[2], int)
listen(fd, int)
accept(fd, sockaddr_out[2], length)
accept4(fd, sockaddr_out[2], length, set:socket_flags)
getsockname(fd, sockaddr_out[2], length)
getpeername(fd, sockaddr_out[2], length)
sendto(fd, in[2], size, set:msg, sockaddr[5], uint)
recvfrom(fd, out, size, set:msg, sockaddr_out[5], length)
sendmsg(fd, msghdr, set:msg)
recvmsg(fd, msghdr_out, set:msg)
sendmmsg(fd, ptr, uint, set:msg)
recvmmsg(fd, ptr, uint, set:msg, timespec)
shutdown(fd, enum:shutdown)
setsockopt(fd, enum:sol, socket_option[1], option_value[4], int)
getsockopt(fd, enum:sol, socket_option[1], option_result[4], length)

shmget(key, size, hex)
shmat(int, ptr, hex) hex
shmctl(int, hex, ptr)
shmdt(ptr)
semget(key, int, hex)
msgget(key, hex)
bpf(enum:bpf, ptr, uint)
perf_event_open(ptr, int, int, int, hex)
io_uring_setup(uint, ptr)
io_uring_enter(fd, uint, uint, hex, ptr, size)
io_uring_register(fd, uint, ptr, uint)
name_to_handle_at(dirfd, path, ptr, ptr, set:at)
reboot(hex, hex, hex, ptr)
keyctl(int, hex, hex, hex, hex)
landlock_create_ruleset(ptr, size, hex)
landlock_restrict_self(fd, hex)
process_vm_readv(int, ptr, size, ptr, size, hex)
ptrace(enum:ptrace, int, ptr, ptr)
syslog(int, ptr, int)
)";

// As the other tables name what is the same call. i386 numbers some calls anew for 64-bit time and
// files; their structures are other ones, so the arguments stay numbers there.
constexpr std::pair<std::string_view, std::string_view> kSameAs[] = {
    {"chown32", "chown"},   {"fchown32", "fchown"},     {"lchown32", "lchown"},
    {"getuid32", "getuid"}, {"geteuid32", "geteuid"},   {"getgid32", "getgid"},
    {"setuid32", "setuid"}, {"setgid32", "setgid"},     {"getegid32", "getegid"},
    {"umount", "umount2"},  {"fstatat64", "newfstatat"}};

SyscallParameter parse_parameter(std::string_view word) {
  SyscallParameter parameter;
  if (const auto bracket = word.find('['); bracket != word.npos) {
    std::from_chars(word.data() + bracket + 1, word.data() + word.size(), parameter.reference);
    word = word.substr(0, bracket);
  }
  if (const auto colon = word.find(':'); colon != word.npos) {
    parameter.constants = find_constants(word.substr(colon + 1));
    IG_CHECK(parameter.constants != nullptr);
    word = word.substr(0, colon);
  }
  parameter.type = find_argument_type(word);
  IG_CHECK(parameter.type != nullptr);
  return parameter;
}

void number_captures(SyscallSignature& signature) {
  std::size_t operation = 0;
  for (auto& parameter : signature.parameters) {
    parameter.first_capture = operation;
    operation += parameter.type->captures.size();
  }
  IG_CHECK(operation <= kMaxCaptures);
}

SyscallSignature parse_line(std::string_view line) {
  SyscallSignature signature;
  const auto open = line.find('(');
  const auto close = line.find(')');
  signature.name = line.substr(0, open);
  for (auto words = line.substr(open + 1, close - open - 1); !words.empty();) {
    const auto comma = std::min(words.find(", "), words.size());
    signature.parameters.push_back(parse_parameter(words.substr(0, comma)));
    words.remove_prefix(std::min(comma + 2, words.size()));
  }
  if (close + 2 < line.size()) signature.result = parse_parameter(line.substr(close + 2));
  number_captures(signature);
  return signature;
}

using Table = std::map<std::string_view, SyscallSignature>;

Table parse_table() {
  Table table;
  for (auto text = kTable; !text.empty();) {
    const auto end = std::min(text.find('\n'), text.size());
    if (end > 0) {
      auto signature = parse_line(text.substr(0, end));
      table.emplace(signature.name, std::move(signature));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  for (const auto& [name, same] : kSameAs) table.emplace(name, table.at(same));
  return table;
}

}  // namespace

const SyscallSignature* find_syscall_signature(std::string_view name) {
  static const Table table = parse_table();
  const auto found = table.find(name);
  return found == table.end() ? nullptr : &found->second;
}

}  // namespace ig
