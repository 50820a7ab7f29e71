// SPDX-License-Identifier: GPL-2.0
// tcpdump: the IP packets that sockets of this machine send and receive, each with its process.
//
// Where it looks, and why there, is as in trace_dns: best at the root of cgroup2, which sees a
// packet together with its socket, else at packet sockets, one for each network namespace. Both see
// a packet from its IP header on, so what is kept has no header of a link.
#include <gadget/common.h>
#include "owners.h"

#include <gadget/buffer.h>
#include <gadget/filter.h>
#include <gadget/macros.h>
#include <gadget/packet.h>

/* As files of packets number them. */
enum link_type_t {
	ETHERNET = 1,
	RAW = 101, /* begins with the IP header */
};

struct event {
	gadget_timestamp timestamp_raw;
	gadget_netns_id netns_id;
	struct gadget_process proc; /* who has the socket on this side */
	struct gadget_l4endpoint_t src;
	struct gadget_l4endpoint_t dst;
	enum pkt_type_t pkt_type_raw;
	enum link_type_t link_type_raw;
	__u32 packet_size; /* of the packet */
	__u32 payload_len; /* bytes of it that follow the event */
};

/* What follows the event is of one of three sizes, since the ring takes constants only; the rest of
 * it is nobody's and is not read. */
#define FEW_BYTES  128
#define SOME_BYTES 2048
#define MOST_BYTES 65536

struct short_record {
	struct event event;
	__u8 payload[FEW_BYTES];
};

struct medium_record {
	struct event event;
	__u8 payload[SOME_BYTES];
};

struct long_record {
	struct event event;
	__u8 payload[MOST_BYTES];
};

GADGET_TRACER_MAP(events, 16 << 20);
GADGET_TRACER(packets, events, event);

const volatile __u32 snaplen = 1500;
GADGET_PARAM(snaplen);
const volatile __u16 targ_port = 0;
GADGET_PARAM(targ_port);

/* One look at one packet. */
struct look {
	struct gadget_packet packet;
	const struct gadget_socket_owner *owner; /* or NULL */
	gadget_netns_id netns_id;
	enum pkt_type_t type;
	__u32 at; /* where its IP header lies */
};

static __always_inline void fill(struct event *event, const struct look *look, __u32 size)
{
	__builtin_memset(event, 0, sizeof(*event));
	event->timestamp_raw = bpf_ktime_get_boot_ns();
	event->netns_id = look->netns_id;
	if (look->owner)
		event->proc = look->owner->proc;
	event->src = look->packet.src;
	event->dst = look->packet.dst;
	event->pkt_type_raw = look->type;
	event->link_type_raw = RAW;
	event->packet_size = size;
}

/* `len` is at least 1 and at most `most`. */
#define EMIT(skb, look, size, len, most, type)                                                     \
	({                                                                                         \
		struct type *__record = gadget_reserve_buf(&events, sizeof(*__record));            \
                                                                                                   \
		if (__record) {                                                                    \
			fill(&__record->event, look, size);                                        \
			__record->event.payload_len = len;                                         \
			if (bpf_skb_load_bytes(skb, (look)->at, __record->payload,                 \
					       gadget_bounded_size(len, most)))                    \
				gadget_discard_buf(__record);                                      \
			else                                                                       \
				gadget_submit_buf(skb, &events, __record, sizeof(*__record));      \
		}                                                                                  \
	})

static __always_inline void keep(struct __sk_buff *skb, const struct look *look)
{
	__u32 size = skb->len - look->at;
	__u32 len = size < snaplen ? size : snaplen;

	if (skb->len <= look->at || !len)
		return;
	if (len <= FEW_BYTES)
		EMIT(skb, look, size, len, FEW_BYTES, short_record);
	else if (len <= SOME_BYTES)
		EMIT(skb, look, size, len, SOME_BYTES, medium_record);
	else if (len <= MOST_BYTES)
		EMIT(skb, look, size, len, MOST_BYTES, long_record);
}

static __always_inline bool is_wanted_port(const struct gadget_packet *packet)
{
	return !targ_port || packet->src.port == targ_port || packet->dst.port == targ_port;
}

/* --- at the root of cgroup2 --- */

static __always_inline int at_cgroup(struct __sk_buff *skb, bool outgoing)
{
	struct look look = {};
	struct sock *sk;

	/* what is neither UDP nor TCP has no port */
	if (!gadget_packet_read(skb, &look.packet, 0) && targ_port)
		return 1;
	sk = gadget_packet_socket(skb);
	if (!sk || !is_wanted_port(&look.packet))
		return 1;
	if (outgoing && gadget_is_udp(sk))
		gadget_socket_sends(sk);
	look.netns_id = gadget_netns_id_of_socket(sk);
	look.type = outgoing ? OUTGOING : skb->pkt_type;
	look.owner = gadget_socket_owner_of(sk);
	if (!gadget_should_discard_owner(look.owner))
		keep(skb, &look);
	return 1; /* lets it through */
}

SEC("cgroup_skb/egress")
int packet_leaves(struct __sk_buff *skb)
{
	return at_cgroup(skb, true);
}

SEC("cgroup_skb/ingress")
int packet_arrives(struct __sk_buff *skb)
{
	return at_cgroup(skb, false);
}

/* --- at a packet socket --- */

SEC("socket1")
int packet_passes(struct __sk_buff *skb)
{
	const struct gadget_l4endpoint_t *local;
	struct look look = {};

	look.at = gadget_packet_network(skb);
	look.netns_id = gadget_packet_netns_id(skb);
	look.type = skb->pkt_type;
	if (gadget_packet_read(skb, &look.packet, look.at)) {
		local = look.type == OUTGOING ? &look.packet.src : &look.packet.dst;
		look.owner = gadget_port_owner_of(look.netns_id, local->proto_raw, local->port);
	} else if (targ_port || (skb->protocol != bpf_htons(__GADGET_ETH_P_IP) &&
				 skb->protocol != bpf_htons(__GADGET_ETH_P_IPV6))) {
		return 0;
	}
	if (is_wanted_port(&look.packet) && !gadget_should_discard_owner(look.owner))
		keep(skb, &look);
	return 0; /* nothing is kept for the packet socket itself */
}

char LICENSE[] SEC("license") = "GPL";
