/* SPDX-License-Identifier: GPL-2.0 */
/* The rungs at the entry and exit of system calls. */
#ifndef BY_SYSCALLS_H
#define BY_SYSCALLS_H

static __always_inline enum fs_file_op op_of(enum gadget_file_call kind)
{
	switch (kind) {
	case GADGET_FILE_OPEN:
		return open;
	case GADGET_FILE_WRITE:
	case GADGET_FILE_PWRITE:
	case GADGET_FILE_PWRITEV:
		return write;
	case GADGET_FILE_SYNC:
		return fsync;
	case GADGET_FILE_FSTATFS:
	case GADGET_FILE_STATFS:
		return statfs;
	default:
		return read;
	}
}

static __always_inline int enter(struct pt_regs *regs)
{
	struct gadget_syscall_regs call;
	enum gadget_file_call kind;
	struct start_key key;

	gadget_syscall_regs_read(&call, regs);
	kind = gadget_file_call_of(&call);
	if (kind == GADGET_NO_FILE_CALL)
		return 0;
	key = key_of(op_of(kind), 0);
	return begin(&key, 0);
}

static __always_inline struct file *file_of(__u64 fd)
{
	return gadget_file_of_fd(gadget_current(), (int)fd);
}

/* Where a copy began: at `*position`, which was moved, or at the file's. */
static __always_inline __s64 copied_from(struct file *file, __u64 position, long result, bool small)
{
	__s64 end = 0;

	if (!position)
		return moved_from(file, result);
	bpf_probe_read_user(&end, small ? 4 : 8, (void *)position);
	return end - (result > 0 ? result : 0);
}

static __always_inline void tell_copy(struct deed *deed, struct file *in, __s64 in_offset,
				      struct file *out, __s64 out_offset)
{
	deed->file = in;
	deed->offset = in_offset;
	tell(deed);
	deed->op = write;
	deed->file = out;
	deed->offset = out_offset;
	tell(deed);
}

static __always_inline void tell_copying_call(struct deed *deed, enum gadget_file_call kind,
					      const struct gadget_syscall_regs *call)
{
	__u64 arg0 = gadget_arg0(call), arg1 = gadget_arg1(call), arg2 = gadget_arg2(call);
	struct file *in, *out;

	if (kind == GADGET_FILE_COPY) {
		in = file_of(arg0);
		out = file_of(arg2);
		tell_copy(deed, in, copied_from(in, arg1, deed->result, false), out,
			  copied_from(out, gadget_arg3(call), deed->result, false));
		return;
	}
	in = file_of(arg1);
	out = file_of(arg0);
	tell_copy(deed, in, copied_from(in, arg2, deed->result, kind == GADGET_FILE_SENDFILE32),
		  out, moved_from(out, deed->result));
}

static __always_inline void tell_of_one_file(struct deed *deed, enum gadget_file_call kind,
					     const struct gadget_syscall_regs *call)
{
	deed->file = file_of(gadget_arg0(call));
	deed->offset = -1;
	if (kind >= GADGET_FILE_PREAD && kind <= GADGET_FILE_PWRITEV)
		deed->offset = gadget_file_call_position(call, kind);
	if (deed->offset == -1)
		deed->offset = moved_from(deed->file, deed->result);
	tell(deed);
}

static __always_inline void tell_statfs(struct deed *deed, const struct gadget_syscall_regs *call)
{
	bool sized = gadget_is_32bit(call) && call->nr == __GADGET_STATFS64;
	__u64 answer = sized ? gadget_arg2(call) : gadget_arg1(call);
	struct gadget_path_scratch *scratch = gadget_path_get_scratch();

	if (!scratch || deed->result < 0)
		return;
	bpf_probe_read_user(&deed->magic, sizeof(deed->magic), (void *)answer);
	scratch->name[0] = '\0';
	bpf_probe_read_user_str(scratch->name, sizeof(scratch->name), (void *)gadget_arg0(call));
	deed->name = scratch->name;
	tell(deed);
}

static __always_inline int leave(struct pt_regs *regs, long result)
{
	struct gadget_syscall_regs call;
	enum gadget_file_call kind;
	struct deed deed = {};
	struct start_key key;
	struct start start;

	gadget_syscall_regs_read(&call, regs);
	kind = gadget_file_call_of(&call);
	if (kind == GADGET_NO_FILE_CALL)
		return 0;
	deed.op = op_of(kind);
	key = key_of(deed.op, 0);
	if (!was_slow(&key, &start))
		return 0;
	deed.start = start.time;
	deed.result = gadget_result(&call, result);
	switch (kind) {
	case GADGET_FILE_OPEN:
		deed.file = deed.result < 0 ? NULL : file_of(deed.result);
		tell(&deed);
		break;
	case GADGET_FILE_STATFS:
		tell_statfs(&deed, &call);
		break;
	case GADGET_FILE_COPY:
	case GADGET_FILE_SENDFILE:
	case GADGET_FILE_SENDFILE32:
		tell_copying_call(&deed, kind, &call);
		break;
	default:
		tell_of_one_file(&deed, kind, &call);
	}
	return 0;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(enter_syscall, struct pt_regs *regs, long id)
{
	return enter(regs);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(exit_syscall, struct pt_regs *regs, long result)
{
	return leave(regs, result);
}

/* Since 7.0 a program at a typed tracepoint can be preempted, and the kernel skips it meanwhile. */
SEC("tracepoint/raw_syscalls/sys_enter")
int enter_syscall_unpreempted(struct trace_event_raw_sys_enter *ctx)
{
	return enter(gadget_current_regs());
}

SEC("tracepoint/raw_syscalls/sys_exit")
int exit_syscall_unpreempted(struct trace_event_raw_sys_exit *ctx)
{
	return leave(gadget_current_regs(), ctx->ret);
}

#endif
