// SPDX-License-Identifier: GPL-2.0
/*
 * top_file: which process reads and writes which file, how often and how much.
 *
 * A call's arguments are still in the registers when it returns, so one hook at the exit of system
 * calls is enough. Where functions of the kernel can be hooked, only reads and writes cost
 * anything. io_uring is a road of its own, and has tracepoints on it.
 */
#include <gadget/common.h>
#include <bpf/bpf_tracing.h>
#include <gadget/buffer.h>
#include <gadget/file.h>
#include <gadget/file_call.h>
#include <gadget/filter.h>
#include <gadget/io_uring.h>
#include <gadget/macros.h>
#include <gadget/process_leader.h>

#define PATH_SIZE 512

/* Whose file. The process is repeated in the value for people: to make it anew for each call would
 * cost more than all else. */
struct use {
	__u64 inode;
	__u64 started; /* start time of the process */
	__u32 dev;
	__u32 tgid;
};

struct amount {
	struct gadget_process proc;
	__u64 reads;
	gadget_bytes rbytes_raw;
	__u64 writes;
	gadget_bytes wbytes_raw;
	enum gadget_file_kind t_raw;
	char file[PATH_SIZE];
	__u32 __padding;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct use);
	__type(value, struct amount);
} uses SEC(".maps");
GADGET_LOST_UPDATES(uses);

GADGET_MAPITER(file, uses);

const volatile bool all_files = false;
GADGET_PARAM(all_files);

/* Where a new row is made, since it does not fit on the stack. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct amount);
} drafts SEC(".maps");

static __always_inline struct amount *begin_use(const struct use *use, struct file *file,
						enum gadget_file_kind kind)
{
	__u32 zero = 0;
	struct amount *draft = bpf_map_lookup_elem(&drafts, &zero);

	if (!draft)
		return NULL;
	gadget_process_populate_leader(&draft->proc);
	draft->reads = draft->rbytes_raw = draft->writes = draft->wbytes_raw = 0;
	draft->t_raw = kind;
	gadget_file_name(draft->file, PATH_SIZE, file, gadget_current());
	gadget_update_map(&uses, use, draft, BPF_NOEXIST);
	return bpf_map_lookup_elem(&uses, use);
}

static __always_inline void add(struct amount *amount, bool write, __u64 bytes)
{
	if (write) {
		__sync_fetch_and_add(&amount->writes, 1);
		__sync_fetch_and_add(&amount->wbytes_raw, bytes);
	} else {
		__sync_fetch_and_add(&amount->reads, 1);
		__sync_fetch_and_add(&amount->rbytes_raw, bytes);
	}
}

/* Not inlined, since some calls have two files. Always returns 0: the verifier of old kernels wants
 * a number. */
static __attribute__((noinline)) int count(struct file *file, bool write, __u64 bytes)
{
	enum gadget_file_kind kind = gadget_file_kind_of(file);
	struct amount *amount;
	struct use use = {};

	if (!file || (!all_files && kind != regular))
		return 0;
	use.inode = BPF_CORE_READ(file, f_inode, i_ino);
	use.dev = BPF_CORE_READ(file, f_inode, i_sb, s_dev);
	use.tgid = bpf_get_current_pid_tgid() >> 32;
	use.started = BPF_CORE_READ(gadget_current(), group_leader, start_boottime);
	amount = bpf_map_lookup_elem(&uses, &use);
	if (!amount)
		amount = begin_use(&use, file, kind);
	if (amount)
		add(amount, write, bytes);
	return 0;
}

static __always_inline int moved(struct file *file, bool write, long bytes)
{
	if (bytes >= 0 && !gadget_should_discard_data_current())
		count(file, write, bytes);
	return 0;
}

static __always_inline int copied(struct file *in, struct file *out, long bytes)
{
	if (bytes >= 0 && !gadget_should_discard_data_current()) {
		count(in, false, bytes);
		count(out, true, bytes);
	}
	return 0;
}

static __always_inline struct file *file_of(__u64 fd)
{
	return gadget_file_of_fd(gadget_current(), (int)fd);
}

static __always_inline int end_syscall(struct pt_regs *regs, long result)
{
	struct gadget_syscall_regs call;

	gadget_syscall_regs_read(&call, regs);
	result = gadget_result(&call, result);
	switch (gadget_file_call_of(&call)) {
	case GADGET_FILE_READ:
	case GADGET_FILE_PREAD:
	case GADGET_FILE_PREADV:
		return moved(file_of(gadget_arg0(&call)), false, result);
	case GADGET_FILE_WRITE:
	case GADGET_FILE_PWRITE:
	case GADGET_FILE_PWRITEV:
		return moved(file_of(gadget_arg0(&call)), true, result);
	case GADGET_FILE_SENDFILE:
	case GADGET_FILE_SENDFILE32:
		return copied(file_of(gadget_arg1(&call)), file_of(gadget_arg0(&call)), result);
	case GADGET_FILE_COPY:
		return copied(file_of(gadget_arg0(&call)), file_of(gadget_arg2(&call)), result);
	default:
		return 0;
	}
}

SEC("tp_btf/sys_exit")
int BPF_PROG(exit_syscall, struct pt_regs *regs, long result)
{
	return end_syscall(regs, result);
}

/* Since 7.0 a program at the typed tracepoint can be preempted, and the kernel skips it meanwhile.
 */
SEC("tracepoint/raw_syscalls/sys_exit")
int exit_syscall_unpreempted(struct trace_event_raw_sys_exit *ctx)
{
	return end_syscall(gadget_current_regs(), ctx->ret);
}

SEC("fexit/vfs_read")
int BPF_PROG(exit_read, struct file *file, char *buf, size_t count, loff_t *pos, ssize_t result)
{
	return moved(file, false, result);
}

SEC("fexit/vfs_write")
int BPF_PROG(exit_write, struct file *file, const char *buf, size_t count, loff_t *pos,
	     ssize_t result)
{
	return moved(file, true, result);
}

SEC("fexit/vfs_readv")
int BPF_PROG(exit_readv, struct file *file, const struct iovec *vec, unsigned long vlen,
	     loff_t *pos, int flags, ssize_t result)
{
	return moved(file, false, result);
}

SEC("fexit/vfs_writev")
int BPF_PROG(exit_writev, struct file *file, const struct iovec *vec, unsigned long vlen,
	     loff_t *pos, int flags, ssize_t result)
{
	return moved(file, true, result);
}

SEC("fexit/do_sendfile")
int BPF_PROG(exit_sendfile, int out, int in, loff_t *pos, size_t count, loff_t max, ssize_t result)
{
	return copied(file_of(in), file_of(out), result);
}

/* The file below that overlayfs opened for itself: by a flag of its own since 6.5. */
static __always_inline bool is_below(struct file *file)
{
	return BPF_CORE_READ(file, f_mode) & 1 << 25 || BPF_CORE_READ(file, f_flags) & 1 << 26;
}

SEC("fexit/vfs_copy_file_range")
int BPF_PROG(exit_copy, struct file *in, loff_t in_pos, struct file *out, loff_t out_pos,
	     size_t count, unsigned int flags, ssize_t result)
{
	return is_below(in) ? 0 : copied(in, out, result);
}

SEC("fexit/do_splice")
int BPF_PROG(exit_splice, struct file *in, loff_t *in_pos, struct file *out, loff_t *out_pos,
	     size_t count, unsigned int flags, ssize_t result)
{
	return copied(in, out, result);
}

SEC("tracepoint/io_uring/io_uring_complete")
int end_request(struct trace_event_raw_io_uring_complete___ig *ctx)
{
	struct io_kiocb___ig *request = ctx->req;
	enum gadget_uring_deed deed = gadget_uring_deed_of(request);

	if (ctx->cflags & GADGET_URING_NOTIFICATION)
		return 0;
	if (deed == GADGET_URING_READ || deed == GADGET_URING_WRITE)
		moved(BPF_CORE_READ(request, file), deed == GADGET_URING_WRITE, ctx->res);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
