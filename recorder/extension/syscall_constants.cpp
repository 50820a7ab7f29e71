// SPDX-License-Identifier: Apache-2.0
#include "recorder/extension/syscall_constants.h"

#include <asm/ioctls.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/futex.h>
#include <linux/netlink.h>
#include <linux/openat2.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include <iterator>

namespace ig {
namespace {

// A constant of the system's headers.
#define IG_C(name) \
  Constant { #name, static_cast < std::uint64_t>(name) }
// One that they lack, or have another meaning for than the kernel.
#define IG_N(name, value) \
  Constant { #name, value }

// Where libc has 0 for it, since its files are always large.
#if defined(__aarch64__)
constexpr std::uint64_t kLargeFile = 0400000;
#else
constexpr std::uint64_t kLargeFile = 0100000;
#endif
constexpr Constant kOpen[] = {IG_C(O_CREAT),    IG_C(O_EXCL),
                              IG_C(O_NOCTTY),   IG_C(O_TRUNC),
                              IG_C(O_APPEND),   IG_C(O_NONBLOCK),
                              IG_C(O_SYNC),     IG_C(O_DSYNC),
                              IG_C(O_DIRECT),   IG_N(O_LARGEFILE, kLargeFile),
                              IG_C(O_NOFOLLOW), IG_C(O_NOATIME),
                              IG_C(O_CLOEXEC),  IG_C(O_PATH),
                              IG_C(O_TMPFILE),  IG_C(O_DIRECTORY),
                              IG_C(O_ASYNC)};
constexpr Constant kAccessMode[] = {IG_C(O_RDONLY), IG_C(O_WRONLY), IG_C(O_RDWR)};
constexpr Constant kResolve[] = {IG_C(RESOLVE_NO_XDEV),     IG_C(RESOLVE_NO_MAGICLINKS),
                                 IG_C(RESOLVE_NO_SYMLINKS), IG_C(RESOLVE_BENEATH),
                                 IG_C(RESOLVE_IN_ROOT),     IG_N(RESOLVE_CACHED, 0x20)};
constexpr Constant kAt[] = {IG_C(AT_SYMLINK_NOFOLLOW), IG_C(AT_REMOVEDIR),  IG_C(AT_SYMLINK_FOLLOW),
                            IG_C(AT_NO_AUTOMOUNT),     IG_C(AT_EMPTY_PATH), IG_C(AT_RECURSIVE)};
constexpr Constant kAtAccess[] = {IG_C(AT_SYMLINK_NOFOLLOW), IG_C(AT_EACCESS), IG_C(AT_EMPTY_PATH)};
constexpr Constant kUnlink[] = {IG_C(AT_REMOVEDIR)};
constexpr Constant kStatxSync[] = {IG_C(AT_STATX_SYNC_AS_STAT), IG_C(AT_STATX_FORCE_SYNC),
                                   IG_C(AT_STATX_DONT_SYNC)};
constexpr Constant kStatxMask[] = {
    IG_N(STATX_ALL, 0xfff),      IG_N(STATX_BASIC_STATS, 0x7ff), IG_N(STATX_TYPE, 1),
    IG_N(STATX_MODE, 2),         IG_N(STATX_NLINK, 4),           IG_N(STATX_UID, 8),
    IG_N(STATX_GID, 0x10),       IG_N(STATX_ATIME, 0x20),        IG_N(STATX_MTIME, 0x40),
    IG_N(STATX_CTIME, 0x80),     IG_N(STATX_INO, 0x100),         IG_N(STATX_SIZE, 0x200),
    IG_N(STATX_BLOCKS, 0x400),   IG_N(STATX_BTIME, 0x800),       IG_N(STATX_MNT_ID, 0x1000),
    IG_N(STATX_DIOALIGN, 0x2000)};
constexpr Constant kStatxAttributes[] = {
    IG_N(STATX_ATTR_COMPRESSED, 4),      IG_N(STATX_ATTR_IMMUTABLE, 0x10),
    IG_N(STATX_ATTR_APPEND, 0x20),       IG_N(STATX_ATTR_NODUMP, 0x40),
    IG_N(STATX_ATTR_ENCRYPTED, 0x800),   IG_N(STATX_ATTR_AUTOMOUNT, 0x1000),
    IG_N(STATX_ATTR_MOUNT_ROOT, 0x2000), IG_N(STATX_ATTR_VERITY, 0x100000),
    IG_N(STATX_ATTR_DAX, 0x200000)};
constexpr Constant kAccess[] = {IG_C(F_OK), IG_N(R_OK, 4), IG_N(W_OK, 2), IG_N(X_OK, 1)};
constexpr Constant kSeek[] = {IG_C(SEEK_SET), IG_C(SEEK_CUR), IG_C(SEEK_END), IG_C(SEEK_DATA),
                              IG_C(SEEK_HOLE)};
constexpr Constant kFcntl[] = {
    IG_C(F_DUPFD),           IG_C(F_GETFD),       IG_C(F_SETFD),         IG_C(F_GETFL),
    IG_C(F_SETFL),           IG_C(F_GETLK),       IG_C(F_SETLK),         IG_C(F_SETLKW),
    IG_C(F_SETOWN),          IG_C(F_GETOWN),      IG_C(F_SETSIG),        IG_C(F_GETSIG),
    IG_C(F_SETOWN_EX),       IG_C(F_GETOWN_EX),   IG_N(F_OFD_GETLK, 36), IG_N(F_OFD_SETLK, 37),
    IG_N(F_OFD_SETLKW, 38),  IG_C(F_SETLEASE),    IG_C(F_GETLEASE),      IG_C(F_NOTIFY),
    IG_C(F_DUPFD_CLOEXEC),   IG_C(F_SETPIPE_SZ),  IG_C(F_GETPIPE_SZ),    IG_C(F_ADD_SEALS),
    IG_C(F_GET_SEALS),       IG_C(F_GET_RW_HINT), IG_C(F_SET_RW_HINT),   IG_C(F_GET_FILE_RW_HINT),
    IG_C(F_SET_FILE_RW_HINT)};
constexpr Constant kFdFlags[] = {IG_C(FD_CLOEXEC)};
constexpr Constant kLockType[] = {IG_C(F_RDLCK), IG_C(F_WRLCK), IG_C(F_UNLCK)};
constexpr Constant kSeals[] = {IG_C(F_SEAL_SEAL), IG_C(F_SEAL_SHRINK), IG_C(F_SEAL_GROW),
                               IG_C(F_SEAL_WRITE), IG_N(F_SEAL_FUTURE_WRITE, 0x10)};
constexpr Constant kIoctl[] = {
    IG_C(TCGETS),          IG_C(TCSETS),        IG_C(TCSETSW),      IG_C(TCSETSF),
    IG_C(TIOCGWINSZ),      IG_C(TIOCSWINSZ),    IG_C(TIOCGPGRP),    IG_C(TIOCSPGRP),
    IG_C(TIOCSCTTY),       IG_C(TIOCNOTTY),     IG_C(TIOCGPTN),     IG_C(TIOCSPTLCK),
    IG_C(TIOCGPTPEER),     IG_C(FIONREAD),      IG_C(FIONBIO),      IG_C(FIOASYNC),
    IG_C(FIOCLEX),         IG_C(FIONCLEX),      IG_C(SIOCGIFCONF),  IG_C(SIOCGIFFLAGS),
    IG_C(SIOCSIFFLAGS),    IG_C(SIOCGIFADDR),   IG_C(SIOCSIFADDR),  IG_C(SIOCGIFNETMASK),
    IG_C(SIOCGIFMTU),      IG_C(SIOCGIFHWADDR), IG_C(SIOCGIFINDEX), IG_C(SIOCGIFNAME),
    IG_C(SIOCETHTOOL),     IG_C(FICLONE),       IG_C(FICLONERANGE), IG_C(FS_IOC_GETFLAGS),
    IG_C(FS_IOC_SETFLAGS), IG_C(BLKGETSIZE64),  IG_C(BLKSSZGET)};
constexpr Constant kFlock[] = {IG_C(LOCK_SH), IG_C(LOCK_EX), IG_C(LOCK_NB), IG_C(LOCK_UN)};
constexpr Constant kFallocate[] = {
    IG_N(FALLOC_FL_KEEP_SIZE, 1),       IG_N(FALLOC_FL_PUNCH_HOLE, 2),
    IG_N(FALLOC_FL_NO_HIDE_STALE, 4),   IG_N(FALLOC_FL_COLLAPSE_RANGE, 8),
    IG_N(FALLOC_FL_ZERO_RANGE, 0x10),   IG_N(FALLOC_FL_INSERT_RANGE, 0x20),
    IG_N(FALLOC_FL_UNSHARE_RANGE, 0x40)};
constexpr Constant kFadvise[] = {IG_C(POSIX_FADV_NORMAL),     IG_C(POSIX_FADV_RANDOM),
                                 IG_C(POSIX_FADV_SEQUENTIAL), IG_C(POSIX_FADV_WILLNEED),
                                 IG_C(POSIX_FADV_DONTNEED),   IG_C(POSIX_FADV_NOREUSE)};
constexpr Constant kSplice[] = {IG_C(SPLICE_F_MOVE), IG_C(SPLICE_F_NONBLOCK), IG_C(SPLICE_F_MORE),
                                IG_C(SPLICE_F_GIFT)};
constexpr Constant kRwf[] = {IG_C(RWF_HIPRI), IG_C(RWF_DSYNC), IG_C(RWF_SYNC), IG_C(RWF_NOWAIT),
                             IG_C(RWF_APPEND)};
constexpr Constant kCloseRange[] = {IG_N(CLOSE_RANGE_UNSHARE, 2), IG_N(CLOSE_RANGE_CLOEXEC, 4)};
constexpr Constant kRename[] = {IG_C(RENAME_NOREPLACE), IG_C(RENAME_EXCHANGE),
                                IG_C(RENAME_WHITEOUT)};
constexpr Constant kXattr[] = {IG_C(XATTR_CREATE), IG_C(XATTR_REPLACE)};
constexpr Constant kMount[] = {
    IG_C(MS_RDONLY),      IG_C(MS_NOSUID),     IG_C(MS_NODEV),       IG_C(MS_NOEXEC),
    IG_C(MS_SYNCHRONOUS), IG_C(MS_REMOUNT),    IG_C(MS_MANDLOCK),    IG_C(MS_DIRSYNC),
    IG_C(MS_NOATIME),     IG_C(MS_NODIRATIME), IG_C(MS_BIND),        IG_C(MS_MOVE),
    IG_C(MS_REC),         IG_C(MS_SILENT),     IG_C(MS_POSIXACL),    IG_C(MS_UNBINDABLE),
    IG_C(MS_PRIVATE),     IG_C(MS_SLAVE),      IG_C(MS_SHARED),      IG_C(MS_RELATIME),
    IG_C(MS_KERNMOUNT),   IG_C(MS_I_VERSION),  IG_C(MS_STRICTATIME), IG_C(MS_LAZYTIME)};
constexpr Constant kUmount[] = {IG_C(MNT_FORCE), IG_C(MNT_DETACH), IG_C(MNT_EXPIRE),
                                IG_C(UMOUNT_NOFOLLOW)};
constexpr Constant kInotifyInit[] = {IG_C(IN_NONBLOCK), IG_C(IN_CLOEXEC)};
constexpr Constant kInotify[] = {
    IG_C(IN_ACCESS),        IG_C(IN_MODIFY),      IG_C(IN_ATTRIB),      IG_C(IN_CLOSE_WRITE),
    IG_C(IN_CLOSE_NOWRITE), IG_C(IN_OPEN),        IG_C(IN_MOVED_FROM),  IG_C(IN_MOVED_TO),
    IG_C(IN_CREATE),        IG_C(IN_DELETE),      IG_C(IN_DELETE_SELF), IG_C(IN_MOVE_SELF),
    IG_C(IN_UNMOUNT),       IG_C(IN_Q_OVERFLOW),  IG_C(IN_IGNORED),     IG_C(IN_ONLYDIR),
    IG_C(IN_DONT_FOLLOW),   IG_C(IN_EXCL_UNLINK), IG_C(IN_MASK_CREATE), IG_C(IN_MASK_ADD),
    IG_C(IN_ISDIR),         IG_C(IN_ONESHOT)};
constexpr Constant kMemfd[] = {IG_C(MFD_CLOEXEC), IG_C(MFD_ALLOW_SEALING), IG_C(MFD_HUGETLB)};
constexpr Constant kProt[] = {IG_C(PROT_NONE),   IG_C(PROT_READ),   IG_C(PROT_WRITE),
                              IG_C(PROT_EXEC),   IG_N(PROT_SEM, 8), IG_C(PROT_GROWSDOWN),
                              IG_C(PROT_GROWSUP)};
constexpr Constant kMapType[] = {IG_N(MAP_FILE, 0), IG_C(MAP_SHARED), IG_C(MAP_PRIVATE),
                                 IG_C(MAP_SHARED_VALIDATE)};
constexpr Constant kMap[] = {IG_C(MAP_FIXED),         IG_C(MAP_ANONYMOUS),
                             IG_N(MAP_32BIT, 0x40),   IG_C(MAP_NORESERVE),
                             IG_C(MAP_POPULATE),      IG_C(MAP_NONBLOCK),
                             IG_C(MAP_GROWSDOWN),     IG_C(MAP_DENYWRITE),
                             IG_C(MAP_EXECUTABLE),    IG_C(MAP_LOCKED),
                             IG_C(MAP_STACK),         IG_C(MAP_HUGETLB),
                             IG_N(MAP_SYNC, 0x80000), IG_N(MAP_FIXED_NOREPLACE, 0x100000)};
constexpr Constant kMremap[] = {IG_C(MREMAP_MAYMOVE), IG_C(MREMAP_FIXED),
                                IG_N(MREMAP_DONTUNMAP, 4)};
constexpr Constant kMadvise[] = {IG_C(MADV_NORMAL),
                                 IG_C(MADV_RANDOM),
                                 IG_C(MADV_SEQUENTIAL),
                                 IG_C(MADV_WILLNEED),
                                 IG_C(MADV_DONTNEED),
                                 IG_N(MADV_FREE, 8),
                                 IG_N(MADV_REMOVE, 9),
                                 IG_N(MADV_DONTFORK, 10),
                                 IG_N(MADV_DOFORK, 11),
                                 IG_N(MADV_MERGEABLE, 12),
                                 IG_N(MADV_UNMERGEABLE, 13),
                                 IG_N(MADV_HUGEPAGE, 14),
                                 IG_N(MADV_NOHUGEPAGE, 15),
                                 IG_N(MADV_DONTDUMP, 16),
                                 IG_N(MADV_DODUMP, 17),
                                 IG_N(MADV_WIPEONFORK, 18),
                                 IG_N(MADV_KEEPONFORK, 19),
                                 IG_N(MADV_COLD, 20),
                                 IG_N(MADV_PAGEOUT, 21),
                                 IG_N(MADV_POPULATE_READ, 22),
                                 IG_N(MADV_POPULATE_WRITE, 23),
                                 IG_N(MADV_DONTNEED_LOCKED, 24),
                                 IG_N(MADV_COLLAPSE, 25)};
constexpr Constant kMsync[] = {IG_C(MS_SYNC), IG_C(MS_ASYNC), IG_C(MS_INVALIDATE)};
constexpr Constant kMlock2[] = {IG_N(MLOCK_ONFAULT, 1)};
constexpr Constant kMlockall[] = {IG_C(MCL_CURRENT), IG_C(MCL_FUTURE), IG_C(MCL_ONFAULT)};
constexpr Constant kMembarrier[] = {IG_N(MEMBARRIER_CMD_QUERY, 0),
                                    IG_N(MEMBARRIER_CMD_GLOBAL, 1),
                                    IG_N(MEMBARRIER_CMD_GLOBAL_EXPEDITED, 2),
                                    IG_N(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 4),
                                    IG_N(MEMBARRIER_CMD_PRIVATE_EXPEDITED, 8),
                                    IG_N(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 16),
                                    IG_N(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 32),
                                    IG_N(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, 64),
                                    IG_N(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ, 128),
                                    IG_N(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ, 256)};
constexpr Constant kClone[] = {IG_C(CLONE_VM),
                               IG_C(CLONE_FS),
                               IG_C(CLONE_FILES),
                               IG_C(CLONE_SIGHAND),
                               IG_N(CLONE_PIDFD, 0x1000),
                               IG_C(CLONE_PTRACE),
                               IG_C(CLONE_VFORK),
                               IG_C(CLONE_PARENT),
                               IG_C(CLONE_THREAD),
                               IG_C(CLONE_NEWNS),
                               IG_C(CLONE_SYSVSEM),
                               IG_C(CLONE_SETTLS),
                               IG_C(CLONE_PARENT_SETTID),
                               IG_C(CLONE_CHILD_CLEARTID),
                               IG_C(CLONE_UNTRACED),
                               IG_C(CLONE_CHILD_SETTID),
                               IG_C(CLONE_NEWCGROUP),
                               IG_C(CLONE_NEWUTS),
                               IG_C(CLONE_NEWIPC),
                               IG_C(CLONE_NEWUSER),
                               IG_C(CLONE_NEWPID),
                               IG_C(CLONE_NEWNET),
                               IG_C(CLONE_IO),
                               IG_N(CLONE_NEWTIME, 0x80),
                               IG_N(CLONE_CLEAR_SIGHAND, 0x100000000),
                               IG_N(CLONE_INTO_CGROUP, 0x200000000)};
constexpr Constant kCloneNamespaces[] = {
    IG_N(CLONE_NEWTIME, 0x80), IG_C(CLONE_VM),     IG_C(CLONE_FS),     IG_C(CLONE_FILES),
    IG_C(CLONE_SIGHAND),       IG_C(CLONE_THREAD), IG_C(CLONE_NEWNS),  IG_C(CLONE_SYSVSEM),
    IG_C(CLONE_NEWCGROUP),     IG_C(CLONE_NEWUTS), IG_C(CLONE_NEWIPC), IG_C(CLONE_NEWUSER),
    IG_C(CLONE_NEWPID),        IG_C(CLONE_NEWNET)};
constexpr Constant kWait[] = {IG_C(WNOHANG),
                              IG_C(WEXITED),
                              IG_C(WSTOPPED),
                              IG_C(WCONTINUED),
                              IG_C(WNOWAIT),
                              IG_N(__WCLONE, 0x80000000),
                              IG_N(__WALL, 0x40000000),
                              IG_N(__WNOTHREAD, 0x20000000)};
constexpr Constant kWaitid[] = {IG_N(P_ALL, 0), IG_N(P_PID, 1), IG_N(P_PGID, 2), IG_N(P_PIDFD, 3)};
constexpr Constant kSignal[] = {
    IG_N(SIGHUP, 1),   IG_N(SIGINT, 2),     IG_N(SIGQUIT, 3),  IG_N(SIGILL, 4),
    IG_N(SIGTRAP, 5),  IG_N(SIGABRT, 6),    IG_N(SIGBUS, 7),   IG_N(SIGFPE, 8),
    IG_N(SIGKILL, 9),  IG_N(SIGUSR1, 10),   IG_N(SIGSEGV, 11), IG_N(SIGUSR2, 12),
    IG_N(SIGPIPE, 13), IG_N(SIGALRM, 14),   IG_N(SIGTERM, 15), IG_N(SIGSTKFLT, 16),
    IG_N(SIGCHLD, 17), IG_N(SIGCONT, 18),   IG_N(SIGSTOP, 19), IG_N(SIGTSTP, 20),
    IG_N(SIGTTIN, 21), IG_N(SIGTTOU, 22),   IG_N(SIGURG, 23),  IG_N(SIGXCPU, 24),
    IG_N(SIGXFSZ, 25), IG_N(SIGVTALRM, 26), IG_N(SIGPROF, 27), IG_N(SIGWINCH, 28),
    IG_N(SIGIO, 29),   IG_N(SIGPWR, 30),    IG_N(SIGSYS, 31)};
constexpr Constant kSigaction[] = {IG_N(SA_RESTORER, 0x04000000),
                                   IG_C(SA_ONSTACK),
                                   IG_C(SA_RESTART),
                                   IG_C(SA_NODEFER),
                                   IG_C(SA_RESETHAND),
                                   IG_C(SA_SIGINFO),
                                   IG_C(SA_NOCLDSTOP),
                                   IG_C(SA_NOCLDWAIT)};
constexpr Constant kSigmask[] = {IG_C(SIG_BLOCK), IG_C(SIG_UNBLOCK), IG_C(SIG_SETMASK)};
constexpr Constant kSigaltstack[] = {IG_N(SS_ONSTACK, 1), IG_N(SS_DISABLE, 2),
                                     IG_N(SS_AUTODISARM, 0x80000000)};
constexpr Constant kSignalfd[] = {IG_C(SFD_CLOEXEC), IG_C(SFD_NONBLOCK)};
constexpr Constant kPidfd[] = {IG_N(PIDFD_NONBLOCK, 04000)};
constexpr Constant kPrctl[] = {IG_C(PR_SET_PDEATHSIG),
                               IG_C(PR_GET_PDEATHSIG),
                               IG_C(PR_GET_DUMPABLE),
                               IG_C(PR_SET_DUMPABLE),
                               IG_C(PR_GET_UNALIGN),
                               IG_C(PR_SET_UNALIGN),
                               IG_C(PR_GET_KEEPCAPS),
                               IG_C(PR_SET_KEEPCAPS),
                               IG_C(PR_GET_TIMING),
                               IG_C(PR_SET_TIMING),
                               IG_C(PR_SET_NAME),
                               IG_C(PR_GET_NAME),
                               IG_C(PR_GET_SECCOMP),
                               IG_C(PR_SET_SECCOMP),
                               IG_C(PR_CAPBSET_READ),
                               IG_C(PR_CAPBSET_DROP),
                               IG_C(PR_GET_TSC),
                               IG_C(PR_SET_TSC),
                               IG_C(PR_GET_SECUREBITS),
                               IG_C(PR_SET_SECUREBITS),
                               IG_C(PR_SET_TIMERSLACK),
                               IG_C(PR_GET_TIMERSLACK),
                               IG_C(PR_SET_MM),
                               IG_C(PR_SET_CHILD_SUBREAPER),
                               IG_C(PR_GET_CHILD_SUBREAPER),
                               IG_C(PR_SET_NO_NEW_PRIVS),
                               IG_C(PR_GET_NO_NEW_PRIVS),
                               IG_C(PR_GET_TID_ADDRESS),
                               IG_C(PR_SET_THP_DISABLE),
                               IG_C(PR_GET_THP_DISABLE),
                               IG_C(PR_CAP_AMBIENT),
                               IG_C(PR_GET_SPECULATION_CTRL),
                               IG_C(PR_SET_SPECULATION_CTRL),
                               IG_C(PR_SET_IO_FLUSHER),
                               IG_C(PR_GET_IO_FLUSHER),
                               IG_C(PR_SET_PTRACER),
                               IG_N(PR_SCHED_CORE, 62),
                               IG_N(PR_SET_MDWE, 65),
                               IG_N(PR_GET_MDWE, 66),
                               IG_N(PR_SET_VMA, 0x53564d41)};
constexpr Constant kPrCapAmbient[] = {IG_C(PR_CAP_AMBIENT_IS_SET), IG_C(PR_CAP_AMBIENT_RAISE),
                                      IG_C(PR_CAP_AMBIENT_LOWER), IG_C(PR_CAP_AMBIENT_CLEAR_ALL)};
constexpr Constant kPrDumpable[] = {IG_N(SUID_DUMP_DISABLE, 0), IG_N(SUID_DUMP_USER, 1),
                                    IG_N(SUID_DUMP_ROOT, 2)};
constexpr Constant kSeccompMode[] = {IG_N(SECCOMP_MODE_DISABLED, 0), IG_N(SECCOMP_MODE_STRICT, 1),
                                     IG_N(SECCOMP_MODE_FILTER, 2)};
constexpr Constant kCapability[] = {IG_C(CAP_CHOWN),
                                    IG_C(CAP_DAC_OVERRIDE),
                                    IG_C(CAP_DAC_READ_SEARCH),
                                    IG_C(CAP_FOWNER),
                                    IG_C(CAP_FSETID),
                                    IG_C(CAP_KILL),
                                    IG_C(CAP_SETGID),
                                    IG_C(CAP_SETUID),
                                    IG_C(CAP_SETPCAP),
                                    IG_C(CAP_LINUX_IMMUTABLE),
                                    IG_C(CAP_NET_BIND_SERVICE),
                                    IG_C(CAP_NET_BROADCAST),
                                    IG_C(CAP_NET_ADMIN),
                                    IG_C(CAP_NET_RAW),
                                    IG_C(CAP_IPC_LOCK),
                                    IG_C(CAP_IPC_OWNER),
                                    IG_C(CAP_SYS_MODULE),
                                    IG_C(CAP_SYS_RAWIO),
                                    IG_C(CAP_SYS_CHROOT),
                                    IG_C(CAP_SYS_PTRACE),
                                    IG_C(CAP_SYS_PACCT),
                                    IG_C(CAP_SYS_ADMIN),
                                    IG_C(CAP_SYS_BOOT),
                                    IG_C(CAP_SYS_NICE),
                                    IG_C(CAP_SYS_RESOURCE),
                                    IG_C(CAP_SYS_TIME),
                                    IG_C(CAP_SYS_TTY_CONFIG),
                                    IG_C(CAP_MKNOD),
                                    IG_C(CAP_LEASE),
                                    IG_C(CAP_AUDIT_WRITE),
                                    IG_C(CAP_AUDIT_CONTROL),
                                    IG_C(CAP_SETFCAP),
                                    IG_C(CAP_MAC_OVERRIDE),
                                    IG_C(CAP_MAC_ADMIN),
                                    IG_C(CAP_SYSLOG),
                                    IG_C(CAP_WAKE_ALARM),
                                    IG_C(CAP_BLOCK_SUSPEND),
                                    IG_C(CAP_AUDIT_READ),
                                    IG_C(CAP_PERFMON),
                                    IG_C(CAP_BPF),
                                    IG_C(CAP_CHECKPOINT_RESTORE)};
constexpr Constant kArchPrctl[] = {
    IG_N(ARCH_SET_GS, 0x1001),         IG_N(ARCH_SET_FS, 0x1002),
    IG_N(ARCH_GET_FS, 0x1003),         IG_N(ARCH_GET_GS, 0x1004),
    IG_N(ARCH_GET_CPUID, 0x1011),      IG_N(ARCH_SET_CPUID, 0x1012),
    IG_N(ARCH_GET_XCOMP_SUPP, 0x1021), IG_N(ARCH_GET_XCOMP_PERM, 0x1022),
    IG_N(ARCH_REQ_XCOMP_PERM, 0x1023)};
constexpr Constant kSeccomp[] = {IG_N(SECCOMP_SET_MODE_STRICT, 0), IG_N(SECCOMP_SET_MODE_FILTER, 1),
                                 IG_N(SECCOMP_GET_ACTION_AVAIL, 2),
                                 IG_N(SECCOMP_GET_NOTIF_SIZES, 3)};
constexpr Constant kSeccompFilter[] = {IG_N(SECCOMP_FILTER_FLAG_TSYNC, 1),
                                       IG_N(SECCOMP_FILTER_FLAG_LOG, 2),
                                       IG_N(SECCOMP_FILTER_FLAG_SPEC_ALLOW, 4),
                                       IG_N(SECCOMP_FILTER_FLAG_NEW_LISTENER, 8),
                                       IG_N(SECCOMP_FILTER_FLAG_TSYNC_ESRCH, 0x10),
                                       IG_N(SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, 0x20)};
constexpr Constant kRlimit[] = {
    IG_C(RLIMIT_CPU),      IG_C(RLIMIT_FSIZE), IG_C(RLIMIT_DATA),   IG_C(RLIMIT_STACK),
    IG_C(RLIMIT_CORE),     IG_C(RLIMIT_RSS),   IG_C(RLIMIT_NPROC),  IG_C(RLIMIT_NOFILE),
    IG_C(RLIMIT_MEMLOCK),  IG_C(RLIMIT_AS),    IG_C(RLIMIT_LOCKS),  IG_C(RLIMIT_SIGPENDING),
    IG_C(RLIMIT_MSGQUEUE), IG_C(RLIMIT_NICE),  IG_C(RLIMIT_RTPRIO), IG_C(RLIMIT_RTTIME)};
constexpr Constant kRusage[] = {IG_C(RUSAGE_SELF), IG_C(RUSAGE_CHILDREN), IG_N(RUSAGE_THREAD, 1)};
constexpr Constant kScheduler[] = {IG_C(SCHED_OTHER), IG_C(SCHED_FIFO), IG_C(SCHED_RR),
                                   IG_C(SCHED_BATCH), IG_C(SCHED_IDLE), IG_N(SCHED_DEADLINE, 6)};
constexpr Constant kPriority[] = {IG_C(PRIO_PROCESS), IG_C(PRIO_PGRP), IG_C(PRIO_USER)};
constexpr Constant kGetrandom[] = {IG_C(GRND_NONBLOCK), IG_C(GRND_RANDOM), IG_N(GRND_INSECURE, 4)};
constexpr Constant kFutex[] = {
    IG_C(FUTEX_WAIT),           IG_C(FUTEX_WAKE),        IG_C(FUTEX_FD),
    IG_C(FUTEX_REQUEUE),        IG_C(FUTEX_CMP_REQUEUE), IG_C(FUTEX_WAKE_OP),
    IG_C(FUTEX_LOCK_PI),        IG_C(FUTEX_UNLOCK_PI),   IG_C(FUTEX_TRYLOCK_PI),
    IG_C(FUTEX_WAIT_BITSET),    IG_C(FUTEX_WAKE_BITSET), IG_C(FUTEX_WAIT_REQUEUE_PI),
    IG_C(FUTEX_CMP_REQUEUE_PI), IG_N(FUTEX_LOCK_PI2, 13)};
constexpr Constant kClock[] = {IG_C(CLOCK_REALTIME),
                               IG_C(CLOCK_MONOTONIC),
                               IG_C(CLOCK_PROCESS_CPUTIME_ID),
                               IG_C(CLOCK_THREAD_CPUTIME_ID),
                               IG_C(CLOCK_MONOTONIC_RAW),
                               IG_C(CLOCK_REALTIME_COARSE),
                               IG_C(CLOCK_MONOTONIC_COARSE),
                               IG_C(CLOCK_BOOTTIME),
                               IG_C(CLOCK_REALTIME_ALARM),
                               IG_C(CLOCK_BOOTTIME_ALARM),
                               IG_C(CLOCK_TAI)};
constexpr Constant kTimer[] = {IG_C(TIMER_ABSTIME)};
constexpr Constant kItimer[] = {IG_N(ITIMER_REAL, 0), IG_N(ITIMER_VIRTUAL, 1),
                                IG_N(ITIMER_PROF, 2)};
constexpr Constant kTimerfd[] = {IG_C(TFD_CLOEXEC), IG_C(TFD_NONBLOCK)};
constexpr Constant kTimerfdSettime[] = {IG_C(TFD_TIMER_ABSTIME), IG_C(TFD_TIMER_CANCEL_ON_SET)};
constexpr Constant kEventfd[] = {IG_C(EFD_SEMAPHORE), IG_C(EFD_CLOEXEC), IG_C(EFD_NONBLOCK)};
constexpr Constant kPoll[] = {
    IG_C(POLLIN),           IG_C(POLLPRI),    IG_C(POLLOUT),        IG_C(POLLERR),
    IG_C(POLLHUP),          IG_C(POLLNVAL),   IG_C(POLLRDNORM),     IG_C(POLLRDBAND),
    IG_C(POLLWRNORM),       IG_C(POLLWRBAND), IG_N(POLLMSG, 0x400), IG_N(POLLREMOVE, 0x1000),
    IG_N(POLLRDHUP, 0x2000)};
constexpr Constant kEpollCreate[] = {IG_C(EPOLL_CLOEXEC)};
constexpr Constant kEpollCtl[] = {IG_C(EPOLL_CTL_ADD), IG_C(EPOLL_CTL_MOD), IG_C(EPOLL_CTL_DEL)};
constexpr Constant kEpoll[] = {
    IG_C(EPOLLIN),        IG_C(EPOLLPRI),        IG_C(EPOLLOUT),     IG_C(EPOLLERR),
    IG_C(EPOLLHUP),       IG_N(EPOLLNVAL, 0x20), IG_C(EPOLLRDNORM),  IG_C(EPOLLRDBAND),
    IG_C(EPOLLWRNORM),    IG_C(EPOLLWRBAND),     IG_C(EPOLLMSG),     IG_C(EPOLLRDHUP),
    IG_C(EPOLLEXCLUSIVE), IG_C(EPOLLWAKEUP),     IG_C(EPOLLONESHOT), IG_C(EPOLLET)};
constexpr Constant kFamily[] = {
    IG_C(AF_UNSPEC),    IG_C(AF_UNIX),  IG_C(AF_INET),    IG_C(AF_AX25),        IG_C(AF_IPX),
    IG_C(AF_APPLETALK), IG_C(AF_X25),   IG_C(AF_INET6),   IG_C(AF_KEY),         IG_C(AF_NETLINK),
    IG_C(AF_PACKET),    IG_C(AF_RDS),   IG_C(AF_PPPOX),   IG_C(AF_LLC),         IG_N(AF_IB, 27),
    IG_N(AF_MPLS, 28),  IG_C(AF_CAN),   IG_C(AF_TIPC),    IG_C(AF_BLUETOOTH),   IG_C(AF_ALG),
    IG_C(AF_NFC),       IG_C(AF_VSOCK), IG_N(AF_KCM, 41), IG_N(AF_QIPCRTR, 42), IG_N(AF_SMC, 43),
    IG_N(AF_XDP, 44)};
constexpr Constant kSocketType[] = {IG_C(SOCK_STREAM), IG_C(SOCK_DGRAM),     IG_C(SOCK_RAW),
                                    IG_C(SOCK_RDM),    IG_C(SOCK_SEQPACKET), IG_C(SOCK_DCCP),
                                    IG_C(SOCK_PACKET)};
constexpr Constant kSocketFlags[] = {IG_C(SOCK_CLOEXEC), IG_C(SOCK_NONBLOCK)};
constexpr Constant kInetProtocol[] = {
    IG_C(IPPROTO_IP),        IG_C(IPPROTO_ICMP), IG_C(IPPROTO_IGMP),    IG_C(IPPROTO_IPIP),
    IG_C(IPPROTO_TCP),       IG_C(IPPROTO_EGP),  IG_C(IPPROTO_PUP),     IG_C(IPPROTO_UDP),
    IG_C(IPPROTO_IDP),       IG_C(IPPROTO_TP),   IG_C(IPPROTO_DCCP),    IG_C(IPPROTO_IPV6),
    IG_C(IPPROTO_RSVP),      IG_C(IPPROTO_GRE),  IG_C(IPPROTO_ESP),     IG_C(IPPROTO_AH),
    IG_C(IPPROTO_ICMPV6),    IG_C(IPPROTO_SCTP), IG_C(IPPROTO_UDPLITE), IG_C(IPPROTO_RAW),
    IG_N(IPPROTO_MPTCP, 262)};
constexpr Constant kNetlinkProtocol[] = {
    IG_C(NETLINK_ROUTE),      IG_C(NETLINK_USERSOCK),      IG_C(NETLINK_FIREWALL),
    IG_C(NETLINK_SOCK_DIAG),  IG_C(NETLINK_NFLOG),         IG_C(NETLINK_XFRM),
    IG_C(NETLINK_SELINUX),    IG_C(NETLINK_ISCSI),         IG_C(NETLINK_AUDIT),
    IG_C(NETLINK_FIB_LOOKUP), IG_C(NETLINK_CONNECTOR),     IG_C(NETLINK_NETFILTER),
    IG_C(NETLINK_IP6_FW),     IG_C(NETLINK_DNRTMSG),       IG_C(NETLINK_KOBJECT_UEVENT),
    IG_C(NETLINK_GENERIC),    IG_C(NETLINK_SCSITRANSPORT), IG_C(NETLINK_ECRYPTFS),
    IG_C(NETLINK_RDMA),       IG_C(NETLINK_CRYPTO)};
constexpr Constant kMsg[] = {IG_C(MSG_OOB),
                             IG_C(MSG_PEEK),
                             IG_C(MSG_DONTROUTE),
                             IG_C(MSG_CTRUNC),
                             IG_N(MSG_PROBE, 0x10),
                             IG_C(MSG_TRUNC),
                             IG_C(MSG_DONTWAIT),
                             IG_C(MSG_EOR),
                             IG_C(MSG_WAITALL),
                             IG_C(MSG_FIN),
                             IG_C(MSG_SYN),
                             IG_C(MSG_CONFIRM),
                             IG_C(MSG_RST),
                             IG_C(MSG_ERRQUEUE),
                             IG_C(MSG_NOSIGNAL),
                             IG_C(MSG_MORE),
                             IG_C(MSG_WAITFORONE),
                             IG_N(MSG_SENDPAGE_NOTLAST, 0x20000),
                             IG_N(MSG_BATCH, 0x40000),
                             IG_N(MSG_NO_SHARED_FRAGS, 0x80000),
                             IG_N(MSG_ZEROCOPY, 0x4000000),
                             IG_N(MSG_FASTOPEN, 0x20000000),
                             IG_N(MSG_CMSG_CLOEXEC, 0x40000000)};
constexpr Constant kShutdown[] = {IG_C(SHUT_RD), IG_C(SHUT_WR), IG_C(SHUT_RDWR)};
constexpr Constant kSol[] = {IG_N(SOL_IP, 0),        IG_C(SOL_SOCKET),    IG_N(SOL_TCP, 6),
                             IG_N(SOL_UDP, 17),      IG_N(SOL_IPV6, 41),  IG_N(SOL_ICMPV6, 58),
                             IG_N(SOL_SCTP, 132),    IG_N(SOL_RAW, 255),  IG_N(SOL_PACKET, 263),
                             IG_N(SOL_NETLINK, 270), IG_N(SOL_TIPC, 271), IG_N(SOL_ALG, 279),
                             IG_N(SOL_TLS, 282),     IG_N(SOL_XDP, 283),  IG_N(SOL_MPTCP, 284)};
constexpr Constant kSo[] = {IG_C(SO_DEBUG),
                            IG_C(SO_REUSEADDR),
                            IG_C(SO_TYPE),
                            IG_C(SO_ERROR),
                            IG_C(SO_DONTROUTE),
                            IG_C(SO_BROADCAST),
                            IG_C(SO_SNDBUF),
                            IG_C(SO_RCVBUF),
                            IG_C(SO_KEEPALIVE),
                            IG_C(SO_OOBINLINE),
                            IG_C(SO_NO_CHECK),
                            IG_C(SO_PRIORITY),
                            IG_C(SO_LINGER),
                            IG_C(SO_BSDCOMPAT),
                            IG_C(SO_REUSEPORT),
                            IG_C(SO_PASSCRED),
                            IG_C(SO_PEERCRED),
                            IG_C(SO_RCVLOWAT),
                            IG_C(SO_SNDLOWAT),
                            IG_N(SO_RCVTIMEO_OLD, 20),
                            IG_N(SO_SNDTIMEO_OLD, 21),
                            IG_C(SO_BINDTODEVICE),
                            IG_C(SO_ATTACH_FILTER),
                            IG_C(SO_DETACH_FILTER),
                            IG_C(SO_PEERNAME),
                            IG_N(SO_TIMESTAMP_OLD, 29),
                            IG_C(SO_ACCEPTCONN),
                            IG_C(SO_PEERSEC),
                            IG_C(SO_SNDBUFFORCE),
                            IG_C(SO_RCVBUFFORCE),
                            IG_C(SO_PASSSEC),
                            IG_N(SO_TIMESTAMPNS_OLD, 35),
                            IG_C(SO_MARK),
                            IG_N(SO_TIMESTAMPING_OLD, 37),
                            IG_C(SO_PROTOCOL),
                            IG_C(SO_DOMAIN),
                            IG_C(SO_RXQ_OVFL),
                            IG_C(SO_WIFI_STATUS),
                            IG_C(SO_PEEK_OFF),
                            IG_C(SO_NOFCS),
                            IG_C(SO_LOCK_FILTER),
                            IG_C(SO_SELECT_ERR_QUEUE),
                            IG_C(SO_BUSY_POLL),
                            IG_C(SO_MAX_PACING_RATE),
                            IG_C(SO_BPF_EXTENSIONS),
                            IG_C(SO_INCOMING_CPU),
                            IG_C(SO_ATTACH_BPF),
                            IG_C(SO_ATTACH_REUSEPORT_CBPF),
                            IG_C(SO_ATTACH_REUSEPORT_EBPF),
                            IG_C(SO_CNX_ADVICE),
                            IG_N(SO_MEMINFO, 55),
                            IG_N(SO_INCOMING_NAPI_ID, 56),
                            IG_N(SO_COOKIE, 57),
                            IG_N(SO_PEERGROUPS, 59),
                            IG_N(SO_ZEROCOPY, 60),
                            IG_N(SO_TXTIME, 61),
                            IG_N(SO_BINDTOIFINDEX, 62)};
constexpr Constant kSoIp[] = {IG_N(IP_TOS, 1),
                              IG_N(IP_TTL, 2),
                              IG_N(IP_HDRINCL, 3),
                              IG_N(IP_OPTIONS, 4),
                              IG_N(IP_ROUTER_ALERT, 5),
                              IG_N(IP_RECVOPTS, 6),
                              IG_N(IP_RETOPTS, 7),
                              IG_N(IP_PKTINFO, 8),
                              IG_N(IP_PKTOPTIONS, 9),
                              IG_N(IP_MTU_DISCOVER, 10),
                              IG_N(IP_RECVERR, 11),
                              IG_N(IP_RECVTTL, 12),
                              IG_N(IP_RECVTOS, 13),
                              IG_N(IP_MTU, 14),
                              IG_N(IP_FREEBIND, 15),
                              IG_N(IP_TRANSPARENT, 19),
                              IG_N(IP_BIND_ADDRESS_NO_PORT, 24),
                              IG_N(IP_MULTICAST_IF, 32),
                              IG_N(IP_MULTICAST_TTL, 33),
                              IG_N(IP_MULTICAST_LOOP, 34),
                              IG_N(IP_ADD_MEMBERSHIP, 35),
                              IG_N(IP_DROP_MEMBERSHIP, 36)};
constexpr Constant kSoIpv6[] = {
    IG_N(IPV6_ADDRFORM, 1),         IG_N(IPV6_UNICAST_HOPS, 16),   IG_N(IPV6_MULTICAST_IF, 17),
    IG_N(IPV6_MULTICAST_HOPS, 18),  IG_N(IPV6_MULTICAST_LOOP, 19), IG_N(IPV6_ADD_MEMBERSHIP, 20),
    IG_N(IPV6_DROP_MEMBERSHIP, 21), IG_N(IPV6_MTU_DISCOVER, 23),   IG_N(IPV6_MTU, 24),
    IG_N(IPV6_RECVERR, 25),         IG_N(IPV6_V6ONLY, 26),         IG_N(IPV6_RECVPKTINFO, 49),
    IG_N(IPV6_PKTINFO, 50),         IG_N(IPV6_RECVHOPLIMIT, 51),   IG_N(IPV6_HOPLIMIT, 52),
    IG_N(IPV6_RECVTCLASS, 66),      IG_N(IPV6_TCLASS, 67),         IG_N(IPV6_FREEBIND, 78)};
constexpr Constant kSoTcp[] = {
    IG_N(TCP_NODELAY, 1),       IG_N(TCP_MAXSEG, 2),         IG_N(TCP_CORK, 3),
    IG_N(TCP_KEEPIDLE, 4),      IG_N(TCP_KEEPINTVL, 5),      IG_N(TCP_KEEPCNT, 6),
    IG_N(TCP_SYNCNT, 7),        IG_N(TCP_LINGER2, 8),        IG_N(TCP_DEFER_ACCEPT, 9),
    IG_N(TCP_WINDOW_CLAMP, 10), IG_N(TCP_INFO, 11),          IG_N(TCP_QUICKACK, 12),
    IG_N(TCP_CONGESTION, 13),   IG_N(TCP_MD5SIG, 14),        IG_N(TCP_USER_TIMEOUT, 18),
    IG_N(TCP_FASTOPEN, 23),     IG_N(TCP_NOTSENT_LOWAT, 25), IG_N(TCP_ULP, 31)};
constexpr Constant kSoNetlink[] = {
    IG_N(NETLINK_ADD_MEMBERSHIP, 1), IG_N(NETLINK_DROP_MEMBERSHIP, 2),
    IG_N(NETLINK_PKTINFO, 3),        IG_N(NETLINK_BROADCAST_ERROR, 4),
    IG_N(NETLINK_NO_ENOBUFS, 5),     IG_N(NETLINK_LISTEN_ALL_NSID, 8),
    IG_N(NETLINK_CAP_ACK, 10),       IG_N(NETLINK_EXT_ACK, 11),
    IG_N(NETLINK_GET_STRICT_CHK, 12)};
constexpr Constant kBpf[] = {IG_N(BPF_MAP_CREATE, 0),
                             IG_N(BPF_MAP_LOOKUP_ELEM, 1),
                             IG_N(BPF_MAP_UPDATE_ELEM, 2),
                             IG_N(BPF_MAP_DELETE_ELEM, 3),
                             IG_N(BPF_MAP_GET_NEXT_KEY, 4),
                             IG_N(BPF_PROG_LOAD, 5),
                             IG_N(BPF_OBJ_PIN, 6),
                             IG_N(BPF_OBJ_GET, 7),
                             IG_N(BPF_PROG_ATTACH, 8),
                             IG_N(BPF_PROG_DETACH, 9),
                             IG_N(BPF_PROG_TEST_RUN, 10),
                             IG_N(BPF_PROG_GET_NEXT_ID, 11),
                             IG_N(BPF_MAP_GET_NEXT_ID, 12),
                             IG_N(BPF_PROG_GET_FD_BY_ID, 13),
                             IG_N(BPF_MAP_GET_FD_BY_ID, 14),
                             IG_N(BPF_OBJ_GET_INFO_BY_FD, 15),
                             IG_N(BPF_PROG_QUERY, 16),
                             IG_N(BPF_RAW_TRACEPOINT_OPEN, 17),
                             IG_N(BPF_BTF_LOAD, 18),
                             IG_N(BPF_BTF_GET_FD_BY_ID, 19),
                             IG_N(BPF_TASK_FD_QUERY, 20),
                             IG_N(BPF_MAP_LOOKUP_AND_DELETE_ELEM, 21),
                             IG_N(BPF_MAP_FREEZE, 22),
                             IG_N(BPF_BTF_GET_NEXT_ID, 23),
                             IG_N(BPF_MAP_LOOKUP_BATCH, 24),
                             IG_N(BPF_MAP_LOOKUP_AND_DELETE_BATCH, 25),
                             IG_N(BPF_MAP_UPDATE_BATCH, 26),
                             IG_N(BPF_MAP_DELETE_BATCH, 27),
                             IG_N(BPF_LINK_CREATE, 28),
                             IG_N(BPF_LINK_UPDATE, 29),
                             IG_N(BPF_LINK_GET_FD_BY_ID, 30),
                             IG_N(BPF_LINK_GET_NEXT_ID, 31),
                             IG_N(BPF_ENABLE_STATS, 32),
                             IG_N(BPF_ITER_CREATE, 33),
                             IG_N(BPF_LINK_DETACH, 34),
                             IG_N(BPF_PROG_BIND_MAP, 35)};
constexpr Constant kPtrace[] = {IG_N(PTRACE_TRACEME, 0),
                                IG_N(PTRACE_PEEKTEXT, 1),
                                IG_N(PTRACE_PEEKDATA, 2),
                                IG_N(PTRACE_PEEKUSER, 3),
                                IG_N(PTRACE_POKETEXT, 4),
                                IG_N(PTRACE_POKEDATA, 5),
                                IG_N(PTRACE_POKEUSER, 6),
                                IG_N(PTRACE_CONT, 7),
                                IG_N(PTRACE_KILL, 8),
                                IG_N(PTRACE_SINGLESTEP, 9),
                                IG_N(PTRACE_GETREGS, 12),
                                IG_N(PTRACE_SETREGS, 13),
                                IG_N(PTRACE_ATTACH, 16),
                                IG_N(PTRACE_DETACH, 17),
                                IG_N(PTRACE_SYSCALL, 24),
                                IG_N(PTRACE_SETOPTIONS, 0x4200),
                                IG_N(PTRACE_GETEVENTMSG, 0x4201),
                                IG_N(PTRACE_GETSIGINFO, 0x4202),
                                IG_N(PTRACE_GETREGSET, 0x4204),
                                IG_N(PTRACE_SETREGSET, 0x4205),
                                IG_N(PTRACE_SEIZE, 0x4206),
                                IG_N(PTRACE_INTERRUPT, 0x4207),
                                IG_N(PTRACE_LISTEN, 0x4208),
                                IG_N(PTRACE_GET_SYSCALL_INFO, 0x420e)};
constexpr Constant kFileType[] = {
    IG_N(S_IFREG, 0100000), IG_N(S_IFSOCK, 0140000), IG_N(S_IFIFO, 0010000), IG_N(S_IFLNK, 0120000),
    IG_N(S_IFDIR, 0040000), IG_N(S_IFBLK, 0060000),  IG_N(S_IFCHR, 0020000)};
constexpr Constant kStatfsFlags[] = {
    IG_N(ST_VALID, 0x20),      IG_N(ST_RDONLY, 1),          IG_N(ST_NOSUID, 2),
    IG_N(ST_NODEV, 4),         IG_N(ST_NOEXEC, 8),          IG_N(ST_SYNCHRONOUS, 0x10),
    IG_N(ST_MANDLOCK, 0x40),   IG_N(ST_NOATIME, 0x400),     IG_N(ST_NODIRATIME, 0x800),
    IG_N(ST_RELATIME, 0x1000), IG_N(ST_NOSYMFOLLOW, 0x2000)};
constexpr Constant kStatfsType[] = {IG_N(ADFS_SUPER_MAGIC, 0xadf5),
                                    IG_N(BTRFS_SUPER_MAGIC, 0x9123683e),
                                    IG_N(CGROUP_SUPER_MAGIC, 0x27e0eb),
                                    IG_N(CGROUP2_SUPER_MAGIC, 0x63677270),
                                    IG_N(DEBUGFS_MAGIC, 0x64626720),
                                    IG_N(DEVPTS_SUPER_MAGIC, 0x1cd1),
                                    IG_N(EXT2_SUPER_MAGIC, 0xef53),
                                    IG_N(FUSE_SUPER_MAGIC, 0x65735546),
                                    IG_N(NFS_SUPER_MAGIC, 0x6969),
                                    IG_N(NSFS_MAGIC, 0x6e736673),
                                    IG_N(OVERLAYFS_SUPER_MAGIC, 0x794c7630),
                                    IG_N(PROC_SUPER_MAGIC, 0x9fa0),
                                    IG_N(RAMFS_MAGIC, 0x858458f6),
                                    IG_N(SELINUX_MAGIC, 0xf97cff8c),
                                    IG_N(SQUASHFS_MAGIC, 0x73717368),
                                    IG_N(SYSFS_MAGIC, 0x62656572),
                                    IG_N(TMPFS_MAGIC, 0x1021994),
                                    IG_N(TRACEFS_MAGIC, 0x74726163),
                                    IG_N(XFS_SUPER_MAGIC, 0x58465342),
                                    IG_N(BPF_FS_MAGIC, 0xcafe4a11)};

#undef IG_C
#undef IG_N

constexpr ConstantTable kTables[] = {
    {"open",
     "O_?"
     "??",
     kOpen},
    {"access_mode",
     "O_?"
     "??",
     kAccessMode},
    {"resolve",
     "RESOLVE_?"
     "??",
     kResolve},
    {"at",
     "AT_?"
     "??",
     kAt},
    {"at_access",
     "AT_?"
     "??",
     kAtAccess},
    {"unlink",
     "AT_?"
     "??",
     kUnlink},
    {"statx_sync",
     "AT_?"
     "??",
     kStatxSync},
    {"statx_mask",
     "STATX_?"
     "??",
     kStatxMask},
    {"statx_attributes",
     "STATX_ATTR_?"
     "??",
     kStatxAttributes},
    {"access", "?_OK", kAccess},
    {"seek",
     "SEEK_?"
     "??",
     kSeek},
    {"fcntl",
     "F_?"
     "??",
     kFcntl},
    {"fd_flags",
     "FD_?"
     "??",
     kFdFlags},
    {"lock_type",
     "F_?"
     "??",
     kLockType},
    {"seals",
     "F_SEAL_?"
     "??",
     kSeals},
    {"ioctl", "", kIoctl},
    {"flock",
     "LOCK_?"
     "??",
     kFlock},
    {"fallocate",
     "FALLOC_FL_?"
     "??",
     kFallocate},
    {"fadvise",
     "POSIX_FADV_?"
     "??",
     kFadvise},
    {"splice",
     "SPLICE_F_?"
     "??",
     kSplice},
    {"rwf",
     "RWF_?"
     "??",
     kRwf},
    {"close_range",
     "CLOSE_RANGE_?"
     "??",
     kCloseRange},
    {"rename",
     "RENAME_?"
     "??",
     kRename},
    {"xattr",
     "XATTR_?"
     "??",
     kXattr},
    {"mount",
     "MS_?"
     "??",
     kMount},
    {"umount",
     "MNT_?"
     "??",
     kUmount},
    {"inotify_init",
     "IN_?"
     "??",
     kInotifyInit},
    {"inotify",
     "IN_?"
     "??",
     kInotify},
    {"memfd",
     "MFD_?"
     "??",
     kMemfd},
    {"prot",
     "PROT_?"
     "??",
     kProt},
    {"map_type",
     "MAP_?"
     "??",
     kMapType},
    {"map",
     "MAP_?"
     "??",
     kMap},
    {"mremap",
     "MREMAP_?"
     "??",
     kMremap},
    {"madvise",
     "MADV_?"
     "??",
     kMadvise},
    {"msync",
     "MS_?"
     "??",
     kMsync},
    {"mlock2",
     "MLOCK_?"
     "??",
     kMlock2},
    {"mlockall",
     "MCL_?"
     "??",
     kMlockall},
    {"membarrier",
     "MEMBARRIER_CMD_?"
     "??",
     kMembarrier},
    {"clone",
     "CLONE_?"
     "??",
     kClone},
    {"clone_namespaces",
     "CLONE_NEW?"
     "??",
     kCloneNamespaces},
    {"wait",
     "W?"
     "??",
     kWait},
    {"waitid",
     "P_?"
     "??",
     kWaitid},
    {"signal", "", kSignal},
    {"sigaction",
     "SA_?"
     "??",
     kSigaction},
    {"sigmask",
     "SIG_?"
     "??",
     kSigmask},
    {"sigaltstack",
     "SS_?"
     "??",
     kSigaltstack},
    {"signalfd",
     "SFD_?"
     "??",
     kSignalfd},
    {"pidfd",
     "PIDFD_?"
     "??",
     kPidfd},
    {"prctl",
     "PR_?"
     "??",
     kPrctl},
    {"pr_cap_ambient",
     "PR_CAP_AMBIENT_?"
     "??",
     kPrCapAmbient},
    {"pr_dumpable",
     "SUID_DUMP_?"
     "??",
     kPrDumpable},
    {"seccomp_mode",
     "SECCOMP_MODE_?"
     "??",
     kSeccompMode},
    {"capability",
     "CAP_?"
     "??",
     kCapability},
    {"arch_prctl",
     "ARCH_?"
     "??",
     kArchPrctl},
    {"seccomp",
     "SECCOMP_SET_MODE_?"
     "??",
     kSeccomp},
    {"seccomp_filter",
     "SECCOMP_FILTER_FLAG_?"
     "??",
     kSeccompFilter},
    {"rlimit",
     "RLIMIT_?"
     "??",
     kRlimit},
    {"rusage",
     "RUSAGE_?"
     "??",
     kRusage},
    {"scheduler",
     "SCHED_?"
     "??",
     kScheduler},
    {"priority",
     "PRIO_?"
     "??",
     kPriority},
    {"getrandom",
     "GRND_?"
     "??",
     kGetrandom},
    {"futex",
     "FUTEX_?"
     "??",
     kFutex},
    {"clock",
     "CLOCK_?"
     "??",
     kClock},
    {"timer",
     "TIMER_?"
     "??",
     kTimer},
    {"itimer",
     "ITIMER_?"
     "??",
     kItimer},
    {"timerfd",
     "TFD_?"
     "??",
     kTimerfd},
    {"timerfd_settime",
     "TFD_?"
     "??",
     kTimerfdSettime},
    {"eventfd",
     "EFD_?"
     "??",
     kEventfd},
    {"poll",
     "POLL?"
     "??",
     kPoll},
    {"epoll_create",
     "EPOLL_?"
     "??",
     kEpollCreate},
    {"epoll_ctl",
     "EPOLL_CTL_?"
     "??",
     kEpollCtl},
    {"epoll",
     "EPOLL?"
     "??",
     kEpoll},
    {"family",
     "AF_?"
     "??",
     kFamily},
    {"socket_type",
     "SOCK_?"
     "??",
     kSocketType},
    {"socket_flags",
     "SOCK_?"
     "??",
     kSocketFlags},
    {"inet_protocol",
     "IPPROTO_?"
     "??",
     kInetProtocol},
    {"netlink_protocol",
     "NETLINK_?"
     "??",
     kNetlinkProtocol},
    {"msg",
     "MSG_?"
     "??",
     kMsg},
    {"shutdown",
     "SHUT_?"
     "??",
     kShutdown},
    {"sol",
     "SOL_?"
     "??",
     kSol},
    {"so",
     "SO_?"
     "??",
     kSo},
    {"so_ip",
     "IP_?"
     "??",
     kSoIp},
    {"so_ipv6",
     "IPV6_?"
     "??",
     kSoIpv6},
    {"so_tcp",
     "TCP_?"
     "??",
     kSoTcp},
    {"so_netlink",
     "NETLINK_?"
     "??",
     kSoNetlink},
    {"bpf",
     "BPF_?"
     "??",
     kBpf},
    {"ptrace",
     "PTRACE_?"
     "??",
     kPtrace},
    {"file_type",
     "S_IF?"
     "??",
     kFileType},
    {"statfs_flags",
     "ST_?"
     "??",
     kStatfsFlags},
    {"statfs_type", "", kStatfsType},
};

void append_number(std::string& text, const ConstantTable& table, std::uint64_t value) {
  fmt::format_to(std::back_inserter(text), "{:#x}", value);
  if (!table.unknown.empty()) {
    fmt::format_to(std::back_inserter(text), " /* {} */", table.unknown);
  }
}

}  // namespace

const ConstantTable* find_constants(std::string_view name) {
  for (const auto& table : kTables) {
    if (table.name == name) return &table;
  }
  return nullptr;
}

std::string_view constant_name(const ConstantTable& table, std::uint64_t value) {
  for (const auto& constant : table.constants) {
    if (constant.value == value) return constant.name;
  }
  return {};
}

void append_constant(std::string& text, const ConstantTable& table, std::uint64_t value) {
  const auto name = constant_name(table, value);
  if (name.empty()) {
    append_number(text, table, value);
  } else {
    text += name;
  }
}

void append_flags(std::string& text, const ConstantTable& table, std::uint64_t value) {
  if (const auto name = constant_name(table, value); !name.empty()) {
    text += name;
    return;
  }
  std::string_view separator;
  auto rest = value;
  for (const auto& constant : table.constants) {
    if (constant.value == 0 || (rest & constant.value) != constant.value) continue;
    text += separator;
    text += constant.name;
    separator = "|";
    rest &= ~constant.value;
  }
  if (value == 0) text += '0';
  if (rest == 0) return;
  text += separator;
  if (rest == value) {
    append_number(text, table, rest);
  } else {
    fmt::format_to(std::back_inserter(text), "{:#x}", rest);
  }
}

}  // namespace ig
