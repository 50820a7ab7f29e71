/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Copies what arguments point to into the record. Which arguments, how much and when is data
 * (struct plan), so nothing here knows a system call.
 *
 * The place for the next chunk is kept in memory (`captured`), not in a register: the verifier then
 * sees the same state after each capture, whatever that did, and does not walk every combination.
 */
#ifndef TRACELOOP_CAPTURE_H
#define TRACELOOP_CAPTURE_H

#include "call.h"

#define MAX_STRINGS  16
#define MAX_VECTORS  4
#define MAX_POINTERS 256
#define PART_BYTES   128 /* of a string in an array, of what a vector points to */

/* Plans are right about their indices; the mask is for the verifier, and stays within the record.
 */
static __always_inline __u64 argument(const struct thread *thread, __u8 index)
{
	const void *args = thread->call.args;

	return *(__u64 *)(args + (index & 7) * sizeof(__u64));
}

/* The room for the next chunk, or NULL. There are CHUNK_BYTES behind its header, though only
 * room_for() of them will be kept. */
static __always_inline struct chunk *next_chunk(struct thread *thread)
{
	__u64 at = thread->call.captured;

	barrier_var(at);
	if (at > CAPTURE_BYTES - sizeof(struct chunk))
		return NULL;
	return (struct chunk *)(thread->call.__captures + at);
}

static __always_inline void finish_chunk(struct thread *thread, struct chunk *chunk, __u8 op,
					 __u8 part, __u32 size, __u32 total)
{
	__u64 room = CAPTURE_BYTES - sizeof(struct chunk) - thread->call.captured;

	if (size > room)
		size = room;
	chunk->op = op;
	chunk->part = part;
	chunk->size = size;
	chunk->total = total;
	thread->call.captured += sizeof(struct chunk) + ((size + 7) & ~7u);
}

/* Zero, or negative if there is nothing to read there. */
static __noinline int copy_bytes(struct thread *thread, __u64 from, __u32 size, __u32 total,
				 __u32 op_part)
{
	struct chunk *chunk = next_chunk(thread);

	if (!chunk)
		return 0;
	barrier_var(size);
	if (size > CHUNK_BYTES)
		size = CHUNK_BYTES;
	if (size && bpf_probe_read_user(chunk + 1, size, (void *)from))
		return -1;
	finish_chunk(thread, chunk, op_part >> 8, op_part, size, total);
	return 0;
}

static __noinline int copy_string(struct thread *thread, __u64 from, __u32 most, __u32 op_part)
{
	struct chunk *chunk = next_chunk(thread);
	long size;

	if (!chunk)
		return 0;
	barrier_var(most);
	if (most > CHUNK_BYTES)
		most = CHUNK_BYTES;
	size = bpf_probe_read_user_str(chunk + 1, most, (void *)from);
	if (size <= 0)
		return -1;
	/* Without its NUL there is more of it. */
	finish_chunk(thread, chunk, op_part >> 8, op_part, size - 1,
		     size == most ? size : size - 1);
	return 0;
}

static __always_inline bool is_narrow(const struct thread *thread)
{
	return thread->call.arch_raw == i386 || thread->call.arch_raw == arm;
}

/* An array of pointers, as wide as the program has them. Without branches: its users are loops. */
struct pointers {
	__u64 at;
	__u64 width;
	__u64 mask;
};

static __always_inline void init_pointers(struct pointers *pointers, const struct thread *thread,
					  __u64 at)
{
	bool narrow = is_narrow(thread);

	pointers->at = at;
	pointers->width = narrow ? 4 : 8;
	pointers->mask = narrow ? 0xffffffff : ~0ull;
	barrier_var(pointers->width);
	barrier_var(pointers->mask);
}

/* False at the end of readable memory. */
static __always_inline bool next_pointer(struct pointers *pointers, __u64 *pointer)
{
	long err = bpf_probe_read_user(pointer, sizeof(*pointer), (void *)pointers->at);

	*pointer &= pointers->mask;
	pointers->at += pointers->width;
	return !err;
}

static __noinline int copy_strings(struct thread *thread, __u64 from, __u32 op)
{
	struct pointers pointers;
	__u64 pointer;

	init_pointers(&pointers, thread, from);
	for (__u32 i = 0; i < MAX_STRINGS; i++) {
		if (!next_pointer(&pointers, &pointer))
			return -1;
		if (!pointer)
			return copy_bytes(thread, 0, 0, i, op << 8 | PART_END);
		if (copy_string(thread, pointer, PART_BYTES, op << 8 | i))
			return -1;
	}
	return 0;
}

static __noinline int count_pointers(struct thread *thread, __u64 from, __u32 op)
{
	struct pointers pointers;
	__u64 pointer;
	__u32 i;

	init_pointers(&pointers, thread, from);
	for (i = 0; i < MAX_POINTERS; i++) {
		if (!next_pointer(&pointers, &pointer))
			return -1;
		if (!pointer)
			break;
	}
	return copy_bytes(thread, 0, 0, i, op << 8);
}

struct vector {
	__u64 base;
	__u64 length;
};

/* What the first vectors point to, at most `left` bytes. */
static __noinline int copy_vectors(struct thread *thread, __u64 from, __u64 left, __u32 op_part)
{
	struct vector vector;

	for (__u32 i = 0; i < MAX_VECTORS; i++) {
		if (!left || bpf_probe_read_user(&vector, sizeof(vector),
						 (void *)(from + i * sizeof(vector))))
			return 0;
		if (vector.length > left)
			vector.length = left;
		left -= vector.length;
		if (copy_bytes(thread, vector.base,
			       vector.length > PART_BYTES ? PART_BYTES : vector.length,
			       vector.length, op_part + i))
			return -1;
	}
	return 0;
}

static __always_inline __u64 returned(const struct thread *thread)
{
	return thread->call.finished && thread->call.retval > 0 ? thread->call.retval : 0;
}

static __noinline int copy_iovec(struct thread *thread, const struct capture *capture, __u32 op)
{
	__u64 from = argument(thread, capture->arg);
	__u64 count = argument(thread, capture->length);
	__u32 shown = count > MAX_VECTORS ? MAX_VECTORS : count;

	if (is_narrow(thread))
		return 0;
	if (copy_bytes(thread, from, shown * sizeof(struct vector), count, op << 8))
		return -1;
	if (!shown)
		return 0;
	return copy_vectors(thread, from, capture->when == at_enter ? 1 << 30 : returned(thread),
			    op << 8 | 1);
}

/* struct msghdr of 64 bits, as user space has it. */
struct message {
	__u64 name;
	__u32 name_size;
	__u32 __pad;
	__u64 vectors;
	__u64 vector_count;
	__u64 control;
	__u64 control_size;
	__u64 flags;
};

/* Part 0 the struct, 1 the name, 2 the vectors, 3 the control data, from 4 on what the vectors
 * point to. */
static __noinline int copy_message(struct thread *thread, const struct capture *capture, __u32 op)
{
	__u64 from = argument(thread, capture->arg);
	struct message message;
	__u32 shown;

	if (is_narrow(thread))
		return 0;
	if (bpf_probe_read_user(&message, sizeof(message), (void *)from) ||
	    copy_bytes(thread, from, sizeof(message), sizeof(message), op << 8))
		return -1;
	if (message.name && message.name_size)
		copy_bytes(thread, message.name, message.name_size, message.name_size, op << 8 | 1);
	shown = message.vector_count > MAX_VECTORS ? MAX_VECTORS : message.vector_count;
	if (copy_bytes(thread, message.vectors, shown * sizeof(struct vector), message.vector_count,
		       op << 8 | 2))
		return 0;
	if (message.control && message.control_size)
		copy_bytes(thread, message.control,
			   message.control_size > PART_BYTES ? PART_BYTES : message.control_size,
			   message.control_size, op << 8 | 3);
	if (!shown)
		return 0;
	return copy_vectors(thread, message.vectors,
			    capture->when == at_enter ? 1 << 30 : returned(thread), op << 8 | 4);
}

static __always_inline __u32 limited(__u64 count, __u32 size)
{
	__u64 bytes = count > CHUNK_BYTES ? CHUNK_BYTES : count * size;

	return bytes > CHUNK_BYTES ? CHUNK_BYTES : bytes;
}

static __noinline int copy_counted(struct thread *thread, __u64 from, __u64 count, __u32 size,
				   __u32 op)
{
	__u32 shown = limited(count, size);

	/* A buffer is shown as text, of which the beginning will do; an array as it is. */
	if (size == 1 && shown > PART_BYTES)
		shown = PART_BYTES;
	return copy_bytes(thread, from, shown, count > 0xffffffff ? 0xffffffff : count, op << 8);
}

/* Negative if the memory is not there (yet). What was copied until then stays: of a part that is
 * there twice, the first counts. */
static __always_inline int capture_one(struct thread *thread, const struct capture *capture,
				       __u32 op)
{
	__u64 from = argument(thread, capture->arg);
	__u64 length = argument(thread, capture->length);
	__u32 size = capture->size, bytes = 0;

	if (!from)
		return 0;
	switch (capture->kind) {
	case capture_string:
		return copy_string(thread, from, CHUNK_BYTES, op << 8);
	case capture_bytes:
		return copy_bytes(thread, from, size, size, op << 8);
	case capture_counted:
		return copy_counted(thread, from, length, size, op);
	case capture_result:
		return copy_counted(thread, from, returned(thread), size, op);
	case capture_sized:
		if (bpf_probe_read_user(&bytes, sizeof(bytes), (void *)length))
			return -1;
		return copy_counted(thread, from, bytes, 1, op);
	case capture_iovec:
		return copy_iovec(thread, capture, op);
	case capture_message:
		return copy_message(thread, capture, op);
	case capture_strings:
		return copy_strings(thread, from, op);
	case capture_count:
		return count_pointers(thread, from, op);
	}
	return 0;
}

static __always_inline bool is_due(const struct thread *thread, const struct capture *capture,
				   __u32 op, bool entering)
{
	if (entering)
		return capture->when == at_enter;
	if (thread->missed & 1 << op)
		return true;
	return capture->when == at_exit_always ||
	       (capture->when == at_exit && thread->call.retval >= 0);
}

/* At entry, and again at exit: then for what the call has written, and for what was not in memory
 * until the kernel itself read it. */
static __noinline int run_captures(struct thread *thread, bool entering)
{
	struct plan *plan = bpf_map_lookup_elem(&capture_plans, &thread->plan);

	if (!plan)
		return 0;
	for (__u32 op = 0; op < MAX_ARGS; op++) {
		struct capture *capture = &plan->captures[op];

		if (op >= plan->count)
			break;
		if (!is_due(thread, capture, op, entering))
			continue;
		if (capture_one(thread, capture, op) && entering)
			thread->missed |= 1 << op;
	}
	return 0;
}

#endif
