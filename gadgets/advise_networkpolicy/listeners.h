/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who listens where. A connection comes in while anybody may be running, so whose it is follows
 * from who had asked for it; and a connection from before the start came in if its port is listened
 * on.
 */
#ifndef LISTENERS_H
#define LISTENERS_H

#include "flows.h"

/* Who waits where. Several sockets may share an address (SO_REUSEPORT), and then belong together.
 */
struct listener_key {
	struct gadget_l4endpoint_t local;
	gadget_netns_id netns_id;
};

struct listener {
	struct flow_owner owner;
	__u64 sockets;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16384);
	__type(key, struct listener_key);
	__type(value, struct listener);
} listeners SEC(".maps");
GADGET_LOST_UPDATES(listeners);

static __always_inline void listener_key_of(struct listener_key *key, const struct sock *sk)
{
	__builtin_memset(key, 0, sizeof(*key));
	gadget_socket_local(&key->local, sk);
	key->netns_id = gadget_netns_id_of_socket(sk);
}

static __always_inline void listener_opened(const struct sock *sk, struct task_struct *task)
{
	struct listener fresh = {};
	struct listener *listener;
	struct listener_key key;

	listener_key_of(&key, sk);
	flow_owner_of(&fresh.owner, task);
	gadget_update_map(&listeners, &key, &fresh, BPF_NOEXIST);
	listener = bpf_map_lookup_elem(&listeners, &key);
	if (listener) {
		listener->owner = fresh.owner;
		__sync_fetch_and_add(&listener->sockets, 1);
	}
}

static __always_inline void listener_closed(const struct sock *sk)
{
	struct listener *listener;
	struct listener_key key;

	listener_key_of(&key, sk);
	listener = bpf_map_lookup_elem(&listeners, &key);
	if (!listener)
		return;
	/* an atomic that returns the result would need 5.12 */
	if (listener->sockets > 1)
		__sync_fetch_and_add(&listener->sockets, -1);
	else
		bpf_map_delete_elem(&listeners, &key);
}

/* Who listens where this socket's packets arrive: at the address itself, at any of its family, at
 * any at all. */
static __always_inline struct listener *listener_of(const struct sock *sk)
{
	struct listener *listener;
	struct listener_key key;

	listener_key_of(&key, sk);
	listener = bpf_map_lookup_elem(&listeners, &key);
	if (listener)
		return listener;
	__builtin_memset(&key.local.addr_raw, 0, sizeof(key.local.addr_raw));
	listener = bpf_map_lookup_elem(&listeners, &key);
	if (listener || key.local.version == 6)
		return listener;
	key.local.version = 6;
	return bpf_map_lookup_elem(&listeners, &key);
}

#endif
