/* SPDX-License-Identifier: GPL-2.0 */
/* The road for kernels without task storage (5.10): each call goes into the workload's row, threads
 * are found by id. */
#ifndef ADVISE_SECCOMP_BY_HASH_H
#define ADVISE_SECCOMP_BY_HASH_H

#include <bpf/bpf_tracing.h>
#include "arguments.h"
#include "thread.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32); /* tid */
	__type(value, struct thread);
} threads SEC(".maps");
GADGET_LOST_UPDATES(threads);

SEC("tp_btf/sys_enter")
int BPF_PROG(hash_syscalls, struct pt_regs *regs, long id)
{
	struct task_struct *task = gadget_current();
	enum syscall_arch arch = gadget_syscall_arch(task, id);
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	__u64 nr = gadget_syscall_number(id);
	struct thread *thread = bpf_map_lookup_elem(&threads, &tid);
	struct syscall_key key;

	if (!thread) {
		struct thread fresh = {};

		if (!gadget_update_map(&threads, &tid, &fresh, BPF_NOEXIST))
			thread = bpf_map_lookup_elem(&threads, &tid);
		if (!thread)
			return 0;
	}
	update_thread(thread, task);
	note_call(thread, task, regs, arch, nr);
	update_mode(thread);
	if (thread->mode & MODE_UNWANTED)
		return 0;
	init_key(&key, thread, arch, nr);
	add_calls(&key, 1);
	note_values(thread, regs, arch, nr);
	return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(hash_fork, struct task_struct *parent, struct task_struct *child)
{
	__u32 tid = parent->pid, child_tid = child->pid;
	struct thread *thread = bpf_map_lookup_elem(&threads, &tid), child_thread;

	if (!thread)
		return 0;
	init_child(&child_thread, thread, child);
	gadget_update_map(&threads, &child_tid, &child_thread, BPF_ANY);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(hash_exec, struct task_struct *task, int old_tid)
{
	__u32 tid = task->pid, from = old_tid;
	struct thread *old = bpf_map_lookup_elem(&threads, &from), thread;

	if (!old)
		return 0;
	thread = *old;
	note_exec(&thread);
	if (from != tid) /* a thread that was not the first took over the process's id */
		bpf_map_delete_elem(&threads, &from);
	gadget_update_map(&threads, &tid, &thread, BPF_ANY);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(hash_exit, struct task_struct *task)
{
	__u32 tid = task->pid;

	bpf_map_delete_elem(&threads, &tid);
	return 0;
}

SEC("iter/task")
int hash_seed(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct thread thread = {};
	__u32 tid;

	if (!task || !is_user_task(task))
		return 0;
	tid = task->pid;
	if (bpf_map_lookup_elem(&threads, &tid))
		return 0;
	seed_thread(&thread, task);
	gadget_update_map(&threads, &tid, &thread, BPF_NOEXIST);
	return 0;
}

#endif
