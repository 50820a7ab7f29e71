// SPDX-License-Identifier: GPL-2.0
/*
 * traceloop: a flight recorder. Each workload has a ring with its last calls, arguments and results
 * included, which new calls overwrite; user space reads it when somebody asks, or when the workload
 * has ended.
 *
 * A call is made up in the memory of its thread (call.h), where the arguments are copied at entry
 * and what the call wrote at exit (capture.h), and goes into the ring when it ends (ring.h). So a
 * thread that waits for hours is not overwritten by the busy ones beside it: at a dump its call is
 * shown as unfinished.
 */
#include <gadget/common.h>
#include <bpf/bpf_tracing.h>
#include <gadget/admission.h>
#include <gadget/buffer.h>
#include <gadget/filter.h>
#include <gadget/macros.h>
#include "call.h"
#include "capture.h"
#include "ring.h"

GADGET_TRACER(traceloop, records, call);
GADGET_MAPITER(rings, rings);

/* Names of calls; user space marks them in capture_plans. */
const volatile char syscall_filters[1024] = {};
GADGET_PARAM(syscall_filters);

static __always_inline void read_who(struct thread *thread, struct task_struct *task)
{
	thread->nsproxy = (__u64)BPF_CORE_READ(task, nsproxy);
	thread->cgroups = (__u64)BPF_CORE_READ(task, cgroups);
	thread->cred = (__u64)BPF_CORE_READ(task, cred);
	thread->filter_epoch = gadget_get_filter_epoch();
	gadget_process_populate_from_task(&thread->call.proc, task);
	thread->who.mntns_id = thread->call.proc.mntns_id;
	thread->who.mntns_gen = thread->call.proc.mntns_gen;
	thread->who.cgroup_id = thread->call.proc.cgroup_id;
}

static __noinline struct thread *new_thread(struct task_struct *task, __u32 tid)
{
	__u32 zero = 0;
	struct thread *thread, *blank = bpf_map_lookup_elem(&blank_thread, &zero);

	if (!blank || gadget_update_map(&threads, &tid, blank, BPF_ANY))
		return NULL;
	thread = bpf_map_lookup_elem(&threads, &tid);
	if (!thread)
		return NULL;
	read_who(thread, task);
	count_thread(&thread->who, 1);
	return thread;
}

static __always_inline bool is_same(const struct thread *thread, struct task_struct *task)
{
	return thread->nsproxy == (__u64)BPF_CORE_READ(task, nsproxy) &&
	       thread->cgroups == (__u64)BPF_CORE_READ(task, cgroups) &&
	       thread->cred == (__u64)BPF_CORE_READ(task, cred) &&
	       (!gadget_filter_is_on() || thread->filter_epoch == gadget_get_filter_epoch());
}

/* It has other namespaces, another cgroup or user, or the filter has changed. */
static __noinline int change_thread(struct thread *thread, struct task_struct *task)
{
	struct gadget_identity before = thread->who;

	read_who(thread, task);
	if (before.mntns_id == thread->who.mntns_id && before.mntns_gen == thread->who.mntns_gen &&
	    before.cgroup_id == thread->who.cgroup_id)
		return 0;
	count_thread(&before, -1);
	count_thread(&thread->who, 1);
	return 0;
}

static __always_inline void forget_thread(struct thread *thread, __u32 tid)
{
	count_thread(&thread->who, -1);
	bpf_map_delete_elem(&threads, &tid);
}

/* The current thread, if its calls are wanted. */
static __always_inline struct thread *current_thread(struct task_struct *task)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct thread *thread = bpf_map_lookup_elem(&threads, &tid);

	if (thread && is_same(thread, task))
		return thread;
	if (gadget_should_discard_data_current()) {
		if (thread)
			forget_thread(thread, tid);
		return NULL;
	}
	if (!thread)
		return new_thread(task, tid);
	change_thread(thread, task);
	return thread;
}

static __always_inline __u32 plan_index(enum syscall_arch arch, __u64 nr)
{
	__u32 table = arch == GADGET_NATIVE_ARCH ? 0 : arch == x32 ? 2 : 1;

	return nr < PLANS_PER_TABLE ? table * PLANS_PER_TABLE + nr : PLAN_TABLES * PLANS_PER_TABLE;
}

static __always_inline bool is_wanted(__u32 index)
{
	struct plan *plan;

	if (!syscall_filters[0])
		return true;
	plan = bpf_map_lookup_elem(&capture_plans, &index);
	return plan && plan->wanted;
}

/* The thread, ready for the arguments; NULL if this call is not kept. */
static __always_inline struct thread *begin_call(long id, bool has_fetch)
{
	struct task_struct *task = gadget_current();
	enum syscall_arch arch = gadget_syscall_arch(task, id);
	__u64 nr = gadget_syscall_number(id);
	__u32 plan = plan_index(arch, nr);
	struct thread *thread;

	if (!is_wanted(plan))
		return NULL;
	thread = current_thread(task);
	if (!thread)
		return NULL;
	if (thread->in_call) /* the program at its exit was skipped */
		keep_call(thread, has_fetch);
	thread->call.seq = 0;
	thread->call.timestamp_raw = bpf_ktime_get_boot_ns();
	bpf_get_current_comm(thread->call.proc.comm, sizeof(thread->call.proc.comm));
	thread->call.duration = 0;
	thread->call.retval = 0;
	thread->call.syscall_raw = nr;
	thread->call.arch_raw = arch;
	thread->call.cpu = bpf_get_smp_processor_id();
	thread->call.finished = false;
	thread->call.captured = 0;
	thread->plan = plan;
	thread->missed = 0;
	thread->in_call = true;
	return thread;
}

static __always_inline int end_call(long retval, bool has_fetch)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct thread *thread = bpf_map_lookup_elem(&threads, &tid);

	if (!thread || !thread->in_call)
		return 0;
	thread->call.duration = bpf_ktime_get_boot_ns() - thread->call.timestamp_raw;
	thread->call.retval = retval;
	thread->call.finished = true;
	run_captures(thread, false);
	keep_call(thread, has_fetch);
	return 0;
}

/* The last call of a thread does not end: exit_group(2), or the one in which it was killed. */
static __always_inline int end_thread(bool has_fetch)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct thread *thread = bpf_map_lookup_elem(&threads, &tid);

	if (!thread)
		return 0;
	if (thread->in_call) {
		thread->call.duration = bpf_ktime_get_boot_ns() - thread->call.timestamp_raw;
		keep_call(thread, has_fetch);
	}
	forget_thread(thread, tid);
	return 0;
}

static __always_inline void take_registers(struct thread *thread, struct pt_regs *regs)
{
	__u64 *args = thread->call.args;

	gadget_syscall_args(args, regs, thread->call.arch_raw);
}

static __always_inline int enter_by_regs(struct pt_regs *regs, long id, bool has_fetch)
{
	struct thread *thread = begin_call(id, has_fetch);

	if (!thread)
		return 0;
	take_registers(thread, regs);
	return run_captures(thread, true);
}

SEC("tp_btf/sys_enter")
int BPF_PROG(enter, struct pt_regs *regs, long id)
{
	return enter_by_regs(regs, id, true);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(leave, struct pt_regs *regs, long ret)
{
	return end_call(ret, true);
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(die)
{
	return end_thread(true);
}

/*
 * The memory that execve(2) was given is gone, so that nothing of it can be read at its exit. A
 * thread that is not the first of its process takes over the first one's id.
 */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(exec_thread, struct task_struct *task, int old_tid)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid(), old = old_tid;
	struct thread *thread = bpf_map_lookup_elem(&threads, &old);

	if (!thread)
		return 0;
	thread->missed = 0;
	if (tid == old)
		return 0;
	gadget_update_map(&threads, &tid, thread, BPF_ANY);
	bpf_map_delete_elem(&threads, &old);
	return 0;
}

/* As trace_event_raw_sys_enter; with a relocation for each, the verifier would not see that the
 * arguments are read at constant places. */
struct raw_sys_enter {
	__u64 __common;
	long id;
	__u64 args[MAX_ARGS];
};

/* Since 7.0 programs at raw tracepoints can be preempted, and are skipped for others meanwhile;
 * classic tracepoints still run to their end. */
SEC("tracepoint/raw_syscalls/sys_enter")
int enter_unpreempted(struct trace_event_raw_sys_enter *ctx)
{
	struct thread *thread = begin_call(ctx->id, true);

	if (!thread)
		return 0;
#pragma unroll
	for (int i = 0; i < MAX_ARGS; i++)
		thread->call.args[i] = ((const struct raw_sys_enter *)ctx)->args[i];
	return run_captures(thread, true);
}

SEC("tracepoint/raw_syscalls/sys_exit")
int leave_unpreempted(struct trace_event_raw_sys_exit *ctx)
{
	return end_call(ctx->ret, true);
}

SEC("tracepoint/sched/sched_process_exit")
int die_unpreempted(void *ctx)
{
	return end_thread(true);
}

/* Before 5.12. */
SEC("tp_btf/sys_enter")
int BPF_PROG(enter_locked, struct pt_regs *regs, long id)
{
	return enter_by_regs(regs, id, false);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(leave_locked, struct pt_regs *regs, long ret)
{
	return end_call(ret, false);
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(die_locked)
{
	return end_thread(false);
}

/* Threads that sleep when the recording begins are alive too: their workload has not ended when
 * all others have. */
SEC("iter/task")
int seed_threads(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct gadget_identity who;
	__u32 tid;

	if (!task || !BPF_CORE_READ(task, mm))
		return 0;
	gadget_identity_of(&who, task);
	tid = BPF_CORE_READ(task, pid);
	if (gadget_should_discard_ids(who.mntns_id, who.cgroup_id) ||
	    bpf_map_lookup_elem(&threads, &tid))
		return 0;
	new_thread(task, tid);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
