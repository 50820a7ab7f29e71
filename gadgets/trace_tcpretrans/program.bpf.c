// SPDX-License-Identifier: GPL-2.0
// trace_tcpretrans: TCP segments that were sent again.
#include <gadget/common.h>
#include <bpf/bpf_endian.h>
#include <gadget/macros.h>
#include <gadget/tcp.h>
#include <gadget/tcp_owners.h>

#define ICSK_TIME_LOSS_PROBE 5 /* the timer that is pending, or that has just run out */

enum type {
	retrans = 1,
	lossprobe, /* the timer of tail loss probes sent it */
	synack,	   /* of a connection that is no socket yet */
};

struct event {
	gadget_timestamp timestamp_raw;
	struct gadget_process proc; /* whose connection it is */
	gadget_netns_id netns_id;
	struct gadget_l4endpoint_t src;
	struct gadget_l4endpoint_t dst;
	enum type type_raw;
	enum tcp_state state_raw;
	enum tcp_flags_set tcpflags_raw;
	enum tcp_ca_state reason_raw;
	__u32 sequence; /* of its first byte, as on the wire */
	__u32 bytes;	/* of payload */
	gadget_errno error_raw;
};

GADGET_TRACER_MAP(events, 8 << 20);
GADGET_TRACER(tcpretrans, events, event);

static __always_inline struct event *begin_event(const struct gadget_tcp_owner *owner,
						 const struct sock *sk, int error)
{
	struct event *event;

	if (!owner && !gadget_tcp_keeps_unowned())
		return NULL;
	event = gadget_reserve_buf(&events, sizeof(*event));
	if (!event)
		return NULL;
	__builtin_memset(event, 0, sizeof(*event));
	event->timestamp_raw = bpf_ktime_get_boot_ns();
	if (owner)
		event->proc = owner->proc;
	event->netns_id = gadget_netns_id_of_socket(sk);
	event->error_raw = error < 0 ? -error : 0;
	return event;
}

/* A loss probe is sent while all goes well; what is sent in recovery only finds its timer set. */
static __always_inline bool is_loss_probe(const struct sock *sk, enum tcp_ca_state state)
{
	return state < TCP_CA_Recovery && BPF_CORE_READ((const struct inet_connection_sock *)sk,
							icsk_pending) == ICSK_TIME_LOSS_PROBE;
}

static __always_inline void segment_sent_again(const struct sock *sk, const struct sk_buff *skb,
					       int error)
{
	struct event *event = begin_event(gadget_tcp_owner_of(sk), sk, error);
	struct tcp_skb_cb___gadget *cb = GADGET_TCP_SKB_CB(skb);

	if (!event)
		return;
	gadget_socket_local(&event->src, sk);
	gadget_socket_remote(&event->dst, sk);
	event->state_raw = gadget_socket_state(sk);
	event->reason_raw =
	    BPF_CORE_READ_BITFIELD_PROBED((const struct inet_connection_sock *)sk, icsk_ca_state);
	event->type_raw = is_loss_probe(sk, event->reason_raw) ? lossprobe : retrans;
	event->tcpflags_raw = BPF_CORE_READ(cb, tcp_flags);
	event->sequence = BPF_CORE_READ(cb, seq);
	event->bytes = BPF_CORE_READ(skb, len);
	gadget_submit_buf(ctx, &events, event, sizeof(*event));
}

/* Since 6.15 the kernel tells of attempts that failed too, and how. */
struct trace_event_raw_tcp_retransmit_skb___with_err {
	int err;
} __attribute__((preserve_access_index));

SEC("tp_btf/tcp_retransmit_skb")
int BPF_PROG(retransmit_skb, const struct sock *sk, const struct sk_buff *skb)
{
	struct trace_event_raw_tcp_retransmit_skb___with_err *record = NULL;
	int error = 0;

	if (bpf_core_field_exists(record->err))
		error = (int)ctx[2];
	segment_sent_again(sk, skb, error);
	return 0;
}

static __always_inline void synack_endpoints(struct event *event, const struct request_sock *req)
{
	const struct sock_common *common = &req->__req_common;
	struct in6_addr addr;

	event->src.proto_raw = event->dst.proto_raw = IPPROTO_TCP;
	event->src.port = BPF_CORE_READ(common, skc_num);
	event->dst.port = bpf_ntohs(BPF_CORE_READ(common, skc_dport));
	if (BPF_CORE_READ(common, skc_family) != AF_INET6) {
		gadget_endpoint_set_v4(&event->src, BPF_CORE_READ(common, skc_rcv_saddr));
		gadget_endpoint_set_v4(&event->dst, BPF_CORE_READ(common, skc_daddr));
		return;
	}
	BPF_CORE_READ_INTO(&addr, common, skc_v6_rcv_saddr);
	gadget_endpoint_set_v6(&event->src, &addr);
	BPF_CORE_READ_INTO(&addr, common, skc_v6_daddr);
	gadget_endpoint_set_v6(&event->dst, &addr);
}

SEC("tp_btf/tcp_retransmit_synack")
int BPF_PROG(retransmit_synack, const struct sock *sk, const struct request_sock *req)
{
	struct event *event = begin_event(gadget_tcp_listener_of(sk), sk, 0);

	if (!event)
		return 0;
	synack_endpoints(event, req);
	event->type_raw = synack;
	event->state_raw = NEW_SYN_RECV;
	event->tcpflags_raw = SYN | ACK;
	gadget_submit_buf(ctx, &events, event, sizeof(*event));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
