/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The running system call, out of the task's registers: its table, number and arguments. They are
 * all still there when the call returns, so a program at the exit needs none at the entry to know
 * what was asked for. 32-bit calls are seen as well as native ones.
 */
#ifndef GADGET_SYSCALL_REGS_H
#define GADGET_SYSCALL_REGS_H

#include <gadget/arch.h>
#include <gadget/identity.h>

struct gadget_syscall_regs {
	struct pt_regs *regs;
	enum syscall_arch arch;
	__u64 nr;
};

static __always_inline bool gadget_is_32bit(const struct gadget_syscall_regs *call)
{
	return call->arch == i386 || call->arch == arm;
}

static __always_inline void gadget_syscall_regs_read(struct gadget_syscall_regs *call,
						     struct pt_regs *regs)
{
	long nr = gadget_regs_syscall(regs);

	call->regs = regs;
	call->arch = gadget_syscall_arch(gadget_current(), nr);
	call->nr = gadget_syscall_number(nr);
}

/* Of the current task, where the hook does not give them. See gadget_task_regs(). */
static __always_inline struct pt_regs *gadget_current_regs(void)
{
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		return (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());
	return BPF_CORE_READ(gadget_current(), stack) + 4 * 4096 -
	       bpf_core_type_size(struct pt_regs);
}

#if defined(__TARGET_ARCH_x86)

#define __GADGET_ARG(n, native, compat)                                                            \
	static __always_inline __u64 gadget_arg##n(const struct gadget_syscall_regs *call)         \
	{                                                                                          \
		struct pt_regs *regs = call->regs;                                                 \
                                                                                                   \
		return call->arch == i386 ? (__u32)BPF_CORE_READ(regs, compat)                     \
					  : BPF_CORE_READ(regs, native);                           \
	}
__GADGET_ARG(0, di, bx)
__GADGET_ARG(1, si, cx)
__GADGET_ARG(2, dx, dx)
__GADGET_ARG(3, r10, si)
__GADGET_ARG(4, r8, di)
__GADGET_ARG(5, r9, bp)

#elif defined(__TARGET_ARCH_arm64)

#define __GADGET_ARG(n, member)                                                                    \
	static __always_inline __u64 gadget_arg##n(const struct gadget_syscall_regs *call)         \
	{                                                                                          \
		struct pt_regs *regs = call->regs;                                                 \
		__u64 arg = BPF_CORE_READ(regs, member);                                           \
                                                                                                   \
		return call->arch == arm ? (__u32)arg : arg;                                       \
	}
__GADGET_ARG(0, orig_x0) /* regs[0] is the result when the call returns */
__GADGET_ARG(1, regs[1])
__GADGET_ARG(2, regs[2])
__GADGET_ARG(3, regs[3])
__GADGET_ARG(4, regs[4])
__GADGET_ARG(5, regs[5])

#endif

/* Results of 32-bit calls are 32 bits wide. */
static __always_inline long gadget_result(const struct gadget_syscall_regs *call, long result)
{
	return gadget_is_32bit(call) ? (long)(int)result : result;
}

#endif
