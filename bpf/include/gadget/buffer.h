/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rings, and the rule that nothing is lost in silence: whatever finds no room is counted in
 * <map>_lost_samples (rings) or <map>_lost_updates (hash maps), which user space reads as counters
 * that only grow. The counters are per CPU and still atomic, since a program may be interrupted by
 * another one on its CPU.
 *
 * Ring buffers are in every kernel that we run on, so there is no perf-buffer road.
 */
#ifndef GADGET_BUFFER_H
#define GADGET_BUFFER_H

#include <bpf/bpf_helpers.h>
#include <gadget/macros.h>

#define GADGET_LOSS_COUNTER(name)                                                                  \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);                                           \
		__uint(max_entries, 1);                                                            \
		__type(key, __u32);                                                                \
		__type(value, __u64);                                                              \
	} name SEC(".maps")

/* A ring of `size` bytes (user space may choose another size) with its counter. */
#define GADGET_TRACER_MAP(map, size)                                                               \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_RINGBUF);                                                \
		__uint(max_entries, size);                                                         \
	} map SEC(".maps");                                                                        \
	GADGET_LOSS_COUNTER(map##_lost_samples);                                                   \
	__gadget_note(gadget_map_tracer_##map)

/* The counter of a hash map that may be full; see gadget_update_map(). */
#define GADGET_LOST_UPDATES(map) GADGET_LOSS_COUNTER(map##_lost_updates)

/*
 * `size`, which is in 1..most, in such a form that every verifier sees it is, whatever the compiler
 * made of the tests before; for helpers that read into a buffer. `most` is a power of two.
 */
static __always_inline __u32 gadget_bounded_size(__u32 size, __u32 most)
{
	asm volatile("" : "+r"(size));
	return ((size - 1) & (most - 1)) + 1;
}

static __always_inline void gadget_count_loss(void *counter)
{
	__u32 zero = 0;
	__u64 *lost = bpf_map_lookup_elem(counter, &zero);

	if (lost)
		__sync_fetch_and_add(lost, 1);
}

static __always_inline void *__gadget_reserve_buf(void *map, void *counter, __u64 size)
{
	void *buf = bpf_ringbuf_reserve(map, size, 0);

	if (!buf)
		gadget_count_loss(counter);
	return buf;
}

static __always_inline long __gadget_output_buf(void *map, void *counter, void *buf, __u64 size)
{
	long err = bpf_ringbuf_output(map, buf, size, 0);

	if (err)
		gadget_count_loss(counter);
	return err;
}

static __always_inline long __gadget_update_map(void *map, void *counter, const void *key,
						const void *value, __u64 flags)
{
	/* before 6.4 a map answers with an int, and where the call is inlined nothing extends it */
	long err = (int)bpf_map_update_elem(map, key, value, flags);

	if (err && err != -17 /* EEXIST, with BPF_NOEXIST: somebody else was first, no loss */)
		gadget_count_loss(counter);
	return err;
}

/* Called as the contract has it, with `&map`: the pasting makes &map_lost_samples of it. */
#define gadget_reserve_buf(map, size) __gadget_reserve_buf(map, map##_lost_samples, size)
#define gadget_discard_buf(buf)	      bpf_ringbuf_discard(buf, 0)
#define gadget_submit_buf(ctx, map, buf, size)                                                     \
	({                                                                                         \
		bpf_ringbuf_submit(buf, 0);                                                        \
		0L;                                                                                \
	})
/* For records of varying length, made elsewhere. */
#define gadget_output_buf(ctx, map, buf, size)                                                     \
	__gadget_output_buf(map, map##_lost_samples, buf, size)
#define gadget_update_map(map, key, value, flags)                                                  \
	__gadget_update_map(map, map##_lost_updates, key, value, flags)

#endif
