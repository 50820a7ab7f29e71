// SPDX-License-Identifier: GPL-2.0
// trace_dns: one event for each DNS message that a process of this machine sends or receives.
//
// The message itself is appended to the event, and taken apart in user space: names point
// backwards within the message, which is no work for a verified program.
//
// The best place to look is a cgroup's: it sees the packets of every network namespace from the
// first one on, each with its socket. At the tracepoints of network devices a packet that came in
// has no socket yet, and what lies outside its linear part cannot be read. The second best are
// packet sockets, one for each network namespace; who has a socket they know by its port.
#include "message.h"
#include "stream.h"

#include <bpf/bpf_tracing.h>

static __always_inline void packet_passed(struct __sk_buff *skb, struct message *message)
{
	if (!message->packet->payload_len || gadget_should_discard_owner(message->owner))
		return;
	message->paths = begin_paths(message->owner);
	if (message->packet->src.proto_raw == IPPROTO_TCP) {
		stream_passed(skb, message);
	} else {
		message->at = message->packet->payload;
		message->len = message->packet->payload_len;
		emit(skb, message);
	}
	end_paths(message->paths);
}

/* --- at the root of cgroup2 --- */

static __always_inline int at_cgroup(struct __sk_buff *skb, bool outgoing)
{
	struct message message = {};
	struct gadget_packet packet;
	struct sock *sk;

	if (!gadget_packet_read(skb, &packet, 0) || !is_dns(&packet))
		return 1;
	sk = gadget_packet_socket(skb);
	/* a raw socket gets copies of other sockets' packets */
	if (!sk || gadget_socket_protocol(sk) != packet.src.proto_raw ||
	    BPF_CORE_READ(sk, sk_type) == SOCK_RAW)
		return 1;
	if (outgoing && packet.src.proto_raw == IPPROTO_UDP)
		gadget_socket_sends(sk);
	message.packet = &packet;
	message.netns_id = gadget_netns_id_of_socket(sk);
	message.type = outgoing ? OUTGOING : skb->pkt_type;
	message.owner = gadget_socket_owner_of(sk);
	packet_passed(skb, &message);
	return 1; /* lets it through */
}

SEC("cgroup_skb/egress")
int dns_egress(struct __sk_buff *skb)
{
	return at_cgroup(skb, true);
}

SEC("cgroup_skb/ingress")
int dns_ingress(struct __sk_buff *skb)
{
	return at_cgroup(skb, false);
}

static __always_inline int socket_bound(const struct sock *sk)
{
	if (gadget_is_udp(sk) && is_dns_port(gadget_socket_local_port(sk)))
		gadget_socket_own(sk, gadget_current(), BPF_ANY);
	return 1;
}

SEC("cgroup/post_bind4")
int bound4(struct bpf_sock *ctx)
{
	return socket_bound((struct sock *)ctx);
}

SEC("cgroup/post_bind6")
int bound6(struct bpf_sock *ctx)
{
	return socket_bound((struct sock *)ctx);
}

/* --- at a packet socket --- */

SEC("socket1")
int dns_packet(struct __sk_buff *skb)
{
	struct message message = {};
	struct gadget_packet packet;
	const struct gadget_l4endpoint_t *local;

	if (!gadget_packet_read(skb, &packet, gadget_packet_network(skb)) || !is_dns(&packet))
		return 0;
	message.packet = &packet;
	message.netns_id = gadget_packet_netns_id(skb);
	message.type = skb->pkt_type;
	local = message.type == OUTGOING ? &packet.src : &packet.dst;
	message.owner = gadget_port_owner_of(message.netns_id, local->proto_raw, local->port);
	packet_passed(skb, &message);
	return 0; /* nothing is kept for the packet socket itself */
}

SEC("tp_btf/net_dev_queue")
int BPF_PROG(dns_sends, struct sk_buff *skb)
{
	struct sock *sk = BPF_CORE_READ(skb, sk);
	struct udphdr udp = {};

	if (!sk || !gadget_is_udp(sk))
		return 0;
	bpf_probe_read_kernel(&udp, sizeof(udp),
			      BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, transport_header));
	if (is_dns_port(bpf_ntohs(udp.dest)) || is_dns_port(bpf_ntohs(udp.source)))
		gadget_socket_sends(sk);
	return 0;
}

/* Binds between entry and exit, by thread: the socket has its port only then. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __s32); /* file descriptor */
} binds SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_bind")
int enter_bind(struct trace_event_raw_sys_enter *ctx)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	__s32 fd = ctx->args[0];

	bpf_map_update_elem(&binds, &tid, &fd, BPF_ANY);
	return 0;
}

SEC("tracepoint/syscalls/sys_exit_bind")
int exit_bind(struct trace_event_raw_sys_exit *ctx)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	__s32 *fd = bpf_map_lookup_elem(&binds, &tid);
	struct sock *sk;

	if (!fd)
		return 0;
	sk = ctx->ret ? NULL : gadget_socket_of_file(gadget_file_of_fd(gadget_current(), *fd));
	if (sk)
		socket_bound(sk);
	bpf_map_delete_elem(&binds, &tid);
	return 0;
}

/* --- for both --- */

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(tcp_state, const struct sock *sk, int old_state, int new_state)
{
	if (gadget_is_tcp(sk) && is_dns_socket(sk))
		gadget_tcp_state_changed(sk, new_state);
	return 0;
}

SEC("iter/task_file")
int seed_owners(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct sock *sk = ctx->file ? gadget_socket_of_file(ctx->file) : NULL;

	if (sk && task && (gadget_is_tcp(sk) || gadget_is_udp(sk)) && is_dns_socket(sk))
		gadget_socket_own(sk, task, BPF_NOEXIST);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
