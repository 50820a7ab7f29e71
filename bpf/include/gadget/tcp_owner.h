/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whose a TCP connection is. Most of what happens to one happens in an interrupt, while anybody may
 * be running. So who opened or accepted it is remembered by its socket; connections that the
 * recording does not ask for are not, so that to have an owner is to be recorded.
 *
 * tcp_connect.h (who connects) and tcp_owners.h (everybody, by programs of its own) fill the map.
 */
#ifndef GADGET_TCP_OWNER_H
#define GADGET_TCP_OWNER_H

#include <gadget/buffer.h>
#include <gadget/filter.h>
#include <gadget/path.h>
#include <gadget/process.h>
#include <gadget/socket.h>

#define GADGET_NO_FD -1

struct gadget_tcp_owner {
	struct gadget_process proc;
	__u64 since;	/* opened, accepted, or seen first */
	__s32 fd;	/* GADGET_NO_FD if not known */
	__u32 accepted; /* and not connected from here */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 131072);
	__type(key, __u64); /* the socket */
	__type(value, struct gadget_tcp_owner);
} gadget_tcp_owners SEC(".maps");
GADGET_LOST_UPDATES(gadget_tcp_owners);

static __always_inline void gadget_tcp_owner_fill(struct gadget_tcp_owner *owner,
						  struct task_struct *task, int fd)
{
	__builtin_memset(owner, 0, sizeof(*owner));
	gadget_process_populate_from_task(&owner->proc, task);
	owner->since = bpf_ktime_get_boot_ns();
	owner->fd = fd;
}

static __always_inline struct gadget_tcp_owner *gadget_tcp_owner_of(const struct sock *sk)
{
	__u64 socket = (__u64)sk;

	return bpf_map_lookup_elem(&gadget_tcp_owners, &socket);
}

static __always_inline void gadget_tcp_owner_set(const struct sock *sk,
						 const struct gadget_tcp_owner *owner, __u64 flags)
{
	__u64 socket = (__u64)sk;

	gadget_update_map(&gadget_tcp_owners, &socket, owner, flags);
}

static __always_inline void gadget_tcp_owner_forget(const struct sock *sk)
{
	__u64 socket = (__u64)sk;

	bpf_map_delete_elem(&gadget_tcp_owners, &socket);
}

/* Whether what has no owner is recorded too: only when everything is. */
static __always_inline bool gadget_tcp_keeps_unowned(void)
{
	return !gadget_filter_is_on() && !targ_pid && !targ_tid && targ_uid == GADGET_INVALID_ID &&
	       targ_gid == GADGET_INVALID_ID && !targ_comm[0];
}

/* The TCP socket behind a file of the current task, or NULL. */
static __always_inline struct sock *gadget_tcp_socket_of_fd(int fd)
{
	struct sock *sk = gadget_socket_of_file(gadget_file_of_fd(gadget_current(), fd));

	return sk && gadget_is_tcp(sk) ? sk : NULL;
}

#endif
