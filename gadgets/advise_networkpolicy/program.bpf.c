// SPDX-License-Identifier: GPL-2.0
// advise_networkpolicy: which workload talked to whom. One row for each (workload, direction, peer,
// port, protocol, outcome), counted in the kernel; user space makes policies of the rows.
//
// flows.h has the rows, tcp.h and packets.h see what happens, and this file looks at what was there
// before. Sockets are told apart by their address, since cookies can't be read everywhere on 5.10;
// each is forgotten when it is closed.
#include "flows.h"
#include "listeners.h"
#include "tcp.h"
#include "packets.h"

GADGET_MAPITER(network_connections, flows);

/*
 * Two passes over all open sockets: first all who wait, then all who talk, since which way a
 * connection was opened follows from whether its port is listened on.
 */
SEC("iter/task_file")
int seed_bound(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct sock *sk = ctx->file ? gadget_socket_of_file(ctx->file) : NULL;
	struct flow_owner owner = {};
	__u64 socket = (__u64)sk;

	if (!sk || !task)
		return 0;
	if (gadget_is_tcp(sk) && gadget_socket_state(sk) == TCP_LISTEN) {
		listener_opened(sk, task);
	} else if (gadget_is_udp(sk) && gadget_socket_local_port(sk)) {
		flow_owner_of(&owner, task);
		gadget_update_map(&owners, &socket, &owner, BPF_NOEXIST);
		if (!udp_is_connected(sk))
			listener_opened(sk, task);
	}
	return 0;
}

static __always_inline void seed_tcp(const struct sock *sk, struct task_struct *task)
{
	unsigned char state = gadget_socket_state(sk);
	struct connection connection = {};
	struct flow_owner owner = {};
	__u64 socket = (__u64)sk;

	if (state == TCP_CLOSE || state == TCP_LISTEN || !gadget_socket_remote_port(sk))
		return;
	flow_owner_of(&owner, task);
	if (!is_recorded(&owner.identity))
		return;
	connection_of(&connection, &owner, sk, !listener_of(sk));
	connection.sent_before = gadget_tcp_bytes_sent(sk);
	connection.received_before = gadget_tcp_bytes_received(sk);
	if (!gadget_update_map(&connections, &socket, &connection, BPF_NOEXIST) &&
	    state != TCP_SYN_SENT)
		count_opening(&connection.key, connection.process, true);
}

static __always_inline void seed_udp(const struct sock *sk, struct task_struct *task)
{
	struct conversation conversation = {};
	struct conversation_key key = {};
	struct flow_owner owner = {};
	bool egress;

	flow_owner_of(&owner, task);
	if (!is_recorded(&owner.identity))
		return;
	key.owner = owner.identity;
	__builtin_memcpy(conversation.process, owner.process, sizeof(conversation.process));
	egress = !listener_of(sk);
	gadget_socket_remote(&key.remote, sk);
	key.netns_id = gadget_netns_id_of_socket(sk);
	key.local_port = gadget_socket_local_port(sk);
	key_of(&conversation.key, &key.owner, key.netns_id, &key.remote,
	       egress ? key.remote.port : key.local_port, egress);
	conversation.answered = 1;
	if (!bpf_map_update_elem(&conversations, &key, &conversation, BPF_NOEXIST))
		count_opening(&conversation.key, conversation.process, true);
}

SEC("iter/task_file")
int seed_connected(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct sock *sk = ctx->file ? gadget_socket_of_file(ctx->file) : NULL;

	if (!sk || !task)
		return 0;
	if (gadget_is_tcp(sk))
		seed_tcp(sk, task);
	else if (gadget_is_udp(sk) && udp_is_connected(sk))
		seed_udp(sk, task);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
