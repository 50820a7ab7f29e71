/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Arguments of a system call when it is over. The registers still hold them, so a gadget that is
 * interested in failures only need not look at entries. On arm64 the result has taken the first
 * one's place, and the kernel keeps that argument elsewhere.
 */
#ifndef GADGET_EXIT_ARGS_H
#define GADGET_EXIT_ARGS_H

#include <gadget/arch.h>

/* The registers with which the current task came into the kernel. */
static __always_inline struct pt_regs *gadget_current_regs(void)
{
	/* the helper wants a pointer that the verifier knows */
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		return (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());
	return gadget_task_regs((struct task_struct *)bpf_get_current_task());
}

static __always_inline __u64 gadget_exit_arg1(struct pt_regs *regs, enum syscall_arch arch)
{
#if defined(__TARGET_ARCH_arm64)
	return BPF_CORE_READ(regs, orig_x0);
#else
	return gadget_syscall_arg1(regs, arch);
#endif
}

#define gadget_exit_arg2 gadget_syscall_arg2
#define gadget_exit_arg3 gadget_syscall_arg3

/* The call seems to have failed, but the kernel will make it again: -ERESTARTSYS and its kin. */
static __always_inline bool gadget_is_restarted(long ret)
{
	return ret <= -512 && ret >= -516;
}

#endif
