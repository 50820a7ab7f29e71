/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a gadget tells user space what it offers: by the names of variables in its BTF. Nothing reads
 * their values; the loader finds data sources, rings and parameters by these names alone, so a
 * gadget needs no C++. The names are a public contract (Inspektor Gadget's).
 * `___` separates their parts.
 */
#ifndef GADGET_MACROS_H
#define GADGET_MACROS_H

#include <bpf/bpf_helpers.h>

#define __gadget_note(name) const void *name __attribute__((unused))

/* A stream: records of `struct type` come out of the ring `map`. */
#define GADGET_TRACER(name, map, type)                                                             \
	__gadget_note(gadget_tracer_##name##___##map##___##type);                                  \
	const struct type *__gadget_tracer_type_##name __attribute__((unused))

/* A table: the rows of the hash `map`, whose key and value are structs. */
#define GADGET_MAPITER(name, map) __gadget_note(gadget_mapiter_##name##___##map)

/* A snapshot: what the given iterator programs (one to three) write as `struct type`. */
#define GADGET_ITER(name, type, ...)                                                               \
	__gadget_iter_n(name, type, __VA_ARGS__, 3, 2, 1)(name, type, __VA_ARGS__);                \
	const struct type *__gadget_iter_type_##name __attribute__((unused))
#define GADGET_SNAPSHOTTER(...)			     GADGET_ITER(__VA_ARGS__)
#define __gadget_iter_n(name, type, a, b, c, n, ...) __gadget_iter_##n
#define __gadget_iter_1(name, type, a)		     __gadget_note(gadget_iter_##name##___##type##___##a)
#define __gadget_iter_2(name, type, a, b)                                                          \
	__gadget_note(gadget_iter_##name##___##type##___##a##___##b)
#define __gadget_iter_3(name, type, a, b, c)                                                       \
	__gadget_note(gadget_iter_##name##___##type##___##a##___##b##___##c)

/* A constant of .rodata that the user may set. */
#define GADGET_PARAM(name) __gadget_note(gadget_param_##name)

/* The map that an iter/bpf_map_elem program walks, the sockmap that an sk program serves. */
#define GADGET_ITER_TARGET_MAP(prog, map) __gadget_note(gadget_mapelem_iter_target_##prog##___##map)
#define GADGET_SK_TARGET_MAP(prog, map)	  __gadget_note(gadget_sk_prog_target_##prog##___##map)

#endif
