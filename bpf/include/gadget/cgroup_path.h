/* SPDX-License-Identifier: GPL-2.0 */
/* Paths of cgroups, as /proc/PID/cgroup shows them in the root cgroup namespace. */
#ifndef GADGET_CGROUP_PATH_H
#define GADGET_CGROUP_PATH_H

#include <gadget/path.h>

/* 6.15 renamed the member when its lifetime became RCU's. */
struct kernfs_node___before_6_15 {
	struct kernfs_node *parent;
} __attribute__((preserve_access_index));

struct kernfs_node___since_6_15 {
	struct kernfs_node *__parent;
} __attribute__((preserve_access_index));

static __always_inline struct kernfs_node *gadget_kernfs_parent(struct kernfs_node *node)
{
	struct kernfs_node___before_6_15 *before = (void *)node;
	struct kernfs_node___since_6_15 *since = (void *)node;

	if (bpf_core_field_exists(since->__parent))
		return BPF_CORE_READ(since, __parent);
	return BPF_CORE_READ(before, parent);
}

static __attribute__((noinline)) bool gadget_cgroup_step(struct gadget_path_scratch *scratch)
{
	struct kernfs_node *node = (void *)scratch->dentry, *parent = gadget_kernfs_parent(node);
	long len;

	if (!parent) {
		scratch->complete = true;
		return false;
	}
	scratch->dentry = (void *)parent;
	len = bpf_probe_read_kernel_str(scratch->name, sizeof(scratch->name),
					BPF_CORE_READ(node, name));
	return len > 0 && gadget_path_prepend(scratch, scratch->name, len - 1);
}

static __attribute__((noinline)) int gadget_cgroup_path_build(struct kernfs_node *node)
{
	struct gadget_path_scratch *scratch = gadget_path_get_scratch();

	if (!scratch)
		return -1;
	scratch->dentry = (void *)node; /* the walk's variable; here its steps are kernfs nodes */
	gadget_path_begin(scratch);
	for (int i = 0; i < GADGET_PATH_DEPTH; i++)
		if (!gadget_cgroup_step(scratch))
			break;
	return gadget_path_finish(scratch);
}

static __always_inline long gadget_path_of_cgroup(char *dst, __u32 size, struct cgroup *cgroup)
{
	return gadget_path_copy(dst, size, gadget_cgroup_path_build(BPF_CORE_READ(cgroup, kn)));
}

/*
 * The first cgroup of a task, other than a root, in the hierarchies of version 1; NULL if there is
 * none. A runtime makes the same path in all of them.
 */
static __always_inline struct cgroup *gadget_cgroup_v1_of(struct task_struct *task)
{
	struct css_set *set = BPF_CORE_READ(task, cgroups);

	for (int i = 0; i < 16; i++) {
		struct cgroup_subsys_state *css = NULL;
		struct cgroup *cgroup;

		if (i * sizeof(css) >= bpf_core_field_size(set->subsys))
			break;
		bpf_probe_read_kernel(&css, sizeof(css), &set->subsys[i]);
		cgroup = BPF_CORE_READ(css, cgroup);
		if (BPF_CORE_READ(cgroup, root, hierarchy_id) && BPF_CORE_READ(cgroup, level))
			return cgroup;
	}
	return NULL;
}

#endif
