// SPDX-License-Identifier: GPL-2.0
// trace_tcpconnlat: how long connections took to come about, from the SYN to the answer to it.
#include <gadget/common.h>
#include <bpf/bpf_tracing.h>
#include <gadget/macros.h>
#include <gadget/tcp.h>
#include <gadget/tcp_owner.h>

struct event {
	gadget_timestamp timestamp_raw;
	struct gadget_process proc; /* who asked for the connection */
	gadget_netns_id netns_id;
	struct gadget_l4endpoint_t src;
	struct gadget_l4endpoint_t dst;
	gadget_duration latency_raw;
};

GADGET_TRACER_MAP(events, 8 << 20);
GADGET_TRACER(tcpconnlat, events, event);

const volatile __u64 targ_min_us = 0;
GADGET_PARAM(targ_min_us);

static __always_inline int connect_begun(const struct sock *sk)
{
	struct gadget_tcp_owner owner;

	if (gadget_should_discard_data_current())
		return 0;
	gadget_tcp_owner_fill(&owner, gadget_current(), GADGET_NO_FD);
	gadget_tcp_owner_set(sk, &owner, BPF_ANY);
	return 0;
}

static __always_inline void connect_succeeded(const struct sock *sk)
{
	struct gadget_tcp_owner *owner = gadget_tcp_owner_of(sk);
	__u64 now = bpf_ktime_get_boot_ns();
	struct event *event;

	if (!owner || now - owner->since < targ_min_us * 1000)
		return;
	event = gadget_reserve_buf(&events, sizeof(*event));
	if (!event)
		return;
	__builtin_memset(event, 0, sizeof(*event));
	event->timestamp_raw = now;
	event->proc = owner->proc;
	event->netns_id = gadget_netns_id_of_socket(sk);
	gadget_socket_local(&event->src, sk);
	gadget_socket_remote(&event->dst, sk);
	event->latency_raw = now - owner->since;
	gadget_submit_buf(ctx, &events, event, sizeof(*event));
}

/* --- by the socket's state --- */

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(tcp_state, const struct sock *sk, int old_state, int new_state)
{
	if (gadget_socket_protocol(sk) != IPPROTO_TCP)
		return 0;
	if (new_state == TCP_SYN_SENT)
		return connect_begun(sk);
	if (new_state == TCP_ESTABLISHED)
		connect_succeeded(sk);
	if (new_state == TCP_ESTABLISHED || new_state == TCP_CLOSE)
		gadget_tcp_owner_forget(sk);
	return 0;
}

/* --- by the kernel's functions --- */

/* The answer arrives while the socket is still waiting for it. */
static __always_inline int packet_received(const struct sock *sk, const struct sk_buff *skb)
{
	void *header = BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, transport_header);
	__u8 flags = 0;

	if (gadget_socket_state(sk) != TCP_SYN_SENT)
		return 0;
	bpf_probe_read_kernel(&flags, sizeof(flags), header + GADGET_TCP_HEADER_FLAGS);
	if ((flags & (SYN | ACK | RST)) == (SYN | ACK))
		connect_succeeded(sk);
	gadget_tcp_owner_forget(sk);
	return 0;
}

SEC("tp_btf/tcp_destroy_sock")
int BPF_PROG(tcp_destroyed, const struct sock *sk)
{
	gadget_tcp_owner_forget(sk);
	return 0;
}

SEC("fentry/tcp_v4_connect")
int BPF_PROG(fentry_connect4, struct sock *sk)
{
	return connect_begun(sk);
}

SEC("fentry/tcp_v6_connect")
int BPF_PROG(fentry_connect6, struct sock *sk)
{
	return connect_begun(sk);
}

SEC("fentry/tcp_rcv_state_process")
int BPF_PROG(fentry_received, struct sock *sk, struct sk_buff *skb)
{
	return packet_received(sk, skb);
}

SEC("kprobe/tcp_v4_connect")
int BPF_KPROBE(kprobe_connect4, struct sock *sk)
{
	return connect_begun(sk);
}

SEC("kprobe/tcp_v6_connect")
int BPF_KPROBE(kprobe_connect6, struct sock *sk)
{
	return connect_begun(sk);
}

SEC("kprobe/tcp_rcv_state_process")
int BPF_KPROBE(kprobe_received, struct sock *sk, struct sk_buff *skb)
{
	return packet_received(sk, skb);
}

char LICENSE[] SEC("license") = "GPL";
