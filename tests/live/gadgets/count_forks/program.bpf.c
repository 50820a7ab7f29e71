// SPDX-License-Identifier: GPL-2.0
// count_forks: which program forks how often. A gadget that the project does not have, for the
// test that a folder is all it takes to add one.
#include <gadget/common.h>
#include <bpf/bpf_tracing.h>
#include <gadget/buffer.h>
#include <gadget/filter.h>
#include <gadget/macros.h>

enum fork_kind { kind_process = 1, kind_thread };

struct event {
	gadget_timestamp timestamp_raw;
	struct gadget_process proc;
	__u32 child;
	enum fork_kind kind_raw;
};

GADGET_TRACER_MAP(events, 1 << 20);
GADGET_TRACER(forks, events, event);

const volatile bool threads = true;
GADGET_PARAM(threads);

SEC("tp_btf/sched_process_fork")
int BPF_PROG(count_fork, struct task_struct *parent, struct task_struct *child)
{
	bool thread = BPF_CORE_READ(child, tgid) != BPF_CORE_READ(child, pid);
	struct event *event;

	if (gadget_should_discard_data_current() || (thread && !threads))
		return 0;
	event = gadget_reserve_buf(&events, sizeof(*event));
	if (!event)
		return 0;
	event->timestamp_raw = bpf_ktime_get_boot_ns();
	gadget_process_populate(&event->proc);
	event->child = BPF_CORE_READ(child, pid);
	event->kind_raw = thread ? kind_thread : kind_process;
	gadget_submit_buf(ctx, &events, event, sizeof(*event));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
