/* SPDX-License-Identifier: GPL-2.0 */
/* The gadget's two tables: the calls that each workload makes, and the marks of its start. */
#ifndef ADVISE_SECCOMP_ROWS_H
#define ADVISE_SECCOMP_ROWS_H

#include <vmlinux.h>
#include <bpf/bpf_helpers.h>
#include <gadget/arch.h>
#include <gadget/buffer.h>
#include <gadget/identity.h>
#include <gadget/macros.h>

enum phase {
	running = 1, /* its workload was there before the recording */
	setup, /* the runtime prepares: from the new mount namespace or cgroup to the exec of the
		  entry point */
	startup,
	steady,	    /* from the first wait of a process that listens */
	exec,	    /* a command that was run inside later (docker exec, kubectl exec, nsenter) */
	exec_setup, /* the runtime prepares such a command */
};

struct syscall_key {
	gadget_mntns_id mntns_id;
	__u64 mntns_gen;
	__u64 cgroup_id;
	enum syscall_arch arch_raw;
	enum phase phase_raw;
	gadget_syscall syscall_raw;
};

struct syscall_uses {
	__u64 count;
	gadget_timestamp first_raw;
	gadget_timestamp
	    last_raw; /* of phase setup exact, else when the count was last brought up to date */
};

/* What a runtime does on its way to the entry point; a profile applies from one of these points on.
 */
enum setup_mark {
	no_new_privs = 1,
	seccomp_filter,
	get_pdeathsig,
	entry_exec,
	exec_fifo, /* runc and crun wait there for `start` */
};

struct mark_key {
	gadget_mntns_id mntns_id;
	__u64 mntns_gen;
	__u64 cgroup_id;
	enum setup_mark mark_raw;
	__u32 __pad;
};

struct mark_times {
	gadget_timestamp first_raw;
	gadget_timestamp last_raw;
};

/* A workload makes 50 to 150 different calls, in two or three phases. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct syscall_key);
	__type(value, struct syscall_uses);
} syscalls SEC(".maps");
GADGET_LOST_UPDATES(syscalls);
GADGET_MAPITER(syscalls, syscalls);

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct mark_key);
	__type(value, struct mark_times);
} marks SEC(".maps");
GADGET_LOST_UPDATES(marks);
GADGET_MAPITER(marks, marks);

/* Adds `count` calls to a row. False when there is no room for the row, which is counted as a loss.
 */
static __always_inline bool add_calls(const struct syscall_key *key, __u64 count)
{
	struct syscall_uses *uses = bpf_map_lookup_elem(&syscalls, key);
	__u64 now = bpf_ktime_get_boot_ns();

	if (!uses) {
		struct syscall_uses fresh = {.count = count, .first_raw = now, .last_raw = now};

		if (!gadget_update_map(&syscalls, key, &fresh, BPF_NOEXIST))
			return true;
		uses = bpf_map_lookup_elem(&syscalls, key); /* another CPU made it meanwhile */
		if (!uses)
			return false;
	}
	__sync_fetch_and_add(&uses->count, count);
	uses->last_raw = now;
	return true;
}

static __always_inline void add_mark(const struct gadget_identity *who, enum setup_mark mark)
{
	__u64 now = bpf_ktime_get_boot_ns();
	struct mark_times fresh = {.first_raw = now, .last_raw = now}, *times;
	struct mark_key key = {
	    .mntns_id = who->mntns_id,
	    .mntns_gen = who->mntns_gen,
	    .cgroup_id = who->cgroup_id,
	    .mark_raw = mark,
	};

	times = bpf_map_lookup_elem(&marks, &key);
	if (times)
		times->last_raw = now;
	else
		gadget_update_map(&marks, &key, &fresh, BPF_NOEXIST);
}

#endif
