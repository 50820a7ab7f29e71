/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The sums: which capability each workload was asked for, how, by which program and call, and what
 * the answer was. What a policy is made of; it stays small while events are many.
 */
#ifndef TRACE_CAPABILITIES_USES_H
#define TRACE_CAPABILITIES_USES_H

#include <gadget/arch.h>
#include <gadget/buffer.h>
#include <gadget/identity.h>
#include <gadget/kernel_stack.h>
#include <gadget/macros.h>
#include "capabilities.h"

#define PF_IO_WORKER 0x00000010
#define PF_KTHREAD   0x00200000

/* How it was asked: cap_capable()'s options. */
#define CAP_OPT_NOAUDIT 2
#define CAP_OPT_INSETID 4
#define UNKNOWN_OPTIONS -1

/* Our own program's frames, those of the check, and the two functions that wanted it. */
#define ASKING_FRAMES 8

struct question {
	gadget_mntns_id mntns_id;
	__u64 mntns_gen;
	__u64 cgroup_id;
	__u64 current_userns; /* inode numbers, as all of these */
	__u64 target_userns;
	__u64 mntns_userns;  /* it owns the mount namespace, so a container's is its own */
	__u64 program_mntns; /* where the program came from: a runtime's is not the container's; 0:
				no mount */
	__u64 asker;	     /* where the options are not known: tells apart who asked */
	enum capability_bit_set cap_effective_raw;
	gadget_syscall syscall_raw;
	enum syscall_arch arch_raw;
	enum capability cap_raw;
	int audit;
	int insetid;
	gadget_uid uid;
	__u32 capable;
	gadget_comm comm[TASK_COMM_LEN]; /* of the process; threads have names of many kinds */
};

struct question_uses {
	__u64 count;
	gadget_timestamp first_raw;
	gadget_timestamp last_raw;
	gadget_kernel_stack kstack_raw; /* of the first, where the options are not known */
	__u32 __pad;
};

/* A workload asks for 2 to 8 capabilities, in 10 to 50 ways. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct question);
	__type(value, struct question_uses);
} uses SEC(".maps");
GADGET_LOST_UPDATES(uses);

static __always_inline __u64 program_mntns(struct task_struct *task)
{
	struct vfsmount *vfs = BPF_CORE_READ(task, mm, exe_file, f_path.mnt);
	struct mount *mount;

	if (!vfs)
		return 0;
	mount = (void *)vfs - bpf_core_field_offset(struct mount, mnt);
	return BPF_CORE_READ(mount, mnt_ns, ns.inum);
}

/* The call that needs it; -1: none, as for the kernel's own threads. */
static __always_inline gadget_syscall asking_syscall(struct task_struct *task,
						     enum syscall_arch *arch)
{
	long nr = -1;

	*arch = 0;
	if (BPF_CORE_READ(task, flags) & (PF_KTHREAD | PF_IO_WORKER))
		return -1;
	nr = gadget_regs_syscall(gadget_current_regs());
	if (nr < 0)
		return -1;
	*arch = gadget_syscall_arch(task, nr);
	return gadget_syscall_number(nr);
}

static __always_inline __u64 asker_of(void *ctx)
{
	__u64 frames[ASKING_FRAMES] = {};
	__u64 asker = 0;

	bpf_get_stack(ctx, frames, sizeof(frames), 0);
	for (int i = 0; i < ASKING_FRAMES; i++)
		asker = asker * 31 + frames[i];
	return asker;
}

static __always_inline void count_question(struct question_uses *known, __u64 now)
{
	__sync_fetch_and_add(&known->count, 1);
	known->last_raw = now;
}

static __always_inline void add_question(void *ctx, const struct question *question)
{
	__u64 now = bpf_ktime_get_boot_ns();
	struct question_uses fresh = {
	    .count = 1, .first_raw = now, .last_raw = now, .kstack_raw = -1};
	struct question_uses *known = bpf_map_lookup_elem(&uses, question);

	if (known) {
		count_question(known, now);
		return;
	}
	if (question->asker)
		fresh.kstack_raw = gadget_get_kernel_stack(ctx);
	if (!gadget_update_map(&uses, question, &fresh, BPF_NOEXIST))
		return;
	known = bpf_map_lookup_elem(&uses, question); /* another CPU made it meanwhile */
	if (known)
		count_question(known, now);
}

static __always_inline void note_question(void *ctx, const struct user_namespace *target, int cap,
					  int options, bool capable)
{
	struct task_struct *task = gadget_current();
	struct mnt_namespace *mntns = BPF_CORE_READ(task, nsproxy, mnt_ns);
	bool known = options != UNKNOWN_OPTIONS;
	struct question question = {
	    .mntns_id = BPF_CORE_READ(mntns, ns.inum),
	    .mntns_gen = gadget_mntns_gen(mntns),
	    .cgroup_id = gadget_cgroup_id_of(task),
	    .current_userns = BPF_CORE_READ(task, real_cred, user_ns, ns.inum),
	    .target_userns = BPF_CORE_READ(target, ns.inum),
	    .mntns_userns = BPF_CORE_READ(mntns, user_ns, ns.inum),
	    .program_mntns = program_mntns(task),
	    .asker = known ? 0 : asker_of(ctx),
	    .cap_raw = cap,
	    .audit = known ? !(options & CAP_OPT_NOAUDIT) : -1,
	    .insetid = known ? !!(options & CAP_OPT_INSETID) : -1,
	    .uid = BPF_CORE_READ(task, real_cred, euid.val),
	    .capable = capable,
	};

	BPF_CORE_READ_INTO(&question.cap_effective_raw, task, real_cred, cap_effective);
	question.syscall_raw = asking_syscall(task, &question.arch_raw);
	BPF_CORE_READ_STR_INTO(&question.comm, task, group_leader, comm);
	add_question(ctx, &question);
}

#endif
