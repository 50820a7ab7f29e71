/* SPDX-License-Identifier: GPL-2.0 */
/* Fills struct gadget_process, for the current task or for any other. */
#ifndef GADGET_PROCESS_H
#define GADGET_PROCESS_H

#include <gadget/identity.h>

static __always_inline void gadget_process_populate_from_task(struct gadget_process *process,
							      struct task_struct *task)
{
	struct task_struct *parent = BPF_CORE_READ(task, real_parent);
	struct gadget_identity identity;

	gadget_identity_of(&identity, task);
	process->mntns_id = identity.mntns_id;
	process->mntns_gen = identity.mntns_gen;
	process->cgroup_id = identity.cgroup_id;

	process->pid = BPF_CORE_READ(task, tgid);
	process->tid = BPF_CORE_READ(task, pid);
	process->start_time = BPF_CORE_READ(task, group_leader, start_boottime);
	BPF_CORE_READ_STR_INTO(&process->comm, task, comm);
	process->creds.uid = BPF_CORE_READ(task, cred, uid.val);
	process->creds.gid = BPF_CORE_READ(task, cred, gid.val);

	process->parent.pid = BPF_CORE_READ(parent, tgid);
	process->parent.tid = BPF_CORE_READ(parent, pid);
	BPF_CORE_READ_STR_INTO(&process->parent.comm, parent, comm);
}

static __always_inline void gadget_process_populate(struct gadget_process *process)
{
	gadget_process_populate_from_task(process, gadget_current());
}

#endif
