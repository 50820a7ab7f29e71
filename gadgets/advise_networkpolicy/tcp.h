/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TCP, by the state changes of its sockets. Connecting happens in the process that wants it; what
 * follows may happen in anybody's context, so `connections` remembers whose each is.
 */
#ifndef TCP_H
#define TCP_H

#include <bpf/bpf_tracing.h>
#include "listeners.h"

#define ECONNABORTED 103

/* TCP sockets that are connecting or connected: the row they count in, and what was sent before we
 * looked. */
struct connection {
	struct flow_key key;
	gadget_comm process[TASK_COMM_LEN];
	__u64 sent_before;
	__u64 received_before;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 131072);
	__type(key, __u64); /* the socket */
	__type(value, struct connection);
} connections SEC(".maps");
GADGET_LOST_UPDATES(connections);

static __always_inline void connection_of(struct connection *connection,
					  const struct flow_owner *owner, const struct sock *sk,
					  bool egress)
{
	struct gadget_l4endpoint_t remote;

	gadget_socket_remote(&remote, sk);
	key_of(&connection->key, &owner->identity, gadget_netns_id_of_socket(sk), &remote,
	       egress ? remote.port : gadget_socket_local_port(sk), egress);
	__builtin_memcpy(connection->process, owner->process, sizeof(connection->process));
}

static __always_inline void tcp_connecting(const struct sock *sk)
{
	struct connection connection = {};
	struct flow_owner owner = {};
	__u64 socket = (__u64)sk;

	flow_owner_of(&owner, gadget_current());
	if (!is_recorded(&owner.identity))
		return;
	connection_of(&connection, &owner, sk, true);
	gadget_update_map(&connections, &socket, &connection, BPF_ANY);
}

static __always_inline void tcp_accepted(const struct sock *sk)
{
	struct listener *listener = listener_of(sk);
	struct connection connection = {};
	struct flow_owner owner = {};
	__u64 socket = (__u64)sk;

	if (listener)
		owner = listener->owner;
	if (!is_recorded(&owner.identity))
		return;
	connection_of(&connection, &owner, sk, false);
	gadget_update_map(&connections, &socket, &connection, BPF_ANY);
	count_opening(&connection.key, connection.process, false);
}

static __always_inline void tcp_established(const struct sock *sk, int old_state)
{
	__u64 socket = (__u64)sk;
	struct connection *connection = bpf_map_lookup_elem(&connections, &socket);

	if (connection)
		count_opening(&connection->key, connection->process, false);
	else if (old_state == TCP_SYN_RECV)
		tcp_accepted(sk);
}

static __always_inline void tcp_closed(const struct sock *sk, int old_state)
{
	__u64 socket = (__u64)sk;
	struct connection *connection = bpf_map_lookup_elem(&connections, &socket);

	if (!connection)
		return;
	if (old_state == TCP_SYN_SENT) {
		int err = BPF_CORE_READ(sk, sk_err);

		/* without an error of its own, the process gave up */
		connection->key.error_raw = err ? err : ECONNABORTED;
		count_opening(&connection->key, connection->process, false);
	} else {
		count_bytes(&connection->key, connection->process,
			    gadget_tcp_bytes_sent(sk) - connection->sent_before,
			    gadget_tcp_bytes_received(sk) - connection->received_before);
	}
	bpf_map_delete_elem(&connections, &socket);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(tcp_state, const struct sock *sk, int old_state, int new_state)
{
	__u16 protocol = gadget_socket_protocol(sk);

	/* packets tell the rest of SCTP: its associations have no state of their socket's */
	if (protocol == IPPROTO_SCTP && new_state == TCP_LISTEN)
		listener_opened(sk, gadget_current());
	if (protocol != IPPROTO_TCP)
		return 0;
	switch (new_state) {
	case TCP_SYN_SENT:
		tcp_connecting(sk);
		break;
	case TCP_LISTEN:
		listener_opened(sk, gadget_current());
		break;
	case TCP_ESTABLISHED:
		tcp_established(sk, old_state);
		break;
	case TCP_CLOSE:
		if (old_state == TCP_LISTEN)
			listener_closed(sk);
		else
			tcp_closed(sk, old_state);
		break;
	}
	return 0;
}

#endif
