/* SPDX-License-Identifier: GPL-2.0 */
/* The calls that send signals, in each table of system calls, and what they were asked for. */
#ifndef CALLS_H
#define CALLS_H

#include <gadget/exit_args.h>

enum call_kind {
	OTHER_CALL,
	KILL,		   /* (pid, signal) */
	TKILL,		   /* (tid, signal) */
	TGKILL,		   /* (pid, tid, signal) */
	RT_SIGQUEUEINFO,   /* (pid, signal, info) */
	RT_TGSIGQUEUEINFO, /* (pid, tid, signal, info) */
	PIDFD_SEND_SIGNAL, /* (descriptor, signal, info, flags) */
};

static __always_inline enum call_kind x86_64_call(__u64 nr)
{
	switch (nr) {
	case 62:
		return KILL;
	case 200:
		return TKILL;
	case 234:
		return TGKILL;
	case 129:
	case 524: /* of x32 */
		return RT_SIGQUEUEINFO;
	case 297:
	case 536: /* of x32 */
		return RT_TGSIGQUEUEINFO;
	}
	return OTHER_CALL;
}

static __always_inline enum call_kind i386_call(__u64 nr)
{
	switch (nr) {
	case 37:
		return KILL;
	case 238:
		return TKILL;
	case 270:
		return TGKILL;
	case 178:
		return RT_SIGQUEUEINFO;
	case 335:
		return RT_TGSIGQUEUEINFO;
	}
	return OTHER_CALL;
}

static __always_inline enum call_kind aarch64_call(__u64 nr)
{
	switch (nr) {
	case 129:
		return KILL;
	case 130:
		return TKILL;
	case 131:
		return TGKILL;
	case 138:
		return RT_SIGQUEUEINFO;
	case 240:
		return RT_TGSIGQUEUEINFO;
	}
	return OTHER_CALL;
}

static __always_inline enum call_kind arm_call(__u64 nr)
{
	switch (nr) {
	case 37:
		return KILL;
	case 238:
		return TKILL;
	case 268:
		return TGKILL;
	case 178:
		return RT_SIGQUEUEINFO;
	case 363:
		return RT_TGSIGQUEUEINFO;
	}
	return OTHER_CALL;
}

static __always_inline enum call_kind call_kind_of(enum syscall_arch arch, __u64 nr)
{
	if (nr == 424) /* the tables agree on the newer calls */
		return PIDFD_SEND_SIGNAL;
	switch (arch) {
	case x86_64:
	case x32:
		return x86_64_call(nr);
	case i386:
		return i386_call(nr);
	case aarch64:
		return aarch64_call(nr);
	case arm:
		return arm_call(nr);
	}
	return OTHER_CALL;
}

struct call {
	__s32
	    target; /* process or thread; negative: a group of processes; 0: not named by number */
	__u32 signal;
	enum call_kind kind;
};

/* False when the call that ends is another one. */
static __always_inline bool read_call(struct call *call, struct task_struct *task,
				      struct pt_regs *regs, long nr)
{
	enum syscall_arch arch = gadget_syscall_arch(task, nr);

	call->kind = call_kind_of(arch, gadget_syscall_number(nr));
	if (call->kind == OTHER_CALL)
		return false;
	call->target = gadget_exit_arg1(regs, arch);
	call->signal = gadget_exit_arg2(regs, arch);
	if (call->kind == TGKILL || call->kind == RT_TGSIGQUEUEINFO)
		call->signal = gadget_exit_arg3(regs, arch);
	if (call->kind == PIDFD_SEND_SIGNAL)
		call->target = 0;
	return true;
}

#endif
