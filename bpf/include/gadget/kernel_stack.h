/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where in the kernel we are. An event carries the number of its stack in `ig_kstack`; user space
 * makes it text of named frames, so a field of type gadget_kernel_stack is all that a gadget needs:
 *
 *	gadget_kernel_stack kstack_raw;
 *	event->kstack_raw = gadget_get_kernel_stack(ctx);
 *
 * Equal stacks have one number. Nothing is ever deleted or overwritten, so a number means the same
 * for as long as the gadget runs; a stack that finds no room is counted and its event has none.
 */
#ifndef GADGET_KERNEL_STACK_H
#define GADGET_KERNEL_STACK_H

#include <bpf/bpf_helpers.h>
#include <gadget/buffer.h>
#include <gadget/types.h>

#define GADGET_STACK_DEPTH 127
/* 1 KiB each; a gadget that meets very many defines more. */
#ifndef GADGET_STACK_ENTRIES
#define GADGET_STACK_ENTRIES 10000
#endif

/* What bpf_get_stackid() fails with when it finds a stack but no room for it. Its other failures
 * mean that there is no such stack. */
#define GADGET_STACK_CLASH   (-17) /* EEXIST: another stack has its place */
#define GADGET_STACK_NO_ROOM (-12) /* ENOMEM */

#define __GADGET_STACK_MAP(map, entries)                                                           \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_STACK_TRACE);                                            \
		__uint(key_size, sizeof(__u32));                                                   \
		__uint(value_size, GADGET_STACK_DEPTH * sizeof(__u64));                            \
		__uint(max_entries, entries);                                                      \
	} map SEC(".maps")

/* A stack's place follows from its hash, so some clash long before all are taken; and if one that
 * comes often meets another in its place, a large part of a profile has no names. So those that
 * clash get a map of their own, where they are few. */
#define GADGET_STACK_MAP(map)                                                                      \
	__GADGET_STACK_MAP(map, GADGET_STACK_ENTRIES);                                             \
	__GADGET_STACK_MAP(map##_clashed, GADGET_STACK_ENTRIES / 2);                               \
	GADGET_LOST_UPDATES(map)

/* In the number of a stack that is in the map of those that clashed. */
#define GADGET_STACK_CLASHED (1 << 30)

static __always_inline __s32 __gadget_get_stack(void *ctx, void *map, void *clashed, void *lost,
						__u64 flags)
{
	long id = bpf_get_stackid(ctx, map, flags);

	if (id != GADGET_STACK_CLASH && id != GADGET_STACK_NO_ROOM)
		return (__s32)id;
	id = bpf_get_stackid(ctx, clashed, flags);
	if (id >= 0)
		return (__s32)id | GADGET_STACK_CLASHED;
	gadget_count_loss(lost);
	return (__s32)id;
}

GADGET_STACK_MAP(ig_kstack);

/* The number of the current stack; negative if there is none. `ctx` is the program's own context.
 */
static __always_inline gadget_kernel_stack gadget_get_kernel_stack(void *ctx)
{
	return __gadget_get_stack(ctx, &ig_kstack, &ig_kstack_clashed, &ig_kstack_lost_updates, 0);
}

#endif
