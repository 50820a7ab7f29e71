// SPDX-License-Identifier: GPL-2.0
// snapshot_process: the processes there are at one moment, with what identifies each for ever.
#include <gadget/common.h>
#include <bpf/bpf_tracing.h>
#include <gadget/filter.h>
#include <gadget/macros.h>

struct process_entry {
	struct gadget_process proc;
	gadget_netns_id netns_id;
	__u32 threads; /* of the whole process */
};

GADGET_ITER(processes, process_entry, list_tasks);

const volatile bool show_threads = false;
GADGET_PARAM(show_threads);

SEC("iter/task")
int list_tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct process_entry entry;

	if (!task || (!show_threads && task->pid != task->tgid))
		return 0;
	__builtin_memset(&entry, 0, sizeof(entry));
	gadget_process_populate_from_task(&entry.proc, task);
	if (gadget_should_discard_process(&entry.proc))
		return 0;
	entry.netns_id = gadget_netns_id_of(task);
	entry.threads = BPF_CORE_READ(task, signal, nr_threads);
	bpf_seq_write(ctx->meta->seq, &entry, sizeof(entry));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
