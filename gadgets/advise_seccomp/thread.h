/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The life of a thread, as far as its system calls tell: whose it is, and in which phase of that
 * workload's life. Whether a runtime starts a container or joins one is seen by what it does, not
 * by its name: a mount namespace or cgroup that nobody was in before is a start, any other is an
 * exec session.
 */
#ifndef ADVISE_SECCOMP_THREAD_H
#define ADVISE_SECCOMP_THREAD_H

#include <gadget/admission.h>
#include <gadget/arch.h>
#include <gadget/path.h>
#include "rows.h"

/* Why a thread's calls take the slow road. */
#define MODE_UNWANTED (1u << 0) /* the filter says no */
#define MODE_EXACT                                                                                 \
	(1u << 1) /* each call is looked at: marks and last times, or the wait that ends a         \
		     start-up */

struct thread {
	/* What the fast road compares. A task whose namespaces or cgroup change gets other
	 * pointers. */
	__u64 nsproxy;
	__u64 cgroups;
	__u32 mode;
	__u32 steady_changes;
	__u64 filter_epoch;

	struct gadget_identity identity;
	enum phase phase;
	enum phase
	    home_phase; /* of a thread that left for another mount namespace and may come back */
	__u64 home_mntns_gen;
	bool listens; /* or its parent did */
	bool forked;  /* and did not exec since */
	bool wanted;  /* was, at some time, it or its parent */
};

/* Mount namespaces and cgroups that somebody is or was in. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, __u8);
} inhabited SEC(".maps");

/* Processes (by the time of their start) of which one thread has reached its steady state: then all
 * have. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__type(value, __u64);
} steady_processes SEC(".maps");

__u32 steady_changes; /* counts additions to steady_processes */

static __always_inline bool is_first_in(__u64 place)
{
	__u8 yes = 1;

	return !bpf_map_update_elem(&inhabited, &place, &yes, BPF_NOEXIST);
}

static __always_inline bool is_first_in_mntns(const struct gadget_identity *who)
{
	return is_first_in(who->mntns_gen ?: who->mntns_id);
}

static __always_inline bool is_first_in_cgroup(const struct gadget_identity *who)
{
	return is_first_in(who->cgroup_id | 1ull << 63);
}

static __always_inline bool is_before_exec(enum phase phase)
{
	return phase == setup || phase == exec_setup;
}

static __always_inline bool same_rows(const struct thread *a, const struct thread *b)
{
	return a->phase == b->phase && a->identity.mntns_gen == b->identity.mntns_gen &&
	       a->identity.mntns_id == b->identity.mntns_id &&
	       a->identity.cgroup_id == b->identity.cgroup_id;
}

static __always_inline void enter_mntns(struct thread *thread, const struct gadget_identity *to,
					bool fresh)
{
	if (!is_before_exec(thread->phase)) {
		thread->home_mntns_gen = thread->identity.mntns_gen;
		thread->home_phase = thread->phase;
	}
	if (fresh)
		thread->phase = setup;
	else if (thread->home_phase && thread->home_mntns_gen == to->mntns_gen)
		thread->phase = thread->home_phase;
	else
		thread->phase = exec_setup;
	if (gadget_filter_is_on() && fresh && (thread->wanted || gadget_admit_new))
		gadget_admit_mntns(to->mntns_id);
}

/*
 * A launcher (systemd, ig itself) moves the child that it forked, which then execs: that is a start
 * too. A program that is moved while it runs goes on in its phase.
 */
static __always_inline void enter_cgroup(struct thread *thread, bool fresh)
{
	if (thread->forked && !is_before_exec(thread->phase))
		thread->phase = fresh ? setup : exec_setup;
}

static __always_inline void update_identity(struct thread *thread, struct task_struct *task)
{
	struct gadget_identity now;
	bool first_in_mntns, first_in_cgroup;

	gadget_identity_of(&now, task);
	first_in_mntns = is_first_in_mntns(&now);
	first_in_cgroup = is_first_in_cgroup(&now);
	if (!thread->phase) /* not seen before, so it was there before */
		thread->phase = gadget_is_starting(now.mntns_id, now.cgroup_id) ? setup : running;
	else if (now.mntns_gen != thread->identity.mntns_gen ||
		 now.mntns_id != thread->identity.mntns_id)
		enter_mntns(thread, &now, first_in_mntns);
	else if (now.cgroup_id != thread->identity.cgroup_id)
		enter_cgroup(thread, first_in_cgroup);
	thread->identity = now;
}

static __always_inline void become_steady(struct thread *thread, struct task_struct *task)
{
	__u64 start = BPF_CORE_READ(task, group_leader, start_boottime);
	__u32 pid = BPF_CORE_READ(task, tgid);

	thread->phase = steady;
	bpf_map_update_elem(&steady_processes, &pid, &start, BPF_ANY);
	__sync_fetch_and_add(&steady_changes, 1);
}

static __always_inline bool is_steady_process(struct task_struct *task)
{
	__u32 pid = BPF_CORE_READ(task, tgid);
	__u64 *start = bpf_map_lookup_elem(&steady_processes, &pid);

	return start && *start == BPF_CORE_READ(task, group_leader, start_boottime);
}

/* Brings a thread up to date with what happened around it since its last call. */
static __always_inline void update_thread(struct thread *thread, struct task_struct *task)
{
	__u64 nsproxy = (__u64)BPF_CORE_READ(task, nsproxy);
	__u64 cgroups = (__u64)BPF_CORE_READ(task, cgroups);

	if (nsproxy != thread->nsproxy || cgroups != thread->cgroups) {
		thread->nsproxy = nsproxy;
		thread->cgroups = cgroups;
		update_identity(thread, task);
	}
	if (thread->steady_changes != steady_changes) {
		thread->steady_changes = steady_changes;
		if (thread->phase == startup && is_steady_process(task))
			thread->phase = steady;
	}
}

/* What remains to be said when identity and phase are known. */
static __always_inline void update_mode(struct thread *thread)
{
	thread->mode = 0;
	if (gadget_filter_is_on()) {
		thread->filter_epoch = gadget_get_filter_epoch();
		if (gadget_should_discard_ids(thread->identity.mntns_id,
					      thread->identity.cgroup_id))
			thread->mode = MODE_UNWANTED;
		else
			thread->wanted = true;
	}
	if (is_before_exec(thread->phase) || (thread->phase == startup && thread->listens))
		thread->mode |= MODE_EXACT;
}

static __always_inline bool is_exec_fifo(struct task_struct *task, int fd)
{
	static const char wanted[] = "exec.fifo";
	char name[sizeof(wanted)] = {};
	struct file *file = gadget_file_of_fd(task, fd);

	bpf_probe_read_kernel_str(name, sizeof(name),
				  BPF_CORE_READ(file, f_path.dentry, d_name.name));
	for (int i = 0; i < (int)sizeof(wanted); i++)
		if (name[i] != wanted[i])
			return false;
	return true;
}

/* A null filter is only libseccomp asking what the kernel can do. */
static __always_inline enum setup_mark mark_of(struct task_struct *task, struct pt_regs *regs,
					       enum syscall_arch arch, enum gadget_call call,
					       __u64 arg1)
{
	bool prctl = call == GADGET_CALL_PRCTL;

	if (prctl && arg1 == 38 /* PR_SET_NO_NEW_PRIVS */)
		return no_new_privs;
	if (prctl && arg1 == 2 /* PR_GET_PDEATHSIG */)
		return get_pdeathsig;
	if ((prctl && arg1 == 22 /* PR_SET_SECCOMP */) ||
	    (call == GADGET_CALL_SECCOMP && arg1 == 1 /* SECCOMP_SET_MODE_FILTER */))
		return gadget_syscall_arg3(regs, arch) ? seccomp_filter : 0;
	if (call == GADGET_CALL_READ_WRITE && is_exec_fifo(task, (int)arg1))
		return exec_fifo;
	return 0;
}

/* What the call itself means for the thread's life. */
static __always_inline void note_call(struct thread *thread, struct task_struct *task,
				      struct pt_regs *regs, enum syscall_arch arch, __u64 nr)
{
	enum gadget_call call = gadget_call_of(arch, nr);
	__u64 arg1;

	if (call == GADGET_CALL_OTHER)
		return;
	arg1 = gadget_syscall_arg1(regs, arch);
	if (call == GADGET_CALL_SOCKETCALL)
		call = gadget_socketcall(arg1);
	if (thread->phase == setup && !(thread->mode & MODE_UNWANTED)) {
		enum setup_mark mark = mark_of(task, regs, arch, call, arg1);

		if (mark)
			add_mark(&thread->identity, mark);
	}
	if (call == GADGET_CALL_LISTEN || call == GADGET_CALL_ACCEPT)
		thread->listens = true;
	if (thread->phase == startup && (call == GADGET_CALL_PAUSE || call == GADGET_CALL_ACCEPT ||
					 (call == GADGET_CALL_WAIT && thread->listens)))
		become_steady(thread, task);
}

static __always_inline void note_exec(struct thread *thread)
{
	thread->forked = false;
	thread->listens = false;
	if (thread->phase == setup) {
		if (!(thread->mode & MODE_UNWANTED))
			add_mark(&thread->identity, entry_exec);
		thread->phase = startup;
	} else if (thread->phase == exec_setup) {
		thread->phase = exec;
	}
}

static __always_inline void init_child(struct thread *child_thread, const struct thread *thread,
				       struct task_struct *child)
{
	*child_thread = *thread;
	if (BPF_CORE_READ(child, pid) == BPF_CORE_READ(child, tgid))
		child_thread->forked = true;
}

static __always_inline void init_key(struct syscall_key *key, const struct thread *thread,
				     enum syscall_arch arch, __u64 nr)
{
	key->mntns_id = thread->identity.mntns_id;
	key->mntns_gen = thread->identity.mntns_gen;
	key->cgroup_id = thread->identity.cgroup_id;
	key->arch_raw = arch;
	key->phase_raw = thread->phase;
	key->syscall_raw = nr;
}

static __always_inline bool is_user_task(struct task_struct *task)
{
	return task->mm && task->nsproxy;
}

/*
 * A task that was there before, and the call in which it waits perhaps since long, which sys_enter
 * will not show again. Run once by user space after attaching.
 */
static __always_inline void seed_thread(struct thread *thread, struct task_struct *task)
{
	struct pt_regs *regs = gadget_task_regs(task);
	long id = gadget_regs_syscall(regs);
	struct syscall_key key;

	update_thread(thread, task);
	update_mode(thread);
	if (id < 0 || (thread->mode & MODE_UNWANTED))
		return;
	init_key(&key, thread, gadget_syscall_arch(task, id), gadget_syscall_number(id));
	add_calls(&key, 1);
}

#endif
