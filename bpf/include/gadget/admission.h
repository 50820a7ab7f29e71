/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Admission in the kernel: a container that an allowed task starts must be recorded from its first
 * instruction, so nobody can wait for user space to learn of it. Whoever first sees the new mount
 * namespace or cgroup puts it into the filter; user space takes it out again if, once it has a
 * name, it does not fit the selectors.
 *
 * gadget_filter_epoch counts the changes of the filter, for programs that remember its verdict on a
 * task. Whoever changes the filter maps, user space too, counts it up afterwards.
 */
#ifndef GADGET_ADMISSION_H
#define GADGET_ADMISSION_H

#include <gadget/mntns_filter.h>

/* Every new mount namespace is admitted, for recordings that select by something the kernel does
 * not know. */
const volatile bool gadget_admit_new = false;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} gadget_filter_epoch SEC(".maps");

static __always_inline __u64 gadget_get_filter_epoch(void)
{
	__u32 zero = 0;
	__u64 *epoch = bpf_map_lookup_elem(&gadget_filter_epoch, &zero);

	return epoch ? *epoch : 0;
}

static __always_inline void gadget_filter_changed(void)
{
	__u32 zero = 0;
	__u64 *epoch = bpf_map_lookup_elem(&gadget_filter_epoch, &zero);

	if (epoch)
		__sync_fetch_and_add(epoch, 1);
}

static __always_inline void gadget_admit_mntns(gadget_mntns_id mntns_id)
{
	__u32 allowed = GADGET_FILTER_STARTS;

	if (!bpf_map_update_elem(&gadget_mntns_filter_map, &mntns_id, &allowed, BPF_NOEXIST))
		gadget_filter_changed();
}

static __always_inline void gadget_admit_cgroup(__u64 cgroup_id)
{
	__u32 allowed = GADGET_FILTER_STARTS;

	if (!bpf_map_update_elem(&gadget_cgroup_filter_map, &cgroup_id, &allowed, BPF_NOEXIST))
		gadget_filter_changed();
}

#endif
