// SPDX-License-Identifier: GPL-2.0
// audit_seccomp: one event for each system call that a seccomp filter logged, refused or killed
// for.
//
// audit_seccomp() of the kernel sees all that is to be logged. Where it can't be hooked, what the
// kernel writes to the audit system says the same (user space fills our struct from that), and
// where that can't be heard either, there are the signals that filters send.
#include <gadget/common.h>
#include <bpf/bpf_tracing.h>
#include <gadget/buffer.h>
#include <gadget/exit_args.h>
#include <gadget/filter.h>
#include <gadget/macros.h>

#define SIGSYS		  31
#define SYS_SECCOMP	  1
#define SA_IMMUTABLE	  0x00800000
#define SIGNAL_GROUP_EXIT 0x00000004
#define PF_SIGNALED	  0x00000400

enum code {
	SECCOMP_RET_KILL_PROCESS = 0x80000000,
	SECCOMP_RET_KILL_THREAD = 0x00000000,
	SECCOMP_RET_TRAP = 0x00030000,
	SECCOMP_RET_ERRNO = 0x00050000,
	SECCOMP_RET_USER_NOTIF = 0x7fc00000,
	SECCOMP_RET_TRACE = 0x7ff00000,
	SECCOMP_RET_LOG = 0x7ffc0000,
	SECCOMP_RET_ALLOW = 0x7fff0000,
};

struct event {
	gadget_timestamp timestamp_raw;
	struct gadget_process proc;
	gadget_syscall syscall_raw;
	enum code code_raw;
	enum syscall_arch arch_raw;
};

GADGET_TRACER_MAP(events, 1 << 20);
GADGET_TRACER(seccomp, events, event);

static __always_inline int filtered(void *ctx, long nr, enum code code)
{
	struct event *event;

	if (gadget_should_discard_data_current())
		return 0;
	event = gadget_reserve_buf(&events, sizeof(*event));
	if (!event)
		return 0;
	event->timestamp_raw = bpf_ktime_get_boot_ns();
	gadget_process_populate(&event->proc);
	event->syscall_raw = gadget_syscall_number(nr);
	event->code_raw = code;
	event->arch_raw = gadget_syscall_arch(gadget_current(), nr);
	gadget_submit_buf(ctx, &events, event, sizeof(*event));
	return 0;
}

SEC("kprobe/audit_seccomp")
int BPF_KPROBE(audited, unsigned long nr, long signal, int code)
{
	return filtered(ctx, nr, code);
}

/* The kernel's own kill is a signal that nobody may catch. Before 5.16 it was none: see `ended`. */
static __always_inline bool is_kill(struct task_struct *task)
{
	return BPF_CORE_READ(task, sighand, action[SIGSYS - 1].sa.sa_flags) & SA_IMMUTABLE;
}

SEC("tp_btf/signal_generate")
int BPF_PROG(signalled, int sig, struct kernel_siginfo *info)
{
	if (sig != SIGSYS || (__u64)info <= 1 /* a word in place of an info: not from a filter */ ||
	    BPF_CORE_READ(info, si_code) != SYS_SECCOMP)
		return 0;
	return filtered(ctx, BPF_CORE_READ(info, _sifields._sigsys._syscall),
			is_kill(gadget_current()) ? SECCOMP_RET_KILL_PROCESS : SECCOMP_RET_TRAP);
}

/*
 * A thread that was ended on the spot: one of several that alone was to die, and before 5.16 all.
 * Who dies of a signal, or with others of its process, is marked.
 */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(ended, struct task_struct *task)
{
	bool with_process;

	if ((BPF_CORE_READ(task, exit_code) & 0x7f) != SIGSYS ||
	    BPF_CORE_READ(task, flags) & PF_SIGNALED)
		return 0;
	with_process = BPF_CORE_READ(task, signal, flags) & SIGNAL_GROUP_EXIT ||
		       BPF_CORE_READ(task, signal, nr_threads) == 1;
	return filtered(ctx, gadget_regs_syscall(gadget_current_regs()),
			with_process ? SECCOMP_RET_KILL_PROCESS : SECCOMP_RET_KILL_THREAD);
}

char LICENSE[] SEC("license") = "GPL";
