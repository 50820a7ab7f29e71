/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who did it. The kernel uses the numbers of namespaces again, so a workload is known by three
 * numbers: the inode number of its mount namespace, that namespace's own serial number (never used
 * again), and its cgroup's id in the unified hierarchy (1, the root, where a runtime uses cgroup v1
 * only).
 */
#ifndef GADGET_IDENTITY_H
#define GADGET_IDENTITY_H

#include <vmlinux.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <gadget/types.h>

struct gadget_identity {
	gadget_mntns_id mntns_id;
	__u64 mntns_gen;
	__u64 cgroup_id;
};

/* Since 6.18 every namespace has a serial number; before, mount namespaces alone had one, called
 * seq. */
struct ns_common___with_id {
	__u64 ns_id;
} __attribute__((preserve_access_index));

struct mnt_namespace___with_seq {
	__u64 seq;
} __attribute__((preserve_access_index));

static __always_inline __u64 gadget_mntns_gen(struct mnt_namespace *mntns)
{
	struct mnt_namespace___with_seq *with_seq = (void *)mntns;
	struct ns_common___with_id *with_id = (void *)mntns + bpf_core_field_offset(mntns->ns);

	if (bpf_core_field_exists(with_id->ns_id))
		return BPF_CORE_READ(with_id, ns_id);
	if (bpf_core_field_exists(with_seq->seq))
		return BPF_CORE_READ(with_seq, seq);
	return 0;
}

/* 0 for a task that is on its way out and has no namespaces any more. */
static __always_inline gadget_mntns_id gadget_mntns_id_of(struct task_struct *task)
{
	return BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum);
}

static __always_inline gadget_netns_id gadget_netns_id_of(struct task_struct *task)
{
	return BPF_CORE_READ(task, nsproxy, net_ns, ns.inum);
}

static __always_inline __u64 gadget_cgroup_id_of(struct task_struct *task)
{
	return BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
}

static __always_inline void gadget_identity_of(struct gadget_identity *identity,
					       struct task_struct *task)
{
	struct mnt_namespace *mntns = BPF_CORE_READ(task, nsproxy, mnt_ns);

	identity->mntns_id = BPF_CORE_READ(mntns, ns.inum);
	identity->mntns_gen = gadget_mntns_gen(mntns);
	identity->cgroup_id = gadget_cgroup_id_of(task);
}

static __always_inline struct task_struct *gadget_current(void)
{
	return (struct task_struct *)bpf_get_current_task();
}

static __always_inline gadget_mntns_id gadget_get_current_mntns_id(void)
{
	return gadget_mntns_id_of(gadget_current());
}

static __always_inline gadget_mntns_id gadget_get_mntns_id(void)
{
	return gadget_get_current_mntns_id();
}

static __always_inline __u64 gadget_get_current_cgroup_id(void)
{
	return gadget_cgroup_id_of(gadget_current());
}

#endif
