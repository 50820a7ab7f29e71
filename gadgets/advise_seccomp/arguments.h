/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which values the workload gives to arguments of few possible values: a profile may allow
 * socket(AF_UNIX) and no other. Never pointers, sizes or descriptors. Each argument of each call
 * keeps so many different values; what comes beyond is counted together in a row `other`.
 */
#ifndef ADVISE_SECCOMP_ARGUMENTS_H
#define ADVISE_SECCOMP_ARGUMENTS_H

#include <gadget/arch.h>
#include "rows.h"
#include "thread.h"

#define MAX_VALUES 32
#define MAX_NUMBER 512

/* Which of the first three arguments are kept. */
#define FIRST  1
#define SECOND 2
#define THIRD  4
/* The kernel looks at all 64 bits of them; of others the upper half is chance. */
#define WIDE 8

struct argument_key {
	gadget_mntns_id mntns_id;
	__u64 mntns_gen;
	__u64 cgroup_id;
	enum syscall_arch arch_raw;
	enum phase phase_raw;
	gadget_syscall syscall_raw;
	__u32 argument; /* from 0, as in a seccomp profile */
	__u32 __pad; /* a hole would keep what the stack had, and make keys of equal rows differ */
	__u64 value;
	bool other;
	__u8 __pad2[7];
};

struct argument_uses {
	__u64 count;
	gadget_timestamp first_raw;
	gadget_timestamp last_raw;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct argument_key);
	__type(value, struct argument_uses);
} arguments SEC(".maps");
GADGET_LOST_UPDATES(arguments);
GADGET_MAPITER(arguments, arguments);

/* How many values an argument has: its key is that of the row `other`. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct argument_key);
	__type(value, __u32);
} argument_values SEC(".maps");
GADGET_LOST_UPDATES(argument_values);

#if defined(__TARGET_ARCH_x86)

/* Of x86_64; x32 has the same numbers but for ioctl, ptrace, setsockopt and getsockopt, which are
 * not kept. */
static const __u8 arguments_64[MAX_NUMBER] = {
    [9] = THIRD | WIDE,				   /* mmap: prot */
    [10] = THIRD | WIDE,			   /* mprotect: prot */
    [16] = SECOND,				   /* ioctl: request */
    [28] = THIRD,				   /* madvise: advice */
    [41] = FIRST | SECOND,  [53] = FIRST | SECOND, /* socket, socketpair: domain, type */
    [54] = SECOND | THIRD,  [55] = SECOND | THIRD, /* setsockopt, getsockopt: level, name */
    [56] = FIRST | WIDE,			   /* clone: flags */
    [72] = SECOND,				   /* fcntl: command */
    [101] = FIRST | WIDE,			   /* ptrace: request */
    [135] = FIRST,				   /* personality */
    [157] = FIRST,				   /* prctl: option */
    [158] = FIRST,				   /* arch_prctl: code */
    [250] = FIRST,				   /* keyctl: operation */
    [272] = FIRST | WIDE,			   /* unshare: flags */
    [308] = SECOND,				   /* setns: type */
    [317] = FIRST | SECOND,			   /* seccomp: operation, flags */
    [321] = FIRST,				   /* bpf: command */
};

static const __u8 arguments_32[MAX_NUMBER] = {
    [26] = FIRST,				    /* ptrace */
    [54] = SECOND,				    /* ioctl */
    [55] = SECOND,				    /* fcntl */
    [120] = FIRST,				    /* clone */
    [125] = THIRD,				    /* mprotect */
    [136] = FIRST,				    /* personality */
    [172] = FIRST,				    /* prctl */
    [192] = THIRD,				    /* mmap2 */
    [219] = THIRD,				    /* madvise */
    [221] = SECOND,				    /* fcntl64 */
    [288] = FIRST,				    /* keyctl */
    [310] = FIRST,				    /* unshare */
    [346] = SECOND,				    /* setns */
    [354] = FIRST | SECOND,			    /* seccomp */
    [357] = FIRST,				    /* bpf */
    [359] = FIRST | SECOND, [360] = FIRST | SECOND, /* socket, socketpair */
    [365] = SECOND | THIRD, [366] = SECOND | THIRD, /* getsockopt, setsockopt */
    [384] = FIRST,				    /* arch_prctl */
};

#elif defined(__TARGET_ARCH_arm64)

static const __u8 arguments_64[MAX_NUMBER] = {
    [25] = SECOND,	    /* fcntl: command */
    [29] = SECOND,	    /* ioctl: request */
    [92] = FIRST,	    /* personality */
    [97] = FIRST | WIDE,    /* unshare: flags */
    [117] = FIRST | WIDE,   /* ptrace: request */
    [167] = FIRST,	    /* prctl: option */
    [198] = FIRST | SECOND, /* socket: domain, type */
    [199] = FIRST | SECOND, /* socketpair */
    [208] = SECOND | THIRD, /* setsockopt: level, name */
    [209] = SECOND | THIRD, /* getsockopt */
    [219] = FIRST,	    /* keyctl: operation */
    [220] = FIRST | WIDE,   /* clone: flags */
    [222] = THIRD | WIDE,   /* mmap: prot */
    [226] = THIRD | WIDE,   /* mprotect: prot */
    [233] = THIRD,	    /* madvise: advice */
    [268] = SECOND,	    /* setns: type */
    [277] = FIRST | SECOND, /* seccomp: operation, flags */
    [280] = FIRST,	    /* bpf: command */
};

static const __u8 arguments_32[MAX_NUMBER] = {
    [26] = FIRST,				    /* ptrace */
    [54] = SECOND,				    /* ioctl */
    [55] = SECOND,				    /* fcntl */
    [120] = FIRST,				    /* clone */
    [125] = THIRD,				    /* mprotect */
    [136] = FIRST,				    /* personality */
    [172] = FIRST,				    /* prctl */
    [192] = THIRD,				    /* mmap2 */
    [220] = THIRD,				    /* madvise */
    [221] = SECOND,				    /* fcntl64 */
    [281] = FIRST | SECOND, [288] = FIRST | SECOND, /* socket, socketpair */
    [294] = SECOND | THIRD, [295] = SECOND | THIRD, /* setsockopt, getsockopt */
    [311] = FIRST,				    /* keyctl */
    [337] = FIRST,				    /* unshare */
    [375] = SECOND,				    /* setns */
    [383] = FIRST | SECOND,			    /* seccomp */
    [386] = FIRST,				    /* bpf */
};

#endif

static __always_inline __u8 arguments_kept(enum syscall_arch arch, __u64 nr)
{
	if (nr >= MAX_NUMBER)
		return 0;
	return arch == i386 || arch == arm ? arguments_32[nr & (MAX_NUMBER - 1)]
					   : arguments_64[nr & (MAX_NUMBER - 1)];
}

static __always_inline bool add_uses(const struct argument_key *key)
{
	struct argument_uses *uses = bpf_map_lookup_elem(&arguments, key);

	if (!uses)
		return false;
	__sync_fetch_and_add(&uses->count, 1);
	uses->last_raw = bpf_ktime_get_boot_ns();
	return true;
}

/* A value that its argument did not have before. Two CPUs may both find the last room free. */
static __always_inline void add_value(const struct argument_key *key)
{
	__u64 now = bpf_ktime_get_boot_ns();
	struct argument_uses fresh = {.count = 1, .first_raw = now, .last_raw = now};
	struct argument_key others = *key;
	__u32 one = 1, *values;

	others.value = 0;
	others.other = true;
	values = bpf_map_lookup_elem(&argument_values, &others);
	if (values && *values >= MAX_VALUES) {
		if (!add_uses(&others))
			gadget_update_map(&arguments, &others, &fresh, BPF_NOEXIST);
	} else if (gadget_update_map(&arguments, key, &fresh, BPF_NOEXIST)) {
		add_uses(key); /* another CPU made it meanwhile */
	} else if (values) {
		__sync_fetch_and_add(values, 1);
	} else {
		gadget_update_map(&argument_values, &others, &one, BPF_NOEXIST);
	}
}

static __always_inline void note_values(const struct thread *thread, struct pt_regs *regs,
					enum syscall_arch arch, __u64 nr)
{
	__u8 kept = arguments_kept(arch, nr);
	struct argument_key key = {
	    .mntns_id = thread->identity.mntns_id,
	    .mntns_gen = thread->identity.mntns_gen,
	    .cgroup_id = thread->identity.cgroup_id,
	    .arch_raw = arch,
	    .phase_raw = thread->phase,
	    .syscall_raw = nr,
	};
	__u64 values[3];

	if (!kept)
		return;
	values[0] = gadget_syscall_arg1(regs, arch);
	values[1] = gadget_syscall_arg2(regs, arch);
	values[2] = gadget_syscall_arg3(regs, arch);
	for (int i = 0; i < 3; i++) {
		if (!(kept & (1 << i)))
			continue;
		key.argument = i;
		key.value = kept & WIDE ? values[i] : (__u32)values[i];
		if (!add_uses(&key))
			add_value(&key);
	}
}

#endif
