/* SPDX-License-Identifier: GPL-2.0 */
/* execve and execveat in each table of system calls, and what they were asked for. */
#ifndef CALLS_H
#define CALLS_H

#include <gadget/exit_args.h>
#include <gadget/path_at.h>

struct call {
	const void *filename; /* user addresses */
	const void *argv;
	int dirfd;
	__u32 pointer_size; /* of the elements of argv */
};

static __always_inline bool is_execve(enum syscall_arch arch, __u64 nr)
{
	switch (arch) {
	case x86_64:
		return nr == 59;
	case x32:
		return nr == 520;
	case i386:
	case arm:
		return nr == 11;
	case aarch64:
		return nr == 221;
	}
	return false;
}

static __always_inline bool is_execveat(enum syscall_arch arch, __u64 nr)
{
	switch (arch) {
	case x86_64:
		return nr == 322;
	case x32:
		return nr == 545;
	case i386:
		return nr == 358;
	case arm:
		return nr == 387;
	case aarch64:
		return nr == 281;
	}
	return false;
}

/* False when the call that ends is another one. */
static __always_inline bool read_call(struct call *call, struct task_struct *task,
				      struct pt_regs *regs, long nr)
{
	enum syscall_arch arch = gadget_syscall_arch(task, nr);
	__u64 number = gadget_syscall_number(nr);

	call->pointer_size = arch == x86_64 || arch == aarch64 ? 8 : 4;
	if (is_execve(arch, number)) {
		call->dirfd = AT_FDCWD;
		call->filename = (const void *)gadget_exit_arg1(regs, arch);
		call->argv = (const void *)gadget_exit_arg2(regs, arch);
		return true;
	}
	if (is_execveat(arch, number)) {
		call->dirfd = (int)gadget_exit_arg1(regs, arch);
		call->filename = (const void *)gadget_exit_arg2(regs, arch);
		call->argv = (const void *)gadget_exit_arg3(regs, arch);
		return true;
	}
	return false;
}

#endif
