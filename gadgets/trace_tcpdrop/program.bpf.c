// SPDX-License-Identifier: GPL-2.0
// trace_tcpdrop: TCP packets that the kernel threw away, why, and where.
#include <gadget/common.h>
#include <bpf/bpf_endian.h>
#include <gadget/kernel_stack.h>
#include <gadget/macros.h>
#include <gadget/tcp.h>
#include "tuples.h"

#define ETH_P_IP   0x0800
#define ETH_P_IPV6 0x86dd

struct event {
	gadget_timestamp timestamp_raw;
	struct gadget_process proc; /* whose connection it is, as far as known */
	gadget_netns_id netns_id;
	struct gadget_l4endpoint_t src; /* of the packet */
	struct gadget_l4endpoint_t dst;
	enum tcp_state state_raw;
	enum tcp_flags_set tcpflags_raw;
	enum skb_drop_reason reason_raw;
	gadget_kernel_stack kstack_raw;
};

GADGET_TRACER_MAP(events, 8 << 20);
GADGET_TRACER(tcpdrop, events, event);

struct packet {
	struct gadget_l4endpoint_t src;
	struct gadget_l4endpoint_t dst;
	__u8 flags;
};

static __always_inline bool read_ip4(struct packet *packet, const void *header, const void **tcp)
{
	struct iphdr ip;
	__u8 first = 0;

	bpf_probe_read_kernel(&first, sizeof(first), header);
	bpf_probe_read_kernel(&ip, sizeof(ip), header);
	if (ip.protocol != IPPROTO_TCP)
		return false;
	gadget_endpoint_set_v4(&packet->src, ip.saddr);
	gadget_endpoint_set_v4(&packet->dst, ip.daddr);
	*tcp = header + (first & 0xf) * 4;
	return true;
}

static __always_inline bool read_ip6(struct packet *packet, const void *header, const void **tcp)
{
	struct ipv6hdr ip;

	bpf_probe_read_kernel(&ip, sizeof(ip), header);
	if (ip.nexthdr != IPPROTO_TCP) /* other headers between are rare */
		return false;
	gadget_endpoint_set_v6(&packet->src, &ip.saddr);
	gadget_endpoint_set_v6(&packet->dst, &ip.daddr);
	*tcp = header + sizeof(ip);
	return true;
}

static __always_inline bool read_packet(struct packet *packet, const struct sk_buff *skb)
{
	const void *header = BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, network_header);
	__u16 protocol = bpf_ntohs(BPF_CORE_READ(skb, protocol));
	const void *tcp = NULL;
	__be16 ports[2] = {};

	__builtin_memset(packet, 0, sizeof(*packet));
	if (protocol != ETH_P_IP && protocol != ETH_P_IPV6)
		return false;
	if (protocol == ETH_P_IP ? !read_ip4(packet, header, &tcp)
				 : !read_ip6(packet, header, &tcp))
		return false;
	bpf_probe_read_kernel(ports, sizeof(ports), tcp);
	bpf_probe_read_kernel(&packet->flags, sizeof(packet->flags), tcp + GADGET_TCP_HEADER_FLAGS);
	packet->src.port = bpf_ntohs(ports[0]);
	packet->dst.port = bpf_ntohs(ports[1]);
	packet->src.proto_raw = packet->dst.proto_raw = IPPROTO_TCP;
	return true;
}

/* Full sockets only: those that are being opened or wait for late packets are of other types. */
static __always_inline bool is_connection(const struct sock *sk)
{
	unsigned char state = gadget_socket_state(sk);

	return state != TCP_TIME_WAIT && state != TCP_NEW_SYN_RECV && gadget_is_tcp(sk);
}

static __always_inline gadget_netns_id netns_of_packet(const struct sk_buff *skb,
						       const struct sock *sk)
{
	if (sk)
		return gadget_netns_id_of_socket(sk);
	return BPF_CORE_READ(skb, dev, nd_net.net, ns.inum);
}

static __always_inline struct gadget_tcp_owner *listener_at(const struct gadget_l4endpoint_t *local,
							    gadget_netns_id netns_id)
{
	struct gadget_tcp_listener_key key;

	__builtin_memset(&key, 0, sizeof(key));
	key.local = *local;
	key.netns_id = netns_id;
	return gadget_tcp_listener_at(&key);
}

static __always_inline int dropped(void *ctx, const struct sk_buff *skb, const struct sock *sk,
				   enum skb_drop_reason reason)
{
	struct gadget_tcp_owner *owner;
	gadget_netns_id netns_id;
	struct packet packet;
	struct event *event;

	if (!read_packet(&packet, skb))
		return 0;
	netns_id = netns_of_packet(skb, sk);
	if (!sk || !is_connection(sk))
		sk = socket_of_packet(&packet.src, &packet.dst, netns_id);
	owner = sk ? gadget_tcp_owner_of(sk) : NULL;
	if (!owner)
		owner = listener_at(&packet.dst, netns_id);
	if (!owner && !gadget_tcp_keeps_unowned())
		return 0;
	event = gadget_reserve_buf(&events, sizeof(*event));
	if (!event)
		return 0;
	__builtin_memset(event, 0, sizeof(*event));
	event->timestamp_raw = bpf_ktime_get_boot_ns();
	if (owner)
		event->proc = owner->proc;
	event->netns_id = netns_id;
	event->src = packet.src;
	event->dst = packet.dst;
	event->state_raw = sk ? gadget_socket_state(sk) : 0;
	event->tcpflags_raw = packet.flags;
	event->reason_raw = reason;
	event->kstack_raw = gadget_get_kernel_stack(ctx);
	gadget_submit_buf(ctx, &events, event, sizeof(*event));
	return 0;
}

/* Since 6.11 the kernel also says which socket the packet had been found to be for. */
struct trace_event_raw_kfree_skb___with_rx_sk {
	void *rx_sk;
} __attribute__((preserve_access_index));

SEC("tp_btf/kfree_skb")
int BPF_PROG(kfree_skb_reason, const struct sk_buff *skb)
{
	struct trace_event_raw_kfree_skb___with_rx_sk *record = NULL;
	const struct sock *sk = NULL;

	if (bpf_core_field_exists(record->rx_sk))
		sk = (const struct sock *)ctx[3];
	return dropped(ctx, skb, sk ? sk : BPF_CORE_READ(skb, sk), ctx[2]);
}

SEC("tp_btf/kfree_skb")
int BPF_PROG(kfree_skb, const struct sk_buff *skb)
{
	return dropped(ctx, skb, BPF_CORE_READ(skb, sk), 0);
}

char LICENSE[] SEC("license") = "GPL";
