// SPDX-License-Identifier: GPL-2.0
// trace_tcpconnect: one event for each TCP connection that was asked for from here, with its
// result.
#define GADGET_TCP_CONNECT_BY_FUNCTION
#include <gadget/common.h>
#include <gadget/macros.h>
#include <gadget/tcp_connect.h>

struct event {
	gadget_timestamp timestamp_raw;
	struct gadget_process proc; /* who asked for it */
	gadget_netns_id netns_id;
	struct gadget_l4endpoint_t src;
	struct gadget_l4endpoint_t dst;
	gadget_errno error_raw;
	__s32 fd;
	gadget_duration latency_raw; /* until the result */
};

GADGET_TRACER_MAP(events, 8 << 20);
GADGET_TRACER(tcpconnect, events, event);

const volatile bool failure_only = false;
GADGET_PARAM(failure_only);

static __always_inline void gadget_tcp_connected(struct gadget_tcp_owner *owner,
						 const struct sock *sk, int error,
						 const struct gadget_tcp_call *call)
{
	struct event *event;

	if (failure_only && !error)
		return;
	event = gadget_reserve_buf(&events, sizeof(*event));
	if (!event)
		return;
	__builtin_memset(event, 0, sizeof(*event));
	event->timestamp_raw = bpf_ktime_get_boot_ns();
	event->proc = owner->proc;
	event->netns_id = gadget_netns_id_of_socket(sk);
	gadget_socket_local(&event->src, sk);
	gadget_socket_remote(&event->dst, sk);
	if (call)
		gadget_tcp_call_peer(&event->dst, call);
	else
		event->latency_raw = event->timestamp_raw - owner->since;
	event->error_raw = error;
	event->fd = owner->fd;
	gadget_submit_buf(ctx, &events, event, sizeof(*event));
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(tcp_state, const struct sock *sk, int old_state, int new_state)
{
	if (gadget_socket_protocol(sk) != IPPROTO_TCP)
		return 0;
	if (gadget_tcp_connect_state(sk, old_state, new_state) ? new_state == TCP_ESTABLISHED
							       : new_state == TCP_CLOSE)
		gadget_tcp_owner_forget(sk);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
