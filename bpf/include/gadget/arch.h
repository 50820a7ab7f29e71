/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All that the BPF side knows about architectures: which system call table a call goes through, and
 * the numbers of the few calls whose meaning a gadget has to know. One x86_64 task may use three
 * tables, whose numbers overlap.
 */
#ifndef GADGET_ARCH_H
#define GADGET_ARCH_H

#include <vmlinux.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

enum syscall_arch {
	x86_64 = 1,
	i386,
	x32,
	aarch64,
	arm,
};

/* What a call means to whoever follows the life of a workload; 0 for all others. */
enum gadget_call {
	GADGET_CALL_OTHER,
	GADGET_CALL_WAIT,   /* for events: a server that has nothing to do sits here */
	GADGET_CALL_ACCEPT, /* waits too, and only a server does it */
	GADGET_CALL_PAUSE,  /* until a signal comes */
	GADGET_CALL_LISTEN,
	GADGET_CALL_SOCKETCALL, /* of i386: the first argument says which */
	GADGET_CALL_PRCTL,
	GADGET_CALL_SECCOMP,
	GADGET_CALL_READ_WRITE,
};

#if defined(__TARGET_ARCH_x86)

#define GADGET_NATIVE_ARCH x86_64
#define __X32_SYSCALL_BIT  0x40000000u
#define __TS_COMPAT	   0x0002

/* True when the task's running call did not come through the table of 32-bit calls. */
#define gadget_is_native_table(task) (!((task)->thread_info.status & __TS_COMPAT))

static __always_inline enum syscall_arch gadget_syscall_arch(struct task_struct *task, long nr)
{
	if (BPF_CORE_READ(task, thread_info.status) & __TS_COMPAT)
		return i386;
	return (int)nr >= 0 && nr & __X32_SYSCALL_BIT ? x32 : x86_64;
}

/* The number without the bit that marks the table. */
static __always_inline __u64 gadget_syscall_number(long nr)
{
	return (int)nr >= 0 ? (__u32)nr & ~__X32_SYSCALL_BIT : (__u32)nr;
}

/* x32 shares x86_64's numbers below 512; none of the calls that differ above matters here. */
static __always_inline enum gadget_call gadget_call_64(__u64 nr)
{
	switch (nr) {
	case 7:	  /* poll */
	case 23:  /* select */
	case 208: /* io_getevents */
	case 232: /* epoll_wait */
	case 270: /* pselect6 */
	case 271: /* ppoll */
	case 281: /* epoll_pwait */
	case 426: /* io_uring_enter */
	case 441: /* epoll_pwait2 */
		return GADGET_CALL_WAIT;
	case 43:
	case 288:
		return GADGET_CALL_ACCEPT;
	case 34:  /* pause */
	case 128: /* rt_sigtimedwait */
	case 130: /* rt_sigsuspend */
		return GADGET_CALL_PAUSE;
	case 50:
		return GADGET_CALL_LISTEN;
	case 157:
		return GADGET_CALL_PRCTL;
	case 317:
		return GADGET_CALL_SECCOMP;
	case 0:
	case 1:
		return GADGET_CALL_READ_WRITE;
	}
	return GADGET_CALL_OTHER;
}

static __always_inline enum gadget_call gadget_call_32(__u64 nr)
{
	switch (nr) {
	case 82:  /* select */
	case 142: /* _newselect */
	case 168: /* poll */
	case 247: /* io_getevents */
	case 256: /* epoll_wait */
	case 308: /* pselect6 */
	case 309: /* ppoll */
	case 319: /* epoll_pwait */
	case 413: /* pselect6_time64 */
	case 414: /* ppoll_time64 */
	case 426: /* io_uring_enter */
	case 441: /* epoll_pwait2 */
		return GADGET_CALL_WAIT;
	case 364:
		return GADGET_CALL_ACCEPT;
	case 29:  /* pause */
	case 72:  /* sigsuspend */
	case 177: /* rt_sigtimedwait */
	case 179: /* rt_sigsuspend */
	case 421: /* rt_sigtimedwait_time64 */
		return GADGET_CALL_PAUSE;
	case 363:
		return GADGET_CALL_LISTEN;
	case 102:
		return GADGET_CALL_SOCKETCALL;
	case 172:
		return GADGET_CALL_PRCTL;
	case 354:
		return GADGET_CALL_SECCOMP;
	case 3:
	case 4:
		return GADGET_CALL_READ_WRITE;
	}
	return GADGET_CALL_OTHER;
}

static __always_inline __u64 gadget_syscall_arg1(struct pt_regs *regs, enum syscall_arch arch)
{
	return arch == i386 ? (__u32)BPF_CORE_READ(regs, bx) : BPF_CORE_READ(regs, di);
}

static __always_inline __u64 gadget_syscall_arg2(struct pt_regs *regs, enum syscall_arch arch)
{
	return arch == i386 ? (__u32)BPF_CORE_READ(regs, cx) : BPF_CORE_READ(regs, si);
}

static __always_inline __u64 gadget_syscall_arg3(struct pt_regs *regs, enum syscall_arch arch)
{
	__u64 arg = BPF_CORE_READ(regs, dx); /* the same register in both tables */

	return arch == i386 ? (__u32)arg : arg;
}

/* All six of the call that begins, from the registers that the tracepoint sys_enter gives: their
 * fields are read as they are, without a helper. */
static __always_inline void gadget_syscall_args(__u64 *args, struct pt_regs *regs,
						enum syscall_arch arch)
{
	if (arch == i386) {
		args[0] = (__u32)regs->bx;
		args[1] = (__u32)regs->cx;
		args[2] = (__u32)regs->dx;
		args[3] = (__u32)regs->si;
		args[4] = (__u32)regs->di;
		args[5] = (__u32)regs->bp;
		return;
	}
	args[0] = regs->di;
	args[1] = regs->si;
	args[2] = regs->dx;
	args[3] = regs->r10;
	args[4] = regs->r8;
	args[5] = regs->r9;
}

/* The call that a task is in; negative when it came into the kernel otherwise. */
static __always_inline long gadget_regs_syscall(struct pt_regs *regs)
{
	return (long)BPF_CORE_READ(regs, orig_ax);
}

#elif defined(__TARGET_ARCH_arm64)

#define GADGET_NATIVE_ARCH	     aarch64
#define __TIF_32BIT		     (1ul << 22)

#define gadget_is_native_table(task) (!((task)->thread_info.flags & __TIF_32BIT))

static __always_inline enum syscall_arch gadget_syscall_arch(struct task_struct *task, long nr)
{
	return BPF_CORE_READ(task, thread_info.flags) & __TIF_32BIT ? arm : aarch64;
}

static __always_inline __u64 gadget_syscall_number(long nr)
{
	return (__u32)nr;
}

static __always_inline enum gadget_call gadget_call_64(__u64 nr)
{
	switch (nr) {
	case 4:	  /* io_getevents */
	case 22:  /* epoll_pwait */
	case 72:  /* pselect6 */
	case 73:  /* ppoll */
	case 426: /* io_uring_enter */
	case 441: /* epoll_pwait2 */
		return GADGET_CALL_WAIT;
	case 202:
	case 242:
		return GADGET_CALL_ACCEPT;
	case 133: /* rt_sigsuspend */
	case 137: /* rt_sigtimedwait */
		return GADGET_CALL_PAUSE;
	case 201:
		return GADGET_CALL_LISTEN;
	case 167:
		return GADGET_CALL_PRCTL;
	case 277:
		return GADGET_CALL_SECCOMP;
	case 63:
	case 64:
		return GADGET_CALL_READ_WRITE;
	}
	return GADGET_CALL_OTHER;
}

static __always_inline enum gadget_call gadget_call_32(__u64 nr)
{
	switch (nr) {
	case 142: /* _newselect */
	case 168: /* poll */
	case 245: /* io_getevents */
	case 252: /* epoll_wait */
	case 335: /* pselect6 */
	case 336: /* ppoll */
	case 346: /* epoll_pwait */
	case 413: /* pselect6_time64 */
	case 414: /* ppoll_time64 */
	case 426: /* io_uring_enter */
	case 441: /* epoll_pwait2 */
		return GADGET_CALL_WAIT;
	case 285:
	case 366:
		return GADGET_CALL_ACCEPT;
	case 29:  /* pause */
	case 72:  /* sigsuspend */
	case 177: /* rt_sigtimedwait */
	case 179: /* rt_sigsuspend */
	case 421: /* rt_sigtimedwait_time64 */
		return GADGET_CALL_PAUSE;
	case 284:
		return GADGET_CALL_LISTEN;
	case 172:
		return GADGET_CALL_PRCTL;
	case 383:
		return GADGET_CALL_SECCOMP;
	case 3:
	case 4:
		return GADGET_CALL_READ_WRITE;
	}
	return GADGET_CALL_OTHER;
}

static __always_inline __u64 gadget_syscall_arg1(struct pt_regs *regs, enum syscall_arch arch)
{
	return BPF_CORE_READ(regs, regs[0]);
}

static __always_inline __u64 gadget_syscall_arg2(struct pt_regs *regs, enum syscall_arch arch)
{
	return BPF_CORE_READ(regs, regs[1]);
}

static __always_inline __u64 gadget_syscall_arg3(struct pt_regs *regs, enum syscall_arch arch)
{
	return BPF_CORE_READ(regs, regs[2]);
}

/* All six of the call that begins, from the registers that the tracepoint sys_enter gives: their
 * fields are read as they are, without a helper. */
static __always_inline void gadget_syscall_args(__u64 *args, struct pt_regs *regs,
						enum syscall_arch arch)
{
	args[0] = regs->regs[0];
	args[1] = regs->regs[1];
	args[2] = regs->regs[2];
	args[3] = regs->regs[3];
	args[4] = regs->regs[4];
	args[5] = regs->regs[5];
}

/* The call that a task is in; negative when it came into the kernel otherwise. */
static __always_inline long gadget_regs_syscall(struct pt_regs *regs)
{
	return BPF_CORE_READ(regs, syscallno);
}

#else
#error "unknown architecture"
#endif

/* i386's socketcall(2) packs the socket calls into one. */
static __always_inline enum gadget_call gadget_socketcall(__u64 which)
{
	if (which == 4)
		return GADGET_CALL_LISTEN;
	return which == 5 || which == 18 ? GADGET_CALL_ACCEPT : GADGET_CALL_OTHER;
}

/*
 * Where the registers of any task lie while it is in the kernel: at the end of its kernel stack.
 * Kernels older than 5.15 lack the helper that knows exactly; in them that end had no padding.
 */
static __always_inline struct pt_regs *gadget_task_regs(struct task_struct *task)
{
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		return (struct pt_regs *)bpf_task_pt_regs(task);
	return BPF_CORE_READ(task, stack) + 4 * 4096 - bpf_core_type_size(struct pt_regs);
}

static __always_inline enum gadget_call gadget_call_of(enum syscall_arch arch, __u64 nr)
{
	return arch == i386 || arch == arm ? gadget_call_32(nr) : gadget_call_64(nr);
}

#endif
