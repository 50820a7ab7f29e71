/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rungs at the exit of all system calls, those of 32-bit programs too. A call's arguments are
 * still in the registers then, so nothing has to be kept from its entry.
 */
#ifndef BY_SYSCALLS_H
#define BY_SYSCALLS_H

#include <gadget/syscall_regs.h>

enum open_call {
	OTHER_CALL,
	OPEN,
	CREAT,
	OPENAT,
	OPENAT2,
};

#define NR_OPENAT2 437 /* everywhere */

#if defined(__TARGET_ARCH_x86)

#define NR_OPENAT32 295

static __always_inline enum open_call open_call_64(__u64 nr)
{
	switch (nr) {
	case 2:
		return OPEN;
	case 85:
		return CREAT;
	case 257:
		return OPENAT;
	case NR_OPENAT2:
		return OPENAT2;
	}
	return OTHER_CALL;
}

#elif defined(__TARGET_ARCH_arm64)

#define NR_OPENAT32 322

static __always_inline enum open_call open_call_64(__u64 nr)
{
	switch (nr) {
	case 56:
		return OPENAT;
	case NR_OPENAT2:
		return OPENAT2;
	}
	return OTHER_CALL;
}

#endif

static __always_inline enum open_call open_call_32(__u64 nr)
{
	switch (nr) {
	case 5:
		return OPEN;
	case 8:
		return CREAT;
	case NR_OPENAT32:
		return OPENAT;
	case NR_OPENAT2:
		return OPENAT2;
	}
	return OTHER_CALL;
}

static __always_inline int leave(struct pt_regs *regs, long result)
{
	struct call call = {.dirfd = AT_FDCWD};
	struct gadget_syscall_regs syscall;
	enum open_call kind;

	gadget_syscall_regs_read(&syscall, regs);
	kind = gadget_is_32bit(&syscall) ? open_call_32(syscall.nr) : open_call_64(syscall.nr);
	if (kind == OTHER_CALL || gadget_should_discard_data_current())
		return 0;
	if (kind == OPEN || kind == CREAT) {
		call.fname = gadget_arg0(&syscall);
		call.flags = kind == OPEN ? gadget_arg1(&syscall) : O_CREAT | O_WRONLY | O_TRUNC;
		call.mode = kind == OPEN ? gadget_arg2(&syscall) : gadget_arg1(&syscall);
	} else {
		call.dirfd = gadget_arg0(&syscall);
		call.fname = gadget_arg1(&syscall);
		if (kind == OPENAT2)
			call.how = gadget_arg2(&syscall);
		else
			call.flags = gadget_arg2(&syscall);
		call.mode = gadget_arg3(&syscall);
	}
	tell_call(&call, gadget_result(&syscall, result));
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(exit_syscall, struct pt_regs *regs, long result)
{
	return leave(regs, result);
}

/* Since 7.0 a program at a typed tracepoint can be preempted, and the kernel skips it meanwhile. */
SEC("tracepoint/raw_syscalls/sys_exit")
int exit_syscall_unpreempted(struct trace_event_raw_sys_exit *ctx)
{
	return leave(gadget_current_regs(), ctx->ret);
}

#endif
