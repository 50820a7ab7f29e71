/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which workloads are recorded. User space (and bpf/workload_events.bpf.c, for what starts
 * meanwhile) puts the allowed mount namespaces and cgroups into two maps that all gadgets of a
 * recording share. When a filter is on, a task passes if either map has it. The value says whether
 * the workload was there before.
 */
#ifndef GADGET_MNTNS_FILTER_H
#define GADGET_MNTNS_FILTER_H

#include <gadget/identity.h>

/* Values in the filter maps. A workload that starts is one whose every program the recording sees:
 * the recorded command, and containers that are made meanwhile. */
#define GADGET_FILTER_RUNNING 1
#define GADGET_FILTER_STARTS  2

const volatile bool gadget_filter_by_mntns = false;
const volatile bool gadget_filter_by_cgroup = false;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, gadget_mntns_id);
	__type(value, __u32);
} gadget_mntns_filter_map SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, __u32);
} gadget_cgroup_filter_map SEC(".maps");

static __always_inline bool gadget_filter_is_on(void)
{
	return gadget_filter_by_mntns || gadget_filter_by_cgroup;
}

static __always_inline bool gadget_should_discard_ids(gadget_mntns_id mntns_id, __u64 cgroup_id)
{
	return gadget_filter_is_on() && !bpf_map_lookup_elem(&gadget_mntns_filter_map, &mntns_id) &&
	       !bpf_map_lookup_elem(&gadget_cgroup_filter_map, &cgroup_id);
}

/* Whether the task belongs to a workload that starts within the recording. */
static __always_inline bool gadget_is_starting(gadget_mntns_id mntns_id, __u64 cgroup_id)
{
	__u32 *by_mntns = bpf_map_lookup_elem(&gadget_mntns_filter_map, &mntns_id);
	__u32 *by_cgroup = bpf_map_lookup_elem(&gadget_cgroup_filter_map, &cgroup_id);

	return (by_mntns && *by_mntns == GADGET_FILTER_STARTS) ||
	       (by_cgroup && *by_cgroup == GADGET_FILTER_STARTS);
}

static __always_inline bool gadget_should_discard_task(struct task_struct *task)
{
	return gadget_filter_is_on() &&
	       gadget_should_discard_ids(gadget_mntns_id_of(task), gadget_cgroup_id_of(task));
}

/* The contract's form. It is asked about the current task, so its cgroup may speak for it too. */
static __always_inline bool gadget_should_discard_mntns_id(gadget_mntns_id mntns_id)
{
	return gadget_filter_is_on() &&
	       gadget_should_discard_ids(mntns_id, gadget_get_current_cgroup_id());
}

#endif
