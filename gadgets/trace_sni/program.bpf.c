// SPDX-License-Identifier: GPL-2.0
// trace_sni: one event for each TLS ClientHello that names its server, sent by a process of this
// machine or received by one.
//
// Where it looks, and why there, is as in trace_dns: best at the root of cgroup2, else at packet
// sockets, one for each network namespace.
#include "client_hello.h"

#include <bpf/bpf_tracing.h>
#include <gadget/buffer.h>
#include <gadget/filter.h>
#include <gadget/macros.h>
#include <gadget/socket_owner.h>

#define NAME_SIZE 128

struct event {
	gadget_timestamp timestamp_raw;
	gadget_netns_id netns_id;
	struct gadget_process proc; /* who has the socket on this side */
	char name[NAME_SIZE];
	struct gadget_l4endpoint_t src;
	struct gadget_l4endpoint_t dst;
	enum pkt_type_t pkt_type_raw;
};

GADGET_TRACER_MAP(events, 1 << 20);
GADGET_TRACER(sni, events, event);

static __always_inline bool read_name(struct __sk_buff *skb, struct event *event, __u32 at,
				      __u32 len)
{
	if (len > NAME_SIZE - 1)
		len = NAME_SIZE - 1;
	__builtin_memset(event->name, 0, NAME_SIZE);
	return len &&
	       !bpf_skb_load_bytes(skb, at, event->name, gadget_bounded_size(len, NAME_SIZE));
}

static __always_inline void emit(struct __sk_buff *skb, const struct gadget_packet *packet,
				 const struct gadget_socket_owner *owner, gadget_netns_id netns_id,
				 enum pkt_type_t type, __u32 at, __u32 len)
{
	struct event *event = gadget_reserve_buf(&events, sizeof(*event));

	if (!event)
		return;
	__builtin_memset(event, 0, sizeof(*event));
	event->timestamp_raw = bpf_ktime_get_boot_ns();
	event->netns_id = netns_id;
	if (owner)
		event->proc = owner->proc;
	event->src = packet->src;
	event->dst = packet->dst;
	event->pkt_type_raw = type;
	if (read_name(skb, event, at, len))
		gadget_submit_buf(skb, &events, event, sizeof(*event));
	else
		gadget_discard_buf(event);
}

static __always_inline bool is_stream(const struct gadget_packet *packet)
{
	return packet->src.proto_raw == IPPROTO_TCP && packet->payload_len;
}

/* --- at the root of cgroup2 --- */

static __always_inline int at_cgroup(struct __sk_buff *skb, bool outgoing)
{
	enum pkt_type_t type = outgoing ? OUTGOING : skb->pkt_type;
	struct gadget_socket_owner *owner;
	struct gadget_packet packet;
	gadget_netns_id netns_id;
	struct sock *sk;
	__u16 len = 0;
	__u32 at = 0;

	if (!gadget_packet_read(skb, &packet, 0) || !is_stream(&packet))
		return 1;
	sk = gadget_packet_socket(skb);
	if (!sk || !gadget_is_tcp(sk))
		return 1;
	netns_id = gadget_netns_id_of_socket(sk);
	if (!hello_passed(skb, &packet, netns_id, outgoing, &at, &len))
		return 1;
	owner = gadget_socket_owner_of(sk);
	if (!gadget_should_discard_owner(owner))
		emit(skb, &packet, owner, netns_id, type, at, len);
	return 1; /* lets it through */
}

SEC("cgroup_skb/egress")
int sni_egress(struct __sk_buff *skb)
{
	return at_cgroup(skb, true);
}

SEC("cgroup_skb/ingress")
int sni_ingress(struct __sk_buff *skb)
{
	return at_cgroup(skb, false);
}

/* --- at a packet socket --- */

SEC("socket1")
int sni_packet(struct __sk_buff *skb)
{
	enum pkt_type_t type = skb->pkt_type;
	const struct gadget_l4endpoint_t *local;
	struct gadget_socket_owner *owner;
	struct gadget_packet packet;
	gadget_netns_id netns_id;
	__u16 len = 0;
	__u32 at = 0;

	if (!gadget_packet_read(skb, &packet, gadget_packet_network(skb)) || !is_stream(&packet))
		return 0;
	netns_id = gadget_packet_netns_id(skb);
	if (!hello_passed(skb, &packet, netns_id, type == OUTGOING, &at, &len))
		return 0;
	local = type == OUTGOING ? &packet.src : &packet.dst;
	owner = gadget_port_owner_of(netns_id, IPPROTO_TCP, local->port);
	if (!gadget_should_discard_owner(owner))
		emit(skb, &packet, owner, netns_id, type, at, len);
	return 0; /* nothing is kept for the packet socket itself */
}

/* --- for both --- */

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(tcp_state, const struct sock *sk, int old_state, int new_state)
{
	if (gadget_is_tcp(sk))
		gadget_tcp_state_changed(sk, new_state);
	return 0;
}

SEC("iter/task_file")
int seed_owners(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct sock *sk = ctx->file ? gadget_socket_of_file(ctx->file) : NULL;

	if (sk && task && gadget_is_tcp(sk) && gadget_socket_state(sk) != TCP_CLOSE)
		gadget_socket_own(sk, task, BPF_NOEXIST);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
