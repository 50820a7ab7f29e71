/* SPDX-License-Identifier: GPL-2.0 */
/* The rings: a workload's calls in the order in which they ended, each new one in the place of the
 * oldest. */
#ifndef TRACELOOP_RING_H
#define TRACELOOP_RING_H

#include "call.h"

const volatile __u32 capacity = 1000;
GADGET_PARAM(capacity);

static __always_inline struct ring *ring_of(const struct gadget_identity *who)
{
	struct ring *ring = bpf_map_lookup_elem(&rings, who);
	struct ring fresh = {};

	if (ring)
		return ring;
	fresh.first_raw = bpf_ktime_get_boot_ns();
	fresh.capacity = capacity ?: 1;
	gadget_update_map(&rings, who, &fresh, BPF_NOEXIST);
	return bpf_map_lookup_elem(&rings, who);
}

static __always_inline void count_thread(const struct gadget_identity *whose, __s64 change)
{
	struct gadget_identity who = *whose; /* 6.1 takes map keys from the stack only */
	struct ring *ring = change > 0 ? ring_of(&who) : bpf_map_lookup_elem(&rings, &who);

	if (ring)
		__sync_fetch_and_add(&ring->threads, change);
}

/* Kernels before 5.12 have no atomic that tells the old value: there a key that can be made only
 * once is the lock. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct gadget_identity);
	__type(value, __u8);
} locked_rings SEC(".maps");

#define MAX_TRIES 64

static __always_inline __u64 next_seq_locked(struct ring *ring, const struct gadget_identity *who)
{
	__u8 yes = 1;
	__u64 seq;

	for (int i = 0; i < MAX_TRIES; i++) {
		if (bpf_map_update_elem(&locked_rings, who, &yes, BPF_NOEXIST))
			continue;
		seq = ring->recorded + 1;
		ring->recorded = seq;
		bpf_map_delete_elem(&locked_rings, who);
		return seq;
	}
	gadget_count_loss(&records_lost_updates);
	return 0;
}

static __always_inline __u64 next_seq(struct ring *ring, const struct gadget_identity *who,
				      bool has_fetch)
{
	return has_fetch ? __sync_fetch_and_add(&ring->recorded, 1) + 1
			 : next_seq_locked(ring, who);
}

/* User space may read at the same time: a record whose seq is 0 is being written. */
static __always_inline void overwrite(struct call *record, const struct call *call)
{
	__u64 size = __builtin_offsetof(struct call, __captures) -
		     __builtin_offsetof(struct call, timestamp_raw) + call->captured;

	barrier_var(size);
	if (size > sizeof(*record) - __builtin_offsetof(struct call, timestamp_raw))
		size = sizeof(*record) - __builtin_offsetof(struct call, timestamp_raw);
	*(volatile __u64 *)&record->seq = 0;
	bpf_probe_read_kernel(&record->timestamp_raw, size, &call->timestamp_raw);
	*(volatile __u64 *)&record->seq = call->seq;
}

static __always_inline void keep_call(struct thread *thread, bool has_fetch)
{
	struct record_key key = {.who = thread->who};
	struct ring *ring = ring_of(&key.who);
	__u64 places = capacity ?: 1;
	struct call *record;
	__u64 seq;

	thread->in_call = false;
	if (!ring)
		return;
	seq = next_seq(ring, &key.who, has_fetch);
	if (!seq)
		return;
	ring->last_raw = thread->call.timestamp_raw + thread->call.duration;
	if (seq > places)
		__sync_fetch_and_add(&ring->overwritten, 1);
	thread->call.seq = seq;
	key.place = (seq - 1) % places;
	record = bpf_map_lookup_elem(&records, &key);
	if (record)
		overwrite(record, &thread->call);
	else
		gadget_update_map(&records, &key, &thread->call, BPF_ANY);
}

#endif
