// SPDX-License-Identifier: Apache-2.0
/* One call of each kind that has a notation of its own. What they give does not matter, as long as
 * it is the same in each run. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

static void files(void)
{
	struct statx statx_buffer;
	struct statfs statfs_buffer;
	struct stat stat_buffer;
	struct timespec times[2] = {{1, 2}, {0, UTIME_NOW}};
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10};
	char buffer[256] = "", long_text[300];
	struct iovec vectors[2] = {{"one", 3}, {"two\n", 4}};
	int ends[2];
	int fd = open("file", O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0640);

	memset(long_text, 'x', sizeof(long_text));
	(void)!write(fd, "line\n\t\"quoted\"\001\0012", 17);
	(void)!write(fd, long_text, sizeof(long_text));
	writev(fd, vectors, 2);
	lseek(fd, 0, SEEK_SET);
	(void)!read(fd, buffer, 20);
	(void)!pread(fd, buffer, 5, 3);
	pwrite(fd, "end", 3, 400);
	vectors[0] = (struct iovec){buffer, 4};
	vectors[1] = (struct iovec){buffer + 10, 5};
	preadv(fd, vectors, 2, 0);
	fstat(fd, &stat_buffer);
	stat("/dev/null", &stat_buffer);
	lstat("nowhere", &stat_buffer);
	fstatat(AT_FDCWD, "file", &stat_buffer, AT_SYMLINK_NOFOLLOW);
	statx(AT_FDCWD, "file", AT_STATX_SYNC_AS_STAT, STATX_BASIC_STATS, &statx_buffer);
	statfs("/proc", &statfs_buffer);
	access("file", R_OK | W_OK);
	access("nowhere", F_OK);
	syscall(SYS_faccessat2, AT_FDCWD, "file", X_OK, AT_EACCESS);
	open("nowhere/file", O_RDONLY | O_NONBLOCK | O_DIRECTORY | O_NOFOLLOW);
	openat(fd, "x", O_WRONLY | O_EXCL | O_CREAT, 0600);
	fcntl(fd, F_GETFL);
	fcntl(fd, F_GETFD);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK);
	close(fcntl(fd, F_DUPFD_CLOEXEC, 20));
	fcntl(fd, F_SETLK, &lock);
	ioctl(fd, TCGETS, buffer);
	ioctl(fd, FIONREAD, buffer);
	ftruncate(fd, 100);
	fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 4096);
	futimens(fd, times);
	utimensat(AT_FDCWD, "file", NULL, 0);
	pipe2(ends, O_NONBLOCK);
	(void)!read(ends[0], buffer, 10);
	dup3(ends[0], 30, O_CLOEXEC);
	mkdir("folder", 0755);
	mkdirat(AT_FDCWD, "folder/in", 0700);
	rename("file", "folder/file");
	renameat2(AT_FDCWD, "nowhere", AT_FDCWD, "there", RENAME_NOREPLACE);
	symlink("folder/file", "link");
	readlink("link", buffer, sizeof(buffer));
	link("folder/file", "hard");
	chmod("hard", 0400);
	fchmodat(AT_FDCWD, "hard", 0644, 0);
	chown("hard", 0, -1);
	unlink("hard");
	unlink("link");
	unlinkat(AT_FDCWD, "folder/in", AT_REMOVEDIR);
	unlinkat(AT_FDCWD, "folder/file", 0);
	rmdir("folder");
	umask(umask(022));
	(void)!getcwd(buffer, sizeof(buffer));
	getxattr("/", "user.none", buffer, sizeof(buffer));
	syscall(SYS_memfd_create, "name", 3);
	close(-1);
}

static void memory(void)
{
	void *map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	mprotect(map, 4096, PROT_NONE);
	mprotect(map, 4096, PROT_READ | PROT_EXEC);
	madvise(map, 8192, MADV_DONTNEED);
	map = mremap(map, 8192, 16384, MREMAP_MAYMOVE);
	msync(map, 4096, MS_SYNC);
	munmap(map, 16384);
	mmap(NULL, 0, 0, 0x20, 5, 4096);
}

static void sockets(void)
{
	struct sockaddr_in inet = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr = {htonl(0x7f000001)}};
	struct sockaddr_in6 inet6 = {.sin6_family = AF_INET6, .sin6_port = htons(9), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr_un path = {.sun_family = AF_UNIX, .sun_path = "/nowhere/socket"};
	struct sockaddr_in got;
	struct linger linger = {1, 5};
	socklen_t size = sizeof(got);
	int one = 1, pair[2], listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP), client, served;
	int udp = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	char buffer[64];
	struct iovec vector = {"message", 7};
	struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};

	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(listener, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	inet.sin_port = 0;
	bind(listener, (void *)&inet, sizeof(inet));
	listen(listener, 5);
	getsockname(listener, (void *)&got, &size);
	client = socket(AF_INET, SOCK_STREAM, 0);
	connect(client, (void *)&got, sizeof(got));
	size = sizeof(path);
	served = accept4(listener, (void *)&path, &size, SOCK_NONBLOCK);
	sendto(client, "hello", 5, MSG_NOSIGNAL, NULL, 0);
	recvfrom(served, buffer, sizeof(buffer), MSG_DONTWAIT, NULL, NULL);
	recvfrom(served, buffer, sizeof(buffer), MSG_PEEK | MSG_DONTWAIT, NULL, NULL);
	sendmsg(client, &message, 0);
	size = sizeof(one);
	getsockopt(client, SOL_SOCKET, SO_ERROR, &one, &size);
	getsockopt(client, SOL_SOCKET, SO_TYPE, &one, &size);
	shutdown(client, SHUT_WR);
	sendto(udp, "x", 1, 0, (void *)&got, sizeof(got));
	path = (struct sockaddr_un){.sun_family = AF_UNIX, .sun_path = "/nowhere/socket"};
	connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&path, sizeof(path));
	connect(socket(AF_INET6, SOCK_DGRAM, IPPROTO_IP), (void *)&inet6, sizeof(inet6));
	socket(AF_NETLINK, SOCK_RAW, 0);
	socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair);
}

static void waits(void)
{
	struct timespec short_time = {0, 1000}, resolution;
	struct itimerspec timer = {{0, 0}, {5, 0}};
	struct itimerval interval = {{0, 0}, {100, 0}};
	struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u64 = 7}, events[4];
	struct pollfd polled[2] = {{0, POLLIN, 0}, {-1, POLLOUT, 0}};
	int number = 5, epoll = epoll_create1(EPOLL_CLOEXEC), counter = eventfd(1, EFD_NONBLOCK);
	fd_set set;
	struct timeval now, none = {0, 0};

	epoll_ctl(epoll, EPOLL_CTL_ADD, counter, &event);
	epoll_wait(epoll, events, 4, 0);
	epoll_ctl(epoll, EPOLL_CTL_DEL, counter, NULL);
	epoll_wait(epoll, events, 4, 0);
	polled[0].fd = counter;
	poll(polled, 2, 0);
	polled[0].events = POLLPRI;
	poll(polled, 1, 1);
	FD_ZERO(&set);
	FD_SET(counter, &set);
	select(counter + 1, NULL, NULL, NULL, &none);
	nanosleep(&short_time, NULL);
	clock_nanosleep(CLOCK_MONOTONIC, 0, &short_time, NULL);
	syscall(SYS_clock_gettime, CLOCK_PROCESS_CPUTIME_ID + 100, &resolution);
	clock_getres(CLOCK_REALTIME, &resolution);
	timerfd_settime(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC), 0, &timer, NULL);
	setitimer(ITIMER_REAL, &interval, NULL);
	getitimer(ITIMER_REAL, NULL);
	syscall(SYS_futex, &number, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	syscall(SYS_futex, &number, FUTEX_WAIT, 6, NULL, NULL, 0);
	syscall(SYS_futex, &number, FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME, 6, NULL, NULL, FUTEX_BITSET_MATCH_ANY);
	(void)now;
}

static void handler(int number)
{
	(void)number;
}

static void processes(void)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART}, old;
	struct rlimit limit;
	struct rusage usage;
	struct utsname name;
	sigset_t set;
	char *words[] = {"/nowhere/program", "one", "two words", NULL}, *no_words[] = {NULL};
	int status;
	pid_t child;
	stack_t stack = {.ss_flags = SS_DISABLE};

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGRTMIN + 1);
	sigaction(SIGUSR1, &action, &old);
	sigaction(SIGUSR1, NULL, &old);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigfillset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
	sigemptyset(&set);
	sigprocmask(SIG_SETMASK, &set, &set);
	sigaltstack(&stack, NULL);
	kill(getpid(), 0);
	prctl(PR_SET_NAME, "renamed");
	prctl(PR_GET_DUMPABLE);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	prctl(PR_CAPBSET_READ, 21);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prlimit(0, RLIMIT_NOFILE, NULL, &limit);
	setrlimit(RLIMIT_CORE, &limit);
	getrusage(RUSAGE_SELF, &usage);
	uname(&name);
	getrandom(&status, 0, GRND_NONBLOCK);
	child = fork();
	if (!child) {
		execve(words[0], words, no_words);
		_exit(3);
	}
	waitpid(child, &status, 0);
	waitpid(-1, &status, WNOHANG);
	child = fork();
	if (!child)
		raise(SIGKILL);
	wait4(child, &status, 0, &usage);
	syscall(SYS_tgkill, getpid(), -1, SIGTERM);
	setpriority(PRIO_PROCESS, 0, 0);
	sched_yield();
	unshare(CLONE_FS);
	getuid();
	setsid();
	syscall(SYS_arch_prctl, 0x1003, 8);
	syscall(SYS_membarrier, 0, 0, 0);
}

int main(void)
{
	files();
	memory();
	sockets();
	waits();
	processes();
	return 0;
}
