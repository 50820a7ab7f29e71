/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keeps gadget_tcp_owners true for every TCP connection, for gadgets that watch what happens to
 * connections. A connection belongs to who opened it; one that came in to who listened for it, and
 * from accept() on to who accepted it. All programs here belong to every rung; gadget.yaml has to
 *say
 *
 *	programs:
 *	  seed_listeners: {run: at-start}
 *	  seed_owners: {run: at-start}
 *
 * in this order, since which way an open connection went follows from who listens.
 */
#ifndef GADGET_TCP_OWNERS_H
#define GADGET_TCP_OWNERS_H

#include <bpf/bpf_tracing.h>
#include <gadget/tcp_owner.h>

/* Who waits where. Several sockets may share an address (SO_REUSEPORT): the last one to come speaks
 * for all. When it goes, accept() alone tells whose a connection is. */
struct gadget_tcp_listener_key {
	struct gadget_l4endpoint_t local;
	gadget_netns_id netns_id;
};

struct gadget_tcp_listener {
	struct gadget_tcp_owner owner;
	__u64 socket;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16384);
	__type(key, struct gadget_tcp_listener_key);
	__type(value, struct gadget_tcp_listener);
} gadget_tcp_listeners SEC(".maps");
GADGET_LOST_UPDATES(gadget_tcp_listeners);

static __always_inline void gadget_tcp_listener_key_of(struct gadget_tcp_listener_key *key,
						       const struct sock *sk)
{
	__builtin_memset(key, 0, sizeof(*key));
	gadget_socket_local(&key->local, sk);
	key->netns_id = gadget_netns_id_of_socket(sk);
}

static __always_inline void gadget_tcp_listener_opened(const struct sock *sk,
						       struct task_struct *task)
{
	struct gadget_tcp_listener listener;
	struct gadget_tcp_listener_key key;

	gadget_tcp_owner_fill(&listener.owner, task, GADGET_NO_FD);
	if (gadget_should_discard_process(&listener.owner.proc))
		return;
	listener.owner.accepted = 1;
	listener.socket = (__u64)sk;
	gadget_tcp_listener_key_of(&key, sk);
	gadget_update_map(&gadget_tcp_listeners, &key, &listener, BPF_ANY);
}

static __always_inline void gadget_tcp_listener_closed(const struct sock *sk)
{
	struct gadget_tcp_listener *listener;
	struct gadget_tcp_listener_key key;

	gadget_tcp_listener_key_of(&key, sk);
	listener = bpf_map_lookup_elem(&gadget_tcp_listeners, &key);
	if (listener && listener->socket == (__u64)sk)
		bpf_map_delete_elem(&gadget_tcp_listeners, &key);
}

/* Who listens where segments arrive: at the address itself, at any of its family, at any at all.
 * Changes the key. */
static __always_inline struct gadget_tcp_owner *
gadget_tcp_listener_at(struct gadget_tcp_listener_key *key)
{
	struct gadget_tcp_listener *listener = bpf_map_lookup_elem(&gadget_tcp_listeners, key);

	if (!listener) {
		__builtin_memset(&key->local.addr_raw, 0, sizeof(key->local.addr_raw));
		listener = bpf_map_lookup_elem(&gadget_tcp_listeners, key);
	}
	if (!listener && key->local.version == 4) {
		key->local.version = 6;
		listener = bpf_map_lookup_elem(&gadget_tcp_listeners, key);
	}
	return listener ? &listener->owner : NULL;
}

static __always_inline struct gadget_tcp_owner *gadget_tcp_listener_of(const struct sock *sk)
{
	struct gadget_tcp_listener_key key;

	gadget_tcp_listener_key_of(&key, sk);
	return gadget_tcp_listener_at(&key);
}

static __always_inline void gadget_tcp_came_in(const struct sock *sk)
{
	struct gadget_tcp_owner *listener = gadget_tcp_listener_of(sk);
	struct gadget_tcp_owner owner;

	if (!listener)
		return;
	owner = *listener;
	owner.since = bpf_ktime_get_boot_ns();
	gadget_tcp_owner_set(sk, &owner, BPF_NOEXIST);
}

static __always_inline void gadget_tcp_opens(const struct sock *sk)
{
	struct gadget_tcp_owner owner;

	if (gadget_should_discard_data_current())
		return;
	gadget_tcp_owner_fill(&owner, gadget_current(), GADGET_NO_FD);
	gadget_tcp_owner_set(sk, &owner, BPF_ANY);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(owner_state, const struct sock *sk, int old_state, int new_state)
{
	if (gadget_socket_protocol(sk) != IPPROTO_TCP)
		return 0;
	if (new_state == TCP_SYN_SENT)
		gadget_tcp_opens(sk);
	else if (new_state == TCP_LISTEN)
		gadget_tcp_listener_opened(sk, gadget_current());
	else if (old_state == TCP_LISTEN && new_state == TCP_CLOSE)
		gadget_tcp_listener_closed(sk);
	else if (old_state == TCP_SYN_RECV && new_state == TCP_ESTABLISHED)
		gadget_tcp_came_in(sk);
	return 0;
}

SEC("tp_btf/tcp_destroy_sock")
int BPF_PROG(owner_destroyed, const struct sock *sk)
{
	gadget_tcp_owner_forget(sk);
	return 0;
}

static __always_inline int gadget_tcp_accepted(long fd)
{
	struct gadget_tcp_owner owner;
	struct sock *sk;

	if (fd < 0 || gadget_should_discard_data_current())
		return 0;
	sk = gadget_tcp_socket_of_fd(fd);
	if (!sk || gadget_socket_state(sk) == TCP_CLOSE)
		return 0;
	gadget_tcp_owner_fill(&owner, gadget_current(), fd);
	owner.accepted = 1;
	gadget_tcp_owner_set(sk, &owner, BPF_ANY);
	return 0;
}

SEC("tracepoint/syscalls/sys_exit_accept")
int owner_accept(struct trace_event_raw_sys_exit *ctx)
{
	return gadget_tcp_accepted(ctx->ret);
}

SEC("tracepoint/syscalls/sys_exit_accept4")
int owner_accept4(struct trace_event_raw_sys_exit *ctx)
{
	return gadget_tcp_accepted(ctx->ret);
}

/* --- what was open before --- */

SEC("iter/task_file")
int seed_listeners(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct sock *sk = ctx->file ? gadget_socket_of_file(ctx->file) : NULL;

	if (sk && task && gadget_is_tcp(sk) && gadget_socket_state(sk) == TCP_LISTEN)
		gadget_tcp_listener_opened(sk, task);
	return 0;
}

SEC("iter/task_file")
int seed_owners(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct sock *sk = ctx->file ? gadget_socket_of_file(ctx->file) : NULL;
	struct gadget_tcp_owner owner;

	if (!sk || !task || !gadget_is_tcp(sk) || !gadget_socket_remote_port(sk))
		return 0;
	gadget_tcp_owner_fill(&owner, task, ctx->fd);
	owner.accepted = gadget_tcp_listener_of(sk) != NULL;
	if (gadget_should_discard_process(&owner.proc))
		return 0;
	gadget_tcp_owner_set(sk, &owner, BPF_NOEXIST);
	return 0;
}

#endif
