/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sockets by the addresses of their segments. A dropped packet often has no socket (any more), and
 * kernels before 6.11 do not tell whose the packet was to be; but its addresses do, at either end.
 */
#ifndef TUPLES_H
#define TUPLES_H

#include <gadget/tcp_owners.h>

struct tuple {
	struct gadget_l4endpoint_t local;
	struct gadget_l4endpoint_t remote;
	gadget_netns_id netns_id;
};

/* LRU maps: the worst that a missing entry does is that a drop has no owner. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 32768);
	__type(key, struct tuple);
	__type(value, __u64); /* the socket */
} sockets SEC(".maps");

/* Which socket a thread connects: it has no address yet when that is told, and its SYN may be
 * dropped by the thread itself. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u64); /* the socket */
} connecting SEC(".maps");

static __always_inline void tuple_of(struct tuple *tuple, const struct sock *sk)
{
	__builtin_memset(tuple, 0, sizeof(*tuple));
	gadget_socket_local(&tuple->local, sk);
	gadget_socket_remote(&tuple->remote, sk);
	tuple->netns_id = gadget_netns_id_of_socket(sk);
}

static __always_inline void tuple_known(const struct sock *sk)
{
	__u64 socket = (__u64)sk;
	struct tuple tuple;

	if (!gadget_tcp_owner_of(sk))
		return;
	tuple_of(&tuple, sk);
	bpf_map_update_elem(&sockets, &tuple, &socket, BPF_ANY);
}

static __always_inline struct sock *connecting_by_current(const struct gadget_l4endpoint_t *local)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	__u64 *socket = bpf_map_lookup_elem(&connecting, &tid);
	struct gadget_l4endpoint_t own;

	if (!socket)
		return NULL;
	gadget_socket_local(&own, (struct sock *)*socket);
	return own.port == local->port ? (struct sock *)*socket : NULL;
}

/* Whose packet this was: of who was to get it, else of who had sent it. */
static __always_inline struct sock *socket_of_packet(const struct gadget_l4endpoint_t *src,
						     const struct gadget_l4endpoint_t *dst,
						     gadget_netns_id netns_id)
{
	struct tuple tuple;
	__u64 *socket;

	__builtin_memset(&tuple, 0, sizeof(tuple));
	tuple.local = *dst;
	tuple.remote = *src;
	tuple.netns_id = netns_id;
	socket = bpf_map_lookup_elem(&sockets, &tuple);
	if (socket)
		return (struct sock *)*socket;
	tuple.local = *src;
	tuple.remote = *dst;
	socket = bpf_map_lookup_elem(&sockets, &tuple);
	return socket ? (struct sock *)*socket : connecting_by_current(src);
}

/* After owner_state, which comes first since it was declared first. */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(tuple_state, const struct sock *sk, int old_state, int new_state)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	__u64 socket = (__u64)sk;
	struct tuple tuple;

	if (gadget_socket_protocol(sk) != IPPROTO_TCP)
		return 0;
	if (new_state == TCP_SYN_SENT) {
		bpf_map_update_elem(&connecting, &tid, &socket, BPF_ANY);
	} else if (new_state == TCP_ESTABLISHED) {
		tuple_known(sk);
	} else if (new_state == TCP_CLOSE) {
		tuple_of(&tuple, sk);
		bpf_map_delete_elem(&sockets, &tuple);
		bpf_map_delete_elem(&connecting, &tid);
	}
	return 0;
}

SEC("iter/task_file")
int seed_tuples(struct bpf_iter__task_file *ctx)
{
	struct sock *sk = ctx->file ? gadget_socket_of_file(ctx->file) : NULL;

	if (sk && gadget_is_tcp(sk) && gadget_socket_remote_port(sk))
		tuple_known(sk);
	return 0;
}

#endif
