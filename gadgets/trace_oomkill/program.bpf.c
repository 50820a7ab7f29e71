// SPDX-License-Identifier: GPL-2.0
// trace_oomkill: one event for each process that the kernel killed for want of memory.
//
// mark_victim sees every victim, also when all of a memory cgroup is killed. How much memory there
// was to share only the function around it knows, which needs a kprobe.
#include <gadget/common.h>
#include <bpf/bpf_tracing.h>
#include <gadget/buffer.h>
#include <gadget/macros.h>
#include <gadget/mntns_filter.h>

/* `t` is whom the kernel killed (target), `f` for whom (from): who asked for memory just then. */
struct event {
	gadget_timestamp timestamp_raw;
	gadget_mntns_id tmntns_id;
	__u64 mntns_gen; /* these two are the victim's as well: the event belongs to its workload */
	__u64 cgroup_id;
	struct gadget_process fprocess;
	gadget_pid tpid;
	gadget_uid tuid;
	gadget_comm tcomm[TASK_COMM_LEN];
	__u64 pages; /* that there were to share */
	/* of the victim, in pages */
	__u64 total_vm;
	__u64 anon_rss;
	__u64 file_rss;
	__u64 shmem_rss;
	__s32 oom_score_adj;
};

GADGET_TRACER_MAP(events, 256 << 10);
GADGET_TRACER(oomkill, events, event);

enum {
	FILE_PAGES = 0,
	ANON_PAGES = 1,
	SHMEM_PAGES = 3,
};

struct mm_rss_stat___before_6_2 {
	atomic_long_t count[4];
} __attribute__((preserve_access_index));

struct mm_struct___before_6_2 {
	struct mm_rss_stat___before_6_2 rss_stat;
} __attribute__((preserve_access_index));

struct mm_struct___since_6_2 {
	struct percpu_counter rss_stat[4];
} __attribute__((preserve_access_index));

/* As exact as the kernel's own report: what CPUs keep to themselves is not added. */
static __always_inline __u64 pages_of(struct mm_struct *mm, int kind)
{
	struct mm_struct___before_6_2 *before = (void *)mm;
	struct mm_struct___since_6_2 *since = (void *)mm;
	__s64 pages;

	if (bpf_core_type_exists(struct mm_rss_stat___before_6_2))
		pages = BPF_CORE_READ(before, rss_stat.count[kind].counter);
	else
		pages = BPF_CORE_READ(since, rss_stat[kind].count);
	return pages > 0 ? pages : 0;
}

static __always_inline bool is_unwanted(struct task_struct *victim)
{
	return gadget_should_discard_task(victim) && gadget_should_discard_task(gadget_current());
}

static __always_inline void fill_victim(struct event *event, struct task_struct *victim)
{
	struct mm_struct *mm = BPF_CORE_READ(victim, mm);
	struct gadget_identity identity;

	gadget_identity_of(&identity, victim);
	event->tmntns_id = identity.mntns_id;
	event->mntns_gen = identity.mntns_gen;
	event->cgroup_id = identity.cgroup_id;
	event->tpid = BPF_CORE_READ(victim, tgid);
	event->tuid = BPF_CORE_READ(victim, cred, uid.val);
	BPF_CORE_READ_STR_INTO(&event->tcomm, victim, comm);
	event->total_vm = BPF_CORE_READ(mm, total_vm);
	event->anon_rss = pages_of(mm, ANON_PAGES);
	event->file_rss = pages_of(mm, FILE_PAGES);
	event->shmem_rss = pages_of(mm, SHMEM_PAGES);
	event->oom_score_adj = BPF_CORE_READ(victim, signal, oom_score_adj);
}

static __always_inline int killed(void *ctx, struct task_struct *victim, __u64 pages)
{
	struct event *event;

	if (is_unwanted(victim))
		return 0;
	event = gadget_reserve_buf(&events, sizeof(*event));
	if (!event)
		return 0;
	event->timestamp_raw = bpf_ktime_get_boot_ns();
	gadget_process_populate(&event->fprocess);
	fill_victim(event, victim);
	event->pages = pages;
	gadget_submit_buf(ctx, &events, event, sizeof(*event));
	return 0;
}

/* The kill that is under way. A lock of the kernel's lets only one be. */
struct kill {
	__u32 tid; /* who kills; 0: nobody */
	__u64 pages;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct kill);
} running_kill SEC(".maps");

static __always_inline struct kill *get_kill(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&running_kill, &zero);
}

SEC("kprobe/oom_kill_process")
int BPF_KPROBE(kill_begins, struct oom_control *oc)
{
	struct kill *kill = get_kill();

	if (kill) {
		kill->pages = BPF_CORE_READ(oc, totalpages);
		kill->tid = (__u32)bpf_get_current_pid_tgid();
	}
	return 0;
}

SEC("kretprobe/oom_kill_process")
int BPF_KRETPROBE(kill_ends)
{
	struct kill *kill = get_kill();

	if (kill)
		kill->tid = 0;
	return 0;
}

/* Before 6.8 the tracepoint gave a number. This program reads the task without a helper, so that
 * the verifier of such a kernel would refuse it. */
SEC("tp_btf/mark_victim")
int BPF_PROG(victim_marked, struct task_struct *victim)
{
	struct kill *kill = get_kill();
	bool is_ours = victim->tgid && kill && kill->tid == (__u32)bpf_get_current_pid_tgid();

	return killed(ctx, victim, is_ours ? kill->pages : 0);
}

SEC("kprobe/oom_kill_process")
int BPF_KPROBE(kill_alone, struct oom_control *oc)
{
	return killed(ctx, BPF_CORE_READ(oc, chosen), BPF_CORE_READ(oc, totalpages));
}

/* Nothing is known of a victim that is only a number, unless it asked for the memory itself. */
SEC("tp_btf/mark_victim")
int BPF_PROG(victim_numbered, int pid)
{
	struct task_struct *task = gadget_current();
	struct event *event;

	if (BPF_CORE_READ(task, pid) == pid)
		return killed(ctx, task, 0);
	if (gadget_should_discard_task(task))
		return 0;
	event = gadget_reserve_buf(&events, sizeof(*event));
	if (!event)
		return 0;
	__builtin_memset(event, 0, sizeof(*event));
	event->timestamp_raw = bpf_ktime_get_boot_ns();
	gadget_process_populate(&event->fprocess);
	event->tpid = pid;
	gadget_submit_buf(ctx, &events, event, sizeof(*event));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
