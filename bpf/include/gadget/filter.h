/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The filter parameters that most gadgets share: --pid, --tid, --uid, --gid, --comm, besides the
 * workload filter. A gadget that includes this file has these parameters; all are off unless set.
 */
#ifndef GADGET_FILTER_H
#define GADGET_FILTER_H

#include <gadget/macros.h>
#include <gadget/mntns_filter.h>

#define GADGET_INVALID_ID ((__u32)-1)

const volatile gadget_pid targ_pid = 0;
GADGET_PARAM(targ_pid);
const volatile gadget_tid targ_tid = 0;
GADGET_PARAM(targ_tid);
const volatile gadget_uid targ_uid = GADGET_INVALID_ID;
GADGET_PARAM(targ_uid);
const volatile gadget_gid targ_gid = GADGET_INVALID_ID;
GADGET_PARAM(targ_gid);
const volatile gadget_comm targ_comm[TASK_COMM_LEN] = {};
GADGET_PARAM(targ_comm);

static __always_inline bool gadget_should_discard_pid(gadget_pid pid)
{
	return targ_pid && targ_pid != pid;
}

static __always_inline bool gadget_should_discard_tid(gadget_tid tid)
{
	return targ_tid && targ_tid != tid;
}

static __always_inline bool gadget_should_discard_uid(gadget_uid uid)
{
	return targ_uid != GADGET_INVALID_ID && targ_uid != uid;
}

static __always_inline bool gadget_should_discard_gid(gadget_gid gid)
{
	return targ_gid != GADGET_INVALID_ID && targ_gid != gid;
}

static __always_inline bool gadget_should_discard_comm(const gadget_comm *comm)
{
	if (!targ_comm[0])
		return false;
	for (int i = 0; i < TASK_COMM_LEN; i++) {
		if (comm[i] != targ_comm[i])
			return true;
		if (!comm[i])
			break;
	}
	return false;
}

static __always_inline bool gadget_should_discard_ids_and_comm(gadget_pid pid, gadget_tid tid,
							       const gadget_comm *comm,
							       gadget_uid uid, gadget_gid gid)
{
	return gadget_should_discard_pid(pid) || gadget_should_discard_tid(tid) ||
	       gadget_should_discard_uid(uid) || gadget_should_discard_gid(gid) ||
	       gadget_should_discard_comm(comm);
}

static __always_inline bool gadget_should_discard_data(gadget_mntns_id mntns_id, gadget_pid pid,
						       gadget_tid tid, const gadget_comm *comm,
						       gadget_uid uid, gadget_gid gid)
{
	return gadget_should_discard_mntns_id(mntns_id) ||
	       gadget_should_discard_ids_and_comm(pid, tid, comm, uid, gid);
}

/* For a record whose process is already filled in; any task, not only the current one. */
static __always_inline bool gadget_should_discard_process(const struct gadget_process *process)
{
	return gadget_should_discard_ids(process->mntns_id, process->cgroup_id) ||
	       gadget_should_discard_ids_and_comm(process->pid, process->tid, process->comm,
						  process->creds.uid, process->creds.gid);
}

/* Asks only for what a set parameter needs: with none, this costs one test. */
static __always_inline bool gadget_should_discard_data_current(void)
{
	if (gadget_should_discard_task(gadget_current()))
		return true;
	if (targ_pid || targ_tid) {
		__u64 pid_tgid = bpf_get_current_pid_tgid();

		if (gadget_should_discard_pid(pid_tgid >> 32) ||
		    gadget_should_discard_tid((__u32)pid_tgid))
			return true;
	}
	if (targ_uid != GADGET_INVALID_ID || targ_gid != GADGET_INVALID_ID) {
		__u64 uid_gid = bpf_get_current_uid_gid();

		if (gadget_should_discard_uid((__u32)uid_gid) ||
		    gadget_should_discard_gid(uid_gid >> 32))
			return true;
	}
	if (targ_comm[0]) {
		gadget_comm comm[TASK_COMM_LEN];

		bpf_get_current_comm(comm, sizeof(comm));
		return gadget_should_discard_comm(comm);
	}
	return false;
}

#endif
