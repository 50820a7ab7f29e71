/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is kept: calls in the rings of their workloads, the calls that threads are in, and what is
 * to be copied of the memory that a call's arguments point to.
 */
#ifndef TRACELOOP_CALL_H
#define TRACELOOP_CALL_H

#include <gadget/common.h>
#include <gadget/arch.h>
#include <gadget/buffer.h>

#define MAX_ARGS      6
#define CAPTURE_BYTES 736 /* a record and what the kernel adds to it fit in 1024 bytes */
#define CHUNK_BYTES   256 /* the most that one capture copies */

/*
 * A record. `captured` bytes of `__captures` are in use: chunks, one after the other, each begins
 * with a struct chunk and takes a multiple of 8 bytes. User space makes the columns `parameters`
 * and `ret` of them (recorder/extension/syscall_arguments.h, which finds them by these names).
 */
struct call {
	__u64 seq; /* the workload's calls are counted from 1; 0 in a thread's own, until it ends */
	gadget_timestamp timestamp_raw;
	struct gadget_process proc;
	gadget_duration duration;
	__s64 retval;
	gadget_syscall syscall_raw;
	enum syscall_arch arch_raw;
	__u16 cpu;
	bool finished;
	__u8 __pad;
	__u64 args[MAX_ARGS];
	__u64 captured;
	__u8 __captures[CAPTURE_BYTES];
};

/* The first captures first: offsets of what follows depend on how much they have. */
struct chunk {
	__u8 op;     /* index in the call's plan */
	__u8 part;   /* of captures that consist of several: the n-th; PART_END tells that there is
			no further one */
	__u16 size;  /* of the bytes that follow */
	__u32 total; /* how many there were in the process's memory */
};

#define PART_END 255

enum capture_kind {
	capture_nothing,
	capture_string,	 /* up to its NUL */
	capture_bytes,	 /* `size` bytes */
	capture_counted, /* as many as the argument `length` says, times `size` */
	capture_result,	 /* as many as the call returned, times `size` */
	capture_sized,	 /* as many as the int says that the argument `length` points to */
	capture_iovec,	 /* of `length` vectors; part 0 is themselves, then what they point to */
	capture_message, /* struct msghdr: itself, name, vectors, what these point to */
	capture_strings, /* that an array of pointers points to, which ends with NULL */
	capture_count,	 /* how many pointers such an array has */
};

enum capture_moment {
	at_enter,
	at_exit,	/* where the call succeeded */
	at_exit_always, /* also where it failed */
};

struct capture {
	__u8 kind;
	__u8 arg;
	__u8 length;
	__u8 when;
	__u16 size;
};

/* User space fills this table before the recording, from recorder/extension/syscall_signatures.cpp;
 * a call without captures has six numbers. */
struct plan {
	__u8 wanted; /* of the calls in the parameter syscall-filters */
	__u8 count;
	struct capture captures[MAX_ARGS];
};

#define PLANS_PER_TABLE 1024
#define PLAN_TABLES	3 /* native, 32-bit, x32 */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PLANS_PER_TABLE *PLAN_TABLES);
	__type(key, __u32);
	__type(value, struct plan);
} capture_plans SEC(".maps");

/*
 * One thread, and the call that it is in. Only the thread itself touches it while it lives, so
 * nothing here needs atomics. A capture may begin anywhere in __captures, hence the slack.
 */
struct thread {
	struct call call;
	__u8 slack[CHUNK_BYTES + 2 * sizeof(struct chunk)];
	struct gadget_identity who;
	/* Another one of these: `call.proc` and `who` have to be read again. */
	__u64 nsproxy;
	__u64 cgroups;
	__u64 cred;
	__u64 filter_epoch;
	__u32 plan;
	__u8 missed; /* captures that found no memory at entry: one bit each */
	bool in_call;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32768);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32); /* tid */
	__type(value, struct thread);
} threads SEC(".maps");
GADGET_LOST_UPDATES(threads);

/* What a new element of `threads` is made of. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct thread);
} blank_thread SEC(".maps");

struct record_key {
	struct gadget_identity who;
	__u32 place; /* (seq - 1) modulo the capacity */
	__u32 __pad;
};

/*
 * All rings. An element is made when its place is first used and lives until user space has read
 * the ring of a workload that ended, so memory is taken as needed, up to 66 MiB.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct record_key);
	__type(value, struct call);
} records SEC(".maps");
GADGET_LOST_UPDATES(records);

struct ring {
	__u64 recorded;
	__u64 overwritten;
	gadget_timestamp first_raw;
	gadget_timestamp last_raw;
	__s64 threads; /* alive; at 0 the workload has ended */
	__u64 capacity;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct gadget_identity);
	__type(value, struct ring);
} rings SEC(".maps");
GADGET_LOST_UPDATES(rings);

#endif
