// SPDX-License-Identifier: GPL-2.0
/*
 * workload_events: what user space must know to give every workload a name, told by the kernel at
 * the moment it happens, because a container may be gone before anybody could look into /proc.
 * Always loaded, beside the gadgets.
 *
 *   cgroup_attach   A runtime (the current task, the actor) puts a task into a cgroup. The actor's
 * working directory is the OCI bundle of runc and crun. Also for the hierarchies of version 1.
 *   first_exec      The first exec of a workload, that is of mount namespace, cgroup and network
 * namespace together. Later ones say nothing new, so a host that forks and execs all day stays
 * quiet. cgroup_removed  Its numbers may be used again from now on.
 *
 * It also admits to the filter, in the kernel, what allowed workloads start (gadget/admission.h).
 */
#include <vmlinux.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <gadget/admission.h>
#include <gadget/buffer.h>
#include <gadget/cgroup_path.h>
#include <gadget/common.h>

#define PATH_LEN      512
#define MAX_ANCESTORS 8
#define MAX_DEPTH     64 /* of us below process 1 */

enum workload_event_kind {
	cgroup_attach = 1,
	first_exec,
	cgroup_removed,
};

struct workload_event {
	gadget_timestamp timestamp_raw;
	enum workload_event_kind kind_raw;
	__u32 hierarchy;	    /* of cgroup_attach and cgroup_removed; 0 is the unified one */
	struct gadget_process proc; /* who is attached, or execs */
	__u64 cgroup_id;	    /* where it is attached, or what is removed, or where it is */
	gadget_netns_id netns_id;
	gadget_pid actor_pid; /* cgroup_attach: who attaches; first_exec: the parent */
	gadget_comm actor_comm[TASK_COMM_LEN];
	bool no_new_privs;
	char cgroup_path[PATH_LEN];    /* of cgroup_id */
	char cgroup_v1_path[PATH_LEN]; /* first_exec: in the hierarchies of version 1, if not the
					  root */
	char actor_cwd[PATH_LEN];
};

GADGET_TRACER_MAP(events, 4 << 20);
GADGET_TRACER(workloads, events, workload_event);

/* The mount namespace that user space runs in, which never counts as a new workload's. */
const volatile __u64 host_mntns_id = 0;

/* Mount namespaces that somebody was in already. Only others can be admitted as new. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, __u8);
} known_mntns SEC(".maps");

struct place {
	__u64 mntns_gen;
	__u64 cgroup_id;
	__u64 netns_id;
};

/* Workloads whose first exec was told. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct place);
	__type(value, __u8);
} announced SEC(".maps");

/* --- admission ------------------------------------------------------------------------------- */

static __always_inline bool is_first_sight(const struct gadget_identity *who)
{
	__u64 key = who->mntns_gen ?: who->mntns_id;
	__u8 yes = 1;

	if (bpf_map_lookup_elem(&known_mntns, &key))
		return false;
	return !bpf_map_update_elem(&known_mntns, &key, &yes, BPF_NOEXIST);
}

/* A container's first process is rarely the child of the command itself, but of some runtime in
 * between. */
static __always_inline bool has_allowed_ancestor(struct task_struct *task)
{
	for (int i = 0; i < MAX_ANCESTORS; i++) {
		task = BPF_CORE_READ(task, real_parent);
		if (!task || !BPF_CORE_READ(task, pid))
			return false;
		if (!gadget_should_discard_task(task))
			return true;
	}
	return false;
}

static __always_inline void consider_mntns(struct task_struct *task)
{
	struct gadget_identity who;

	if (!gadget_filter_is_on())
		return;
	gadget_identity_of(&who, task);
	if (!who.mntns_id || who.mntns_id == host_mntns_id || !is_first_sight(&who))
		return;
	if (gadget_admit_new || has_allowed_ancestor(task))
		gadget_admit_mntns(who.mntns_id);
}

/* --- events ---------------------------------------------------------------------------------- */

static __always_inline struct workload_event *begin_event(enum workload_event_kind kind)
{
	struct workload_event *event = gadget_reserve_buf(&events, sizeof(*event));

	if (!event)
		return NULL;
	__builtin_memset(event, 0, sizeof(*event) - 3 * PATH_LEN);
	event->cgroup_path[0] = event->cgroup_v1_path[0] = event->actor_cwd[0] = '\0';
	event->timestamp_raw = bpf_ktime_get_boot_ns();
	event->kind_raw = kind;
	return event;
}

static __always_inline void set_task(struct workload_event *event, struct task_struct *task)
{
	gadget_process_populate_from_task(&event->proc, task);
	event->netns_id = gadget_netns_id_of(task);
	event->no_new_privs = BPF_CORE_READ(task, atomic_flags) & 1; /* PFA_NO_NEW_PRIVS */
}

static __always_inline void set_actor(struct workload_event *event, struct task_struct *actor)
{
	event->actor_pid = BPF_CORE_READ(actor, tgid);
	BPF_CORE_READ_STR_INTO(&event->actor_comm, actor, comm);
	gadget_path_of_cwd(event->actor_cwd, sizeof(event->actor_cwd), actor);
}

static __always_inline void set_cgroup(struct workload_event *event, struct cgroup *cgroup)
{
	event->hierarchy = BPF_CORE_READ(cgroup, root, hierarchy_id);
	event->cgroup_id = BPF_CORE_READ(cgroup, kn, id);
	gadget_path_of_cgroup(event->cgroup_path, sizeof(event->cgroup_path), cgroup);
}

SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(attach_task, struct cgroup *cgroup, const char *path, struct task_struct *task)
{
	struct workload_event *event = begin_event(cgroup_attach);

	if (!event)
		return 0;
	set_task(event, task);
	set_actor(event, gadget_current());
	set_cgroup(event, cgroup);
	gadget_submit_buf(ctx, &events, event, sizeof(*event));
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(exec_task, struct task_struct *task)
{
	struct gadget_identity who;
	struct workload_event *event;
	struct cgroup *v1;
	struct place place;
	__u8 yes = 1;

	consider_mntns(task);
	gadget_identity_of(&who, task);
	place.mntns_gen = who.mntns_gen ?: who.mntns_id;
	place.cgroup_id = who.cgroup_id;
	place.netns_id = gadget_netns_id_of(task);
	if (bpf_map_lookup_elem(&announced, &place) ||
	    bpf_map_update_elem(&announced, &place, &yes, BPF_NOEXIST))
		return 0;

	event = begin_event(first_exec);
	if (!event) {
		bpf_map_delete_elem(&announced, &place); /* the next exec may tell */
		return 0;
	}
	set_task(event, task);
	set_actor(event, BPF_CORE_READ(task, real_parent));
	set_cgroup(event, BPF_CORE_READ(task, cgroups, dfl_cgrp));
	v1 = gadget_cgroup_v1_of(task);
	if (v1)
		gadget_path_of_cgroup(event->cgroup_v1_path, sizeof(event->cgroup_v1_path), v1);
	gadget_submit_buf(ctx, &events, event, sizeof(*event));
	return 0;
}

/* Here the mount namespace that a container's first process was made with, or inherits, is first
 * seen. */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(fork_task, struct task_struct *parent, struct task_struct *child)
{
	consider_mntns(child);
	return 0;
}

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(make_cgroup, struct cgroup *cgroup)
{
	struct kernfs_node *node = BPF_CORE_READ(cgroup, kn);
	__u64 above;

	if (!gadget_filter_is_on() || BPF_CORE_READ(cgroup, root, hierarchy_id))
		return 0;
	node = gadget_kernfs_parent(node);
	above = BPF_CORE_READ(node, id);
	if (bpf_map_lookup_elem(&gadget_cgroup_filter_map, &above))
		gadget_admit_cgroup(BPF_CORE_READ(cgroup, kn, id));
	return 0;
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(remove_cgroup, struct cgroup *cgroup)
{
	struct workload_event *event;
	__u64 id = BPF_CORE_READ(cgroup, kn, id);

	if (!BPF_CORE_READ(cgroup, root, hierarchy_id))
		bpf_map_delete_elem(&gadget_cgroup_filter_map, &id);
	event = begin_event(cgroup_removed);
	if (!event)
		return 0;
	set_cgroup(event, cgroup);
	gadget_submit_buf(ctx, &events, event, sizeof(*event));
	return 0;
}

/* Of the machine's process 1, which user space cannot see from a pid namespace of its own. */
struct machine {
	__u64 mntns_id;
	__u64 netns_id;
};

static __always_inline void tell_machine(struct seq_file *seq, struct task_struct *task)
{
	struct machine machine = {};
	struct gadget_identity who;

	for (int i = 0; i < MAX_DEPTH && BPF_CORE_READ(task, tgid) > 1; i++)
		task = BPF_CORE_READ(task, real_parent);
	if (BPF_CORE_READ(task, tgid) != 1)
		return;
	gadget_identity_of(&who, task);
	machine.mntns_id = who.mntns_id;
	machine.netns_id = gadget_netns_id_of(task);
	bpf_seq_write(seq, &machine, sizeof(machine));
}

/* Run by user space right after attaching: whoever is there now is not new. */
SEC("iter/task")
int seed_known_mntns(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct gadget_identity who;

	if (task) {
		if (!ctx->meta->seq_num)
			tell_machine(ctx->meta->seq, task);
		gadget_identity_of(&who, task);
		is_first_sight(&who);
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
