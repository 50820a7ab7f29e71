/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rung at the kernel's own functions, which costs other system calls nothing. A call that reads
 * one file and writes another is one for each.
 */
#ifndef BY_FENTRY_H
#define BY_FENTRY_H

/* An argument as a number, for what the verifier does not let be one: of 5.10 pointers to numbers,
 * and of all kernels pointers that are errors. */
static __always_inline __u64 argument(void *ctx, int n)
{
	__u64 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), ctx + n * sizeof(value));
	return value;
}

/* Told apart by operation and first argument: an fsync may be part of a write, or of an fsync. */
#define BEGINS(name, function, op)                                                                 \
	SEC("fentry/" #function)                                                                   \
	int enter_##name(void *ctx)                                                                \
	{                                                                                          \
		struct start_key key = key_of(op, argument(ctx, 0));                               \
                                                                                                   \
		return begin(&key, 0);                                                             \
	}

BEGINS(open, do_filp_open, open)
BEGINS(read, vfs_read, read)
BEGINS(readv, vfs_readv, read)
BEGINS(write, vfs_write, write)
BEGINS(writev, vfs_writev, write)
BEGINS(sendfile, do_sendfile, read)
BEGINS(copy, vfs_copy_file_range, read)
BEGINS(splice, do_splice, read)
BEGINS(sync, vfs_fsync_range, fsync)
BEGINS(statfs, user_statfs, statfs)
BEGINS(fstatfs, fd_statfs, statfs)

struct kstatfs___ig {
	long f_type;
} __attribute__((preserve_access_index));

static __always_inline __s64 position_of(struct file *file, __u64 position, long result)
{
	loff_t end = 0;

	if (!position)
		return moved_from(file, result);
	bpf_probe_read_kernel(&end, sizeof(end), (void *)position);
	return end - (result > 0 ? result : 0);
}

static __always_inline int ended(void *ctx, enum fs_file_op op, struct file *file, __u64 position,
				 long result)
{
	struct deed deed = {.op = op, .file = file, .result = result};
	struct start_key key = key_of(op, argument(ctx, 0));
	struct start start;

	if (!was_slow(&key, &start))
		return 0;
	deed.start = start.time;
	deed.offset = position_of(file, position, result);
	return tell(&deed);
}

static __always_inline int ended_copy(void *ctx, struct file *in, __s64 in_offset, struct file *out,
				      __s64 out_offset, long result)
{
	struct deed deed = {.op = read, .file = in, .offset = in_offset, .result = result};
	struct start_key key = key_of(read, argument(ctx, 0));
	struct start start;

	if (!was_slow(&key, &start))
		return 0;
	deed.start = start.time;
	tell(&deed);
	deed.op = write;
	deed.file = out;
	deed.offset = out_offset;
	return tell(&deed);
}

SEC("fexit/do_filp_open")
int BPF_PROG(exit_open, int dirfd, void *name, void *flags)
{
	long result = argument(ctx, 3); /* a pointer, or an error */
	bool failed = (unsigned long)result >= (unsigned long)-4095;

	return ended(ctx, open, failed ? NULL : (struct file *)result, 0, failed ? result : 0);
}

SEC("fexit/vfs_read")
int BPF_PROG(exit_read, struct file *file, char *buf, size_t count, loff_t *pos, ssize_t result)
{
	return ended(ctx, read, file, argument(ctx, 3), result);
}

SEC("fexit/vfs_readv")
int BPF_PROG(exit_readv, struct file *file, const struct iovec *vec, unsigned long vlen,
	     loff_t *pos, int flags, ssize_t result)
{
	return ended(ctx, read, file, argument(ctx, 3), result);
}

SEC("fexit/vfs_write")
int BPF_PROG(exit_write, struct file *file, const char *buf, size_t count, loff_t *pos,
	     ssize_t result)
{
	return ended(ctx, write, file, argument(ctx, 3), result);
}

SEC("fexit/vfs_writev")
int BPF_PROG(exit_writev, struct file *file, const struct iovec *vec, unsigned long vlen,
	     loff_t *pos, int flags, ssize_t result)
{
	return ended(ctx, write, file, argument(ctx, 3), result);
}

SEC("fexit/do_sendfile")
int BPF_PROG(exit_sendfile, int out_fd, int in_fd, loff_t *pos, size_t count, loff_t max,
	     ssize_t result)
{
	struct task_struct *task = gadget_current();
	struct file *in = gadget_file_of_fd(task, in_fd), *out = gadget_file_of_fd(task, out_fd);

	return ended_copy(ctx, in, position_of(in, argument(ctx, 2), result), out,
			  moved_from(out, result), result);
}

SEC("fexit/vfs_copy_file_range")
int BPF_PROG(exit_copy, struct file *in, loff_t in_pos, struct file *out, loff_t out_pos,
	     size_t count, unsigned int flags, ssize_t result)
{
	return ended_copy(ctx, in, in_pos, out, out_pos, result);
}

SEC("fexit/do_splice")
int BPF_PROG(exit_splice, struct file *in, loff_t *in_pos, struct file *out, loff_t *out_pos,
	     size_t count, unsigned int flags, ssize_t result)
{
	return ended_copy(ctx, in, position_of(in, argument(ctx, 1), result), out,
			  position_of(out, argument(ctx, 3), result), result);
}

SEC("fexit/vfs_fsync_range")
int BPF_PROG(exit_sync, struct file *file, loff_t start, loff_t end, int datasync, int result)
{
	return ended(ctx, fsync, file, 0, result);
}

SEC("fexit/user_statfs")
int BPF_PROG(exit_statfs, const char *name, struct kstatfs___ig *answer, int result)
{
	struct gadget_path_scratch *scratch = gadget_path_get_scratch();
	struct start_key key = key_of(statfs, argument(ctx, 0));
	struct deed deed = {.op = statfs};
	struct start start;

	if (!was_slow(&key, &start) || result < 0 || !scratch)
		return 0;
	deed.start = start.time;
	deed.magic = BPF_CORE_READ(answer, f_type);
	scratch->name[0] = '\0';
	bpf_probe_read_user_str(scratch->name, sizeof(scratch->name), (void *)argument(ctx, 0));
	deed.name = scratch->name;
	return tell(&deed);
}

SEC("fexit/fd_statfs")
int BPF_PROG(exit_fstatfs, int fd, void *answer, int result)
{
	return ended(ctx, statfs, gadget_file_of_fd(gadget_current(), fd), 0, result);
}

#endif
