// SPDX-License-Identifier: GPL-2.0
// trace_capabilities: one event for each time that the kernel asked whether a task has a
// capability.
//
// All checks end in cap_capable(). Its tracepoint has the question and the answer, but not how it
// was asked (whether a refusal is to be audited), for which the function itself has to be seen.
// Beside the events, and whether those are all wanted or not, uses.h sums the checks up.
#include <gadget/common.h>
#include <bpf/bpf_tracing.h>
#include <gadget/buffer.h>
#include <gadget/exit_args.h>
#include <gadget/filter.h>
#include <gadget/kernel_stack.h>
#include <gadget/macros.h>
#include "capabilities.h"
#include "uses.h"

struct event {
	gadget_timestamp timestamp_raw;
	struct gadget_process proc;
	__u64 current_userns; /* inode numbers */
	__u64 target_userns;
	enum capability_bit_set cap_effective_raw;
	enum capability cap_raw;
	bool capable;
	int audit; /* -1: not known */
	int insetid;
	gadget_syscall syscall_raw; /* -1: none */
	enum syscall_arch arch_raw;
	gadget_kernel_stack kstack_raw;
};

GADGET_TRACER_MAP(events, 4 << 20);
GADGET_TRACER(capabilities, events, event);
GADGET_MAPITER(uses, uses);

const volatile bool audit_only = false;
GADGET_PARAM(audit_only);
const volatile bool unique = false;
GADGET_PARAM(unique);
const volatile bool collect_kstack = true;
GADGET_PARAM(collect_kstack);

struct check {
	const struct cred *cred;
	const struct user_namespace *target;
	int cap;
	int options;
	/* A kretprobe's own stack ends at its trampoline before 5.16, so it is the entry's there.
	 */
	__u32 at_entry; /* yes or no */
	gadget_kernel_stack kstack_raw;
};

/* What is asked between a function's entry and its answer, by thread. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, __u64);
	__type(value, struct check);
} checks SEC(".maps");
GADGET_LOST_UPDATES(checks);

/* With `unique`: what each workload was told already. */
struct answer {
	gadget_mntns_id mntns_id;
	__u64 mntns_gen;
	__u64 cgroup_id;
	__u32 cap;
	__u32 capable;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, struct answer);
	__type(value, __u8);
} seen SEC(".maps");
GADGET_LOST_UPDATES(seen);

static __always_inline bool is_first(struct task_struct *task, int cap, bool capable)
{
	struct gadget_identity who;
	struct answer answer = {.cap = cap, .capable = capable};
	__u8 yes = 1;

	gadget_identity_of(&who, task);
	answer.mntns_id = who.mntns_id;
	answer.mntns_gen = who.mntns_gen;
	answer.cgroup_id = who.cgroup_id;

	/* it fails when somebody was first; a full map lets everything through */
	return gadget_update_map(&seen, &answer, &yes, BPF_NOEXIST) != -17 /* EEXIST */;
}

/* Not wanted: another workload's, and what the kernel asks of credentials that the task only
 * borrows (overlayfs uses those of whoever mounted it). */
static __always_inline bool is_unwanted(const struct cred *cred)
{
	return cred != BPF_CORE_READ(gadget_current(), real_cred) ||
	       gadget_should_discard_data_current();
}

static __always_inline gadget_kernel_stack kernel_stack(void *ctx, const struct check *check)
{
	if (!collect_kstack)
		return -1;
	return check->at_entry ? check->kstack_raw : gadget_get_kernel_stack(ctx);
}

static __always_inline int answered(void *ctx, const struct check *check, bool capable)
{
	const struct user_namespace *target = check->target;
	struct task_struct *task = gadget_current();
	int options = check->options;
	struct event *event;

	if (audit_only && options != UNKNOWN_OPTIONS && options & CAP_OPT_NOAUDIT)
		return 0;
	note_question(ctx, target, check->cap, options, capable);
	if (unique && !is_first(task, check->cap, capable))
		return 0;
	event = gadget_reserve_buf(&events, sizeof(*event));
	if (!event)
		return 0;
	gadget_process_populate(&event->proc);
	event->timestamp_raw = bpf_ktime_get_boot_ns();
	event->current_userns = BPF_CORE_READ(task, real_cred, user_ns, ns.inum);
	event->target_userns = BPF_CORE_READ(target, ns.inum);
	event->cap_effective_raw = 0;
	BPF_CORE_READ_INTO(&event->cap_effective_raw, task, real_cred, cap_effective);
	event->cap_raw = check->cap;
	event->capable = capable;
	event->audit = options == UNKNOWN_OPTIONS ? -1 : !(options & CAP_OPT_NOAUDIT);
	event->insetid = options == UNKNOWN_OPTIONS ? -1 : !!(options & CAP_OPT_INSETID);
	event->syscall_raw = asking_syscall(task, &event->arch_raw);
	event->kstack_raw = kernel_stack(ctx, check);
	gadget_submit_buf(ctx, &events, event, sizeof(*event));
	return 0;
}

static __always_inline int asked(const struct check *check)
{
	__u64 thread = bpf_get_current_pid_tgid();

	gadget_update_map(&checks, &thread, check, BPF_ANY);
	return 0;
}

/* Goes with the tracepoint, where the kernel has both. */
SEC("fentry/cap_capable")
int BPF_PROG(entered, const struct cred *cred, struct user_namespace *target, int cap, int options)
{
	struct check check = {.cred = cred, .target = target, .cap = cap, .options = options};

	return is_unwanted(cred) ? 0 : asked(&check);
}

SEC("tp_btf/cap_capable")
int BPF_PROG(checked, const struct cred *cred, struct user_namespace *target,
	     const struct user_namespace *granting, int cap, int result)
{
	struct check check = {
	    .cred = cred, .target = target, .cap = cap, .options = UNKNOWN_OPTIONS};
	__u64 thread = bpf_get_current_pid_tgid();
	struct check *known = bpf_map_lookup_elem(&checks, &thread);

	if (known) {
		if (known->cred == cred && known->cap == cap)
			check.options = known->options;
		bpf_map_delete_elem(&checks, &thread);
	}
	return is_unwanted(cred) ? 0 : answered(ctx, &check, !result);
}

SEC("fexit/cap_capable")
int BPF_PROG(returned, const struct cred *cred, struct user_namespace *target, int cap, int options,
	     int result)
{
	struct check check = {.cred = cred, .target = target, .cap = cap, .options = options};

	return is_unwanted(cred) ? 0 : answered(ctx, &check, !result);
}

SEC("kretprobe/cap_capable")
int BPF_KRETPROBE(returned_kprobe, int result)
{
	__u64 thread = bpf_get_current_pid_tgid();
	struct check *known = bpf_map_lookup_elem(&checks, &thread);
	struct check check;

	if (!known)
		return 0;
	check = *known;
	bpf_map_delete_elem(&checks, &thread);
	return answered(ctx, &check, !result);
}

/* Behind the kretprobe, so that it is attached later and then called earlier: while the function
 * has its own return address, which the stack is followed by. */
SEC("kprobe/cap_capable")
int BPF_KPROBE(entered_kprobe, const struct cred *cred, struct user_namespace *target, int cap,
	       int options)
{
	struct check check = {
	    .cred = cred, .target = target, .cap = cap, .options = options, .at_entry = true};

	if (is_unwanted(cred))
		return 0;
	check.kstack_raw = collect_kstack ? gadget_get_kernel_stack(ctx) : -1;
	return asked(&check);
}

char LICENSE[] SEC("license") = "GPL";
