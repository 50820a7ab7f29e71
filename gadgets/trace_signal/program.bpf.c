// SPDX-License-Identifier: GPL-2.0
// trace_signal: one event for each signal that somebody sent, and for each call that could not.
//
// signal_generate sees every signal, one by one, also those to a whole group of processes, and
// those that the kernel sends. A call that fails generates none: it is seen when it ends.
#include <gadget/common.h>
#include <bpf/bpf_tracing.h>
#include <gadget/buffer.h>
#include <gadget/filter.h>
#include <gadget/macros.h>
#include "calls.h"

#define EAGAIN	  11
#define SIGALRM	  14
#define SIGURG	  23
#define SIGVTALRM 26
#define SIGPROF	  27
#define SIGIO	  29

/* What stands in place of a siginfo. */
#define SEND_SIG_NOINFO		   0ul /* from the current process */
#define SEND_SIG_PRIV		   1ul /* from the kernel */

#define SI_USER			   0
#define SI_QUEUE		   -1
#define SI_TIMER		   -2
#define SI_SIGIO		   -5
#define SI_TKILL		   -6

#define TRACE_SIGNAL_OVERFLOW_FAIL 3

enum signal_origin {
	kill = 1, /* kill, or pidfd_send_signal */
	tkill,	  /* tkill, tgkill */
	sigqueue,
	timer,
	io,	/* a file that is ready */
	kernel, /* a fault, a child's end, a terminal, … */
};

enum signal_result {
	delivered,
	ignored,
	already_pending,
	overflow_fail,
	lose_info,
	not_sent, /* the call failed */
};

struct event {
	gadget_timestamp timestamp_raw;
	struct gadget_process
	    proc; /* the sender; of timer and io the receiver, who asked for them */
	__s32 tpid;
	gadget_signal sig_raw;
	gadget_errno error_raw;
	__u32 ttid; /* the thread that was meant; 0: any of the process */
	enum signal_origin origin_raw;
	enum signal_result result_raw;
	char tcomm[TASK_COMM_LEN];
};

GADGET_TRACER_MAP(events, 1 << 20);
GADGET_TRACER(signal, events, event);

const volatile int target_signal = 0;
GADGET_PARAM(target_signal);
const volatile bool failed_only = false;
GADGET_PARAM(failed_only);
const volatile bool kill_only = false;
GADGET_PARAM(kill_only);

static __always_inline enum signal_origin origin_of(int sig, struct kernel_siginfo *info)
{
	bool by_timer = sig == SIGALRM || sig == SIGVTALRM || sig == SIGPROF;
	int code;

	if ((__u64)info == SEND_SIG_PRIV)
		return by_timer ? timer : sig == SIGURG || sig == SIGIO ? io : kernel;
	if ((__u64)info == SEND_SIG_NOINFO)
		return kernel;
	code = BPF_CORE_READ(info, si_code);
	switch (code) {
	case SI_USER:
		return kill;
	case SI_TKILL:
		return tkill;
	case SI_TIMER:
		return timer;
	case SI_SIGIO:
		return io;
	}
	if (code > 0)
		return sig == SIGIO ? io : kernel;
	return sigqueue; /* with whatever negative code its sender chose */
}

static __always_inline bool is_wanted(int sig, bool by_call, __u32 error)
{
	return (!target_signal || sig == target_signal) && (!kill_only || by_call) &&
	       (!failed_only || error);
}

SEC("tp_btf/signal_generate")
int BPF_PROG(generated, int sig, struct kernel_siginfo *info, struct task_struct *target, int group,
	     int result)
{
	enum signal_origin origin = origin_of(sig, info);
	__u32 error = result == TRACE_SIGNAL_OVERFLOW_FAIL ? EAGAIN : 0;
	/* Interrupts make these: whoever was interrupted has no part in them. */
	bool foreign = origin == timer || origin == io;
	struct task_struct *sender = foreign ? target : gadget_current();
	struct gadget_process proc;
	struct event *event;

	if (!is_wanted(sig, origin <= sigqueue, error) || gadget_should_discard_task(sender))
		return 0;
	gadget_process_populate_from_task(&proc, sender);
	if (gadget_should_discard_process(&proc))
		return 0;
	event = gadget_reserve_buf(&events, sizeof(*event));
	if (!event)
		return 0;
	event->timestamp_raw = bpf_ktime_get_boot_ns();
	event->proc = proc;
	event->tpid = target->tgid;
	event->sig_raw = sig;
	event->error_raw = error;
	event->ttid = group ? 0 : target->pid;
	event->origin_raw = origin;
	event->result_raw = result;
	BPF_CORE_READ_STR_INTO(&event->tcomm, target, comm);
	gadget_submit_buf(ctx, &events, event, sizeof(*event));
	return 0;
}

static __always_inline enum signal_origin origin_of_call(enum call_kind kind)
{
	switch (kind) {
	case TKILL:
	case TGKILL:
		return tkill;
	case RT_SIGQUEUEINFO:
	case RT_TGSIGQUEUEINFO:
		return sigqueue;
	default:
		return kill;
	}
}

static __always_inline void failed(void *ctx, struct pt_regs *regs, long nr, long ret)
{
	struct event *event;
	struct call call;

	/* with EAGAIN, the signal was generated and found no room: `generated` has it */
	if (ret == -EAGAIN || !read_call(&call, gadget_current(), regs, nr) ||
	    !is_wanted(call.signal, true, -ret) || gadget_should_discard_data_current())
		return;
	event = gadget_reserve_buf(&events, sizeof(*event));
	if (!event)
		return;
	event->timestamp_raw = bpf_ktime_get_boot_ns();
	gadget_process_populate(&event->proc);
	event->tpid = call.target;
	event->sig_raw = call.signal;
	event->error_raw = -ret;
	event->ttid = 0;
	event->origin_raw = origin_of_call(call.kind);
	event->result_raw = not_sent;
	event->tcomm[0] = '\0';
	gadget_submit_buf(ctx, &events, event, sizeof(*event));
}

SEC("tp_btf/sys_exit")
int BPF_PROG(call_failed, struct pt_regs *regs, long ret)
{
	if (ret < 0 && !gadget_is_restarted(ret))
		failed(ctx, regs, gadget_regs_syscall(regs), ret);
	return 0;
}

/* Slower, but never preempted: see unpreempted_tp_btf. */
SEC("tracepoint/raw_syscalls/sys_exit")
int call_failed_unpreempted(struct trace_event_raw_sys_exit *ctx)
{
	if (ctx->ret < 0 && !gadget_is_restarted(ctx->ret))
		failed(ctx, gadget_current_regs(), ctx->id, ctx->ret);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
