/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fast road (task storage, 5.11): each task counts its calls in memory of its own. A call that
 * it makes for the first time in its present identity and phase goes into the workload's row at
 * once, so the set of calls never depends on a flush; counts follow at exit, at changes, and
 * whenever user space is about to read.
 */
#ifndef ADVISE_SECCOMP_BY_TASK_STORAGE_H
#define ADVISE_SECCOMP_BY_TASK_STORAGE_H

#include <bpf/bpf_tracing.h>
#include "arguments.h"
#include "thread.h"

/* Calls of this and higher numbers, if there ever are any, take the slow road. */
#define MAX_FAST_SYSCALL 512

/*
 * The counts of one task. Only the task itself counts, without atomics. Several may flush, the task
 * and the iterator, so what was flushed is a word that is exchanged as a whole: the epoch that it
 * belongs to, and the count until then. A call was seen in the present epoch exactly if its word
 * has that epoch; a new identity or phase needs no clearing.
 */
struct counted_task {
	struct thread thread;
	__u32 epoch; /* one for each identity and phase, from 1 */
	__u32 counts[MAX_FAST_SYSCALL];
	__u64 flushed[MAX_FAST_SYSCALL];
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct counted_task);
} counted_tasks SEC(".maps");

/* The life of tasks that have made no call yet, or whose calls nobody wants: a tenth of the memory.
 */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct thread);
} quiet_tasks SEC(".maps");

/*
 * The noinline functions without `static` are global for the verifier: it walks each once, not
 * again for every caller and every turn of a loop.
 */
__attribute__((noinline)) int flush_row(struct counted_task *counted, struct syscall_key *key,
					__u32 epoch, __u32 nr)
{
	struct syscall_key row;
	__u64 flushed;
	__u32 count;

	if (!counted || !key || nr >= MAX_FAST_SYSCALL)
		return 0;
	flushed = counted->flushed[nr];
	count = *(volatile __u32 *)&counted->counts[nr];
	if (flushed >> 32 != epoch ||
	    __sync_val_compare_and_swap(&counted->flushed[nr], flushed,
					(__u64)epoch << 32 | count) != flushed)
		return 0; /* whoever else flushes was faster */
	row = *key;	  /* 6.1 takes map keys from the stack only */
	row.syscall_raw = nr;
	add_calls(&row, count - (__u32)flushed);
	return 0;
}

static __always_inline void flush_counts(struct counted_task *counted, struct syscall_key *key,
					 __u32 epoch)
{
	for (__u32 nr = 0; nr < MAX_FAST_SYSCALL; nr++) {
		__u64 flushed = counted->flushed[nr];

		if (flushed >> 32 == epoch && (__u32)flushed != counted->counts[nr])
			flush_row(counted, key, epoch, nr);
	}
}

__attribute__((noinline)) int flush_current(void)
{
	struct counted_task *counted =
	    bpf_task_storage_get(&counted_tasks, bpf_get_current_task_btf(), 0, 0);
	struct syscall_key key;

	if (counted) {
		init_key(&key, &counted->thread, GADGET_NATIVE_ARCH, 0);
		flush_counts(counted, &key, counted->epoch);
	}
	return 0;
}

/*
 * Takes over a thread's new state. What was counted under another identity or phase goes to its
 * rows first. The epoch is odd while the thread is written, and atomics order the writes, so that
 * the iterator never sees a mixture.
 */
static __always_inline void set_thread(struct counted_task *counted, const struct thread *thread)
{
	if (same_rows(&counted->thread, thread)) {
		counted->thread = *thread;
		return;
	}
	flush_current();
	__sync_fetch_and_add(&counted->epoch, 1);
	counted->thread = *thread;
	__sync_fetch_and_add(&counted->epoch, 1);
}

static __always_inline struct counted_task *start_counting(struct task_struct *task,
							   const struct thread *thread)
{
	struct counted_task *counted =
	    bpf_task_storage_get(&counted_tasks, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (counted) {
		counted->thread = *thread;
		counted->epoch = 2;
		bpf_task_storage_delete(&quiet_tasks, task);
	}
	return counted;
}

static __always_inline bool is_unwanted_as_before(const struct thread *thread,
						  struct task_struct *task)
{
	return (thread->mode & MODE_UNWANTED) && thread->nsproxy == (__u64)task->nsproxy &&
	       thread->cgroups == (__u64)task->cgroups &&
	       thread->filter_epoch == gadget_get_filter_epoch();
}

/* What the call with number `id` means for the current thread. */
__attribute__((noinline)) int advance_thread(struct thread *thread, long id)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (!thread)
		return 0;
	update_thread(thread, task);
	note_call(thread, task, gadget_task_regs(task), gadget_syscall_arch(task, id),
		  gadget_syscall_number(id));
	update_mode(thread);
	return 0;
}

static __always_inline void count_one(struct counted_task *counted, struct syscall_key *key)
{
	__u64 nr = key->syscall_raw;

	if (nr >= MAX_FAST_SYSCALL)
		add_calls(key, 1);
	else if (counted->flushed[nr] >> 32 == counted->epoch)
		counted->counts[nr]++;
	else if (add_calls(key, 1))
		counted->flushed[nr] = (__u64)counted->epoch << 32 | counted->counts[nr];
}

__attribute__((noinline)) int note_arguments(struct thread *thread, long id)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (thread)
		note_values(thread, gadget_task_regs(task), gadget_syscall_arch(task, id),
			    gadget_syscall_number(id));
	return 0;
}

/* The first call of its kind, or something has changed. */
__attribute__((noinline)) int count_slowly(long id)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct counted_task *counted = bpf_task_storage_get(&counted_tasks, task, 0, 0);
	enum syscall_arch arch = gadget_syscall_arch(task, id);
	struct thread thread, *quiet = NULL;
	struct syscall_key key;

	if (counted) {
		thread = counted->thread;
	} else {
		quiet = bpf_task_storage_get(&quiet_tasks, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
		if (!quiet) { /* no memory, or the storage is locked on this CPU */
			gadget_count_loss(&syscalls_lost_updates);
			return 0;
		}
		if (is_unwanted_as_before(quiet, task))
			return 0;
		thread = *quiet;
	}
	advance_thread(&thread, id);
	if (quiet)
		*quiet = thread;
	else
		set_thread(counted, &thread);
	if (thread.mode & MODE_UNWANTED)
		return 0;
	if (!counted)
		counted = start_counting(task, &thread);
	init_key(&key, &thread, arch, gadget_syscall_number(id));
	if (!counted || arch != GADGET_NATIVE_ARCH || (thread.mode & MODE_EXACT))
		add_calls(&key, 1);
	else
		count_one(counted, &key);
	note_arguments(&thread, id);
	return 0;
}

/* True when all that is left to do is to count. */
static __always_inline bool is_counted_before(struct counted_task *counted,
					      struct task_struct *task, long id)
{
	if (counted->thread.nsproxy != (__u64)task->nsproxy ||
	    counted->thread.cgroups != (__u64)task->cgroups || counted->thread.mode ||
	    counted->thread.steady_changes != steady_changes)
		return false;
	if (gadget_filter_is_on() && counted->thread.filter_epoch != gadget_get_filter_epoch())
		return false;
	return (__u64)id < MAX_FAST_SYSCALL && gadget_is_native_table(task) &&
	       counted->flushed[id] >> 32 == counted->epoch;
}

static __always_inline int count_call(long id)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct counted_task *counted = bpf_task_storage_get(&counted_tasks, task, 0, 0);

	if (!counted || !is_counted_before(counted, task, id))
		return count_slowly(id);
	counted->counts[id & (MAX_FAST_SYSCALL - 1)]++;
	if (arguments_64[id & (MAX_NUMBER - 1)])
		note_arguments(&counted->thread, id);
	return 0;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(count_syscalls, struct pt_regs *regs, long id)
{
	return count_call(id);
}

/*
 * Since 7.0 (a46023d5616e) a raw tracepoint's program can be preempted, and until it goes on, the
 * kernel skips it for every other task on that CPU: a busy machine would lose a tenth of the calls.
 * Classic tracepoints still run unpreempted, for some 40 ns more.
 */
SEC("tracepoint/raw_syscalls/sys_enter")
int count_syscalls_unpreempted(struct trace_event_raw_sys_enter *ctx)
{
	return count_call(ctx->id);
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(inherit_thread, struct task_struct *parent, struct task_struct *child)
{
	struct counted_task *counted = bpf_task_storage_get(&counted_tasks, parent, 0, 0);
	struct thread *thread, *child_thread;

	thread = counted ? &counted->thread : bpf_task_storage_get(&quiet_tasks, parent, 0, 0);
	if (!thread)
		return 0;
	child_thread = bpf_task_storage_get(&quiet_tasks, child, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (child_thread)
		init_child(child_thread, thread, child);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(exec_thread, struct task_struct *task)
{
	struct counted_task *counted = bpf_task_storage_get(&counted_tasks, task, 0, 0);
	struct thread *quiet, thread;

	if (counted) {
		thread = counted->thread;
		note_exec(&thread);
		update_mode(&thread);
		set_thread(counted, &thread);
		return 0;
	}
	quiet = bpf_task_storage_get(&quiet_tasks, task, 0, 0);
	if (quiet)
		note_exec(quiet);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(exit_thread)
{
	return flush_current();
}

SEC("iter/task")
int seed_tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct thread thread = {}, *quiet;

	if (!task || !is_user_task(task) || bpf_task_storage_get(&counted_tasks, task, 0, 0) ||
	    bpf_task_storage_get(&quiet_tasks, task, 0, 0))
		return 0;
	seed_thread(&thread, task);
	quiet = bpf_task_storage_get(&quiet_tasks, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (quiet)
		*quiet = thread;
	return 0;
}

SEC("iter/task")
int flush_tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct counted_task *counted;
	struct syscall_key key;
	__u32 epoch;

	if (!task)
		return 0;
	counted = bpf_task_storage_get(&counted_tasks, task, 0, 0);
	if (!counted)
		return 0;
	epoch = __sync_fetch_and_add(&counted->epoch, 0);
	init_key(&key, &counted->thread, GADGET_NATIVE_ARCH, 0);
	if (!(epoch & 1) && __sync_fetch_and_add(&counted->epoch, 0) == epoch)
		flush_counts(counted, &key, epoch);
	return 0;
}

#endif
