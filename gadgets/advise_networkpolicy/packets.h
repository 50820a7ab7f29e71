/* SPDX-License-Identifier: GPL-2.0 */
/*
 * UDP and ping have no states, and SCTP's are not told, so the packets themselves are seen, at the
 * root of the cgroup2 hierarchy. Who spoke first gives the direction, which `conversations`
 * remembers.
 */
#ifndef PACKETS_H
#define PACKETS_H

#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>
#include "listeners.h"

#define ETH_P_IP	  0x0800
#define ETH_P_IPV6	  0x86dd
#define PACKET_LOOPBACK	  5 /* a multicast packet that the machine hears from itself */
#define EMSGSIZE	  90
#define ECONNREFUSED	  111

#define IPPROTO_ICMPV6	  58 /* of an enumeration that the types here leave out */
#define ICMP_ECHOREPLY	  0
#define ICMP_ECHO	  8
#define ICMPV6_ECHO	  128
#define ICMPV6_ECHO_REPLY 129
#define SCTP_CHUNK_ABORT  6  /* RFC 9260, 3.2 */
#define SCTP_HEADER_SIZE  12 /* before the first chunk */

/* Sockets without states: who bound them or first sent by them. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 131072);
	__type(key, __u64); /* the socket */
	__type(value, struct flow_owner);
} owners SEC(".maps");
GADGET_LOST_UPDATES(owners);

struct conversation_key {
	struct gadget_identity owner;
	struct gadget_l4endpoint_t remote;
	gadget_netns_id netns_id;
	__u32 local_port;
};

struct conversation {
	struct flow_key key; /* the row it counts in */
	gadget_comm process[TASK_COMM_LEN];
	__u64 answered;
};

/* Conversations never end, so the longest silent ones make room: if one goes on, it counts once
 * more. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct conversation_key);
	__type(value, struct conversation);
} conversations SEC(".maps");

struct datagram {
	struct gadget_l4endpoint_t remote; /* the other end */
	__u16 local_port;
	bool to_many; /* multicast or broadcast */
	bool refuses;
	__u32 payload;
};

static __always_inline __u32 read_ipv4(struct __sk_buff *skb, struct datagram *datagram,
				       bool egress)
{
	struct iphdr ip;
	__u8 first_octet;

	if (bpf_skb_load_bytes(skb, 0, &ip, sizeof(ip)))
		return 0;
	datagram->remote.proto_raw = ip.protocol;
	gadget_endpoint_set_v4(&datagram->remote, egress ? ip.daddr : ip.saddr);
	first_octet = bpf_ntohl(ip.daddr) >> 24;
	datagram->to_many = (first_octet >= 224 && first_octet < 240) || ip.daddr == 0xffffffff;
	return ip.ihl * 4;
}

static __always_inline __u32 read_ipv6(struct __sk_buff *skb, struct datagram *datagram,
				       bool egress)
{
	struct ipv6hdr ip;

	if (bpf_skb_load_bytes(skb, 0, &ip, sizeof(ip)))
		return 0;
	datagram->remote.proto_raw = ip.nexthdr;
	gadget_endpoint_set_v6(&datagram->remote, egress ? &ip.daddr : &ip.saddr);
	datagram->to_many = ip.daddr.in6_u.u6_addr8[0] == 0xff;
	return sizeof(ip);
}

static __always_inline bool read_ports(struct __sk_buff *skb, __u32 at, __u32 header_size,
				       struct datagram *datagram, bool egress)
{
	__be16 ports[2]; /* source, destination */

	if (bpf_skb_load_bytes(skb, at, ports, sizeof(ports)) || skb->len < at + header_size)
		return false;
	datagram->remote.port = bpf_ntohs(ports[egress]);
	datagram->local_port = bpf_ntohs(ports[!egress]);
	datagram->payload = skb->len - at - header_size;
	return true;
}

/* A ping and its answer. Both are without ports, and nothing else of ICMP is anybody's. */
static __always_inline bool is_ping(struct __sk_buff *skb, __u32 at, __u8 question, __u8 answer,
				    bool egress)
{
	__u8 type;

	return !bpf_skb_load_bytes(skb, at, &type, sizeof(type)) &&
	       type == (egress ? question : answer);
}

/* False for what is of no concern here, such as TCP, which is most packets: they leave here. */
static __always_inline bool read_datagram(struct __sk_buff *skb, struct datagram *datagram,
					  bool egress)
{
	__u32 at = 0;
	__u8 chunk;

	__builtin_memset(datagram, 0, sizeof(*datagram));
	if (skb->protocol == bpf_htons(ETH_P_IP))
		at = read_ipv4(skb, datagram, egress);
	else if (skb->protocol == bpf_htons(ETH_P_IPV6))
		at = read_ipv6(skb, datagram, egress);
	if (!at)
		return false;
	switch (datagram->remote.proto_raw) {
	case IPPROTO_UDP:
		return read_ports(skb, at, sizeof(struct udphdr), datagram, egress);
	case IPPROTO_SCTP:
		if (bpf_skb_load_bytes(skb, at + SCTP_HEADER_SIZE, &chunk, sizeof(chunk)))
			return false;
		datagram->refuses = chunk == SCTP_CHUNK_ABORT;
		return read_ports(skb, at, SCTP_HEADER_SIZE, datagram, egress);
	case IPPROTO_ICMP:
		return is_ping(skb, at, ICMP_ECHO, ICMP_ECHOREPLY, egress);
	case IPPROTO_ICMPV6:
		return is_ping(skb, at, ICMPV6_ECHO, ICMPV6_ECHO_REPLY, egress);
	}
	return false;
}

/* Only what a process does may say whose a socket is: sending does, receiving happens in anybody's
 * context. */
static __always_inline void owner_of(struct flow_owner *owner, const struct sock *sk, bool sending)
{
	__u64 socket = (__u64)sk;
	struct flow_owner *known = bpf_map_lookup_elem(&owners, &socket);
	struct listener *listener;

	__builtin_memset(owner, 0, sizeof(*owner));
	if (known) {
		*owner = *known;
		return;
	}
	/* what SCTP accepts is answered by the kernel before there is a process */
	listener = gadget_socket_protocol(sk) == IPPROTO_SCTP ? listener_of(sk) : NULL;
	if (listener) {
		*owner = listener->owner;
	} else if (sending) {
		flow_owner_of(owner, gadget_current());
		gadget_update_map(&owners, &socket, owner, BPF_ANY);
	}
}

static __always_inline bool udp_is_connected(const struct sock *sk)
{
	return gadget_socket_state(sk) == TCP_ESTABLISHED && gadget_socket_remote_port(sk);
}

/*
 * Answers to a multicast come from addresses not spoken to, so they are looked for under address 0.
 * Answers through a translation of addresses come from where the socket is connected to, not from
 * where packets went.
 */
static __always_inline void begin_egress(struct conversation_key *key, const struct sock *sk,
					 const struct datagram *datagram,
					 struct conversation *conversation)
{
	key_of(&conversation->key, &key->owner, key->netns_id, &key->remote, key->remote.port,
	       true);
	bpf_map_update_elem(&conversations, key, conversation, BPF_ANY);
	if (datagram->to_many) {
		__builtin_memset(&key->remote.addr_raw, 0, sizeof(key->remote.addr_raw));
		bpf_map_update_elem(&conversations, key, conversation, BPF_ANY);
	} else if (udp_is_connected(sk)) {
		gadget_socket_remote(&key->remote, sk);
		bpf_map_update_elem(&conversations, key, conversation, BPF_ANY);
	}
}

static __always_inline void datagram_sent(struct __sk_buff *skb, const struct sock *sk,
					  const struct datagram *datagram,
					  struct conversation_key *key, const gadget_comm *process)
{
	struct conversation *known = bpf_map_lookup_elem(&conversations, key);
	struct conversation fresh = {};

	if (!known) {
		known = &fresh;
		__builtin_memcpy(fresh.process, process, sizeof(fresh.process));
		begin_egress(key, sk, datagram, known);
		count_opening(&known->key, known->process, false);
	}
	barrier_var(known); /* else an address within it is taken before the test for NULL */
	count_bytes(&known->key, known->process, datagram->payload, 0);
}

/* The conversation that began with a multicast of ours. */
static __always_inline struct conversation *multicast_asked(struct conversation_key *key)
{
	struct gadget_l4endpoint_t remote = key->remote;
	struct conversation *asked;

	__builtin_memset(&key->remote.addr_raw, 0, sizeof(key->remote.addr_raw));
	asked = bpf_map_lookup_elem(&conversations, key);
	key->remote = remote;
	return asked;
}

/* What was counted as sent was refused: it counts as refused instead. */
static __always_inline void move_to_refused(const struct flow_key *key, const gadget_comm *process,
					    int err)
{
	struct flow *sent = bpf_map_lookup_elem(&flows, key);
	struct flow_key refused = *key;
	struct flow copy;

	refused.error_raw = err;
	if (sent && sent->count <= 1) {
		copy = *sent;
		if (!gadget_update_map(&flows, &refused, &copy, BPF_NOEXIST)) {
			bpf_map_delete_elem(&flows, key);
			return;
		}
	}
	count_opening(&refused, process, false);
	if (sent && sent->count > 1)
		__sync_fetch_and_add(&sent->count, -1);
	else
		bpf_map_delete_elem(&flows, key);
}

static __always_inline void refused(struct conversation *conversation, int err)
{
	if (conversation->key.error_raw || conversation->answered)
		return;
	move_to_refused(&conversation->key, conversation->process, err);
	conversation->key.error_raw = err;
}

/* An answer after all: the peer had refused, and is there now. */
static __always_inline void note_answer(struct conversation *conversation)
{
	conversation->answered = 1;
	if (conversation->key.error_raw) {
		conversation->key.error_raw = 0;
		count_opening(&conversation->key, conversation->process, false);
	}
}

static __always_inline void datagram_received(struct __sk_buff *skb,
					      const struct datagram *datagram,
					      struct conversation_key *key,
					      const gadget_comm *process)
{
	struct conversation *known = bpf_map_lookup_elem(&conversations, key);
	struct conversation fresh = {};

	if (!known) {
		known = multicast_asked(key);
		if (datagram->to_many) {
			if (known && skb->pkt_type == PACKET_LOOPBACK)
				return; /* our own voice */
			known = NULL;
		}
	}
	if (!known && !key->local_port)
		return; /* the answer to somebody else's ping */
	if (!known) {
		known = &fresh;
		key_of(&known->key, &key->owner, key->netns_id, &key->remote, key->local_port,
		       false);
		__builtin_memcpy(fresh.process, process, sizeof(fresh.process));
		bpf_map_update_elem(&conversations, key, known, BPF_ANY);
		count_opening(&known->key, known->process, false);
	} else if (known->key.egress && datagram->refuses) {
		refused(known, ECONNREFUSED);
	} else if (known->key.egress) {
		note_answer(known);
	}
	barrier_var(known);
	count_bytes(&known->key, known->process, 0, datagram->payload);
}

static __always_inline void datagram_passed(struct __sk_buff *skb, bool egress)
{
	struct conversation_key key = {};
	struct datagram datagram;
	struct flow_owner owner;
	struct sock *sk;

	if (!read_datagram(skb, &datagram, egress))
		return;
	sk = BPF_CORE_READ((struct sk_buff *)skb, sk);
	if (!sk)
		return;
	owner_of(&owner, sk, egress && !datagram.refuses);
	if (datagram.remote.proto_raw == IPPROTO_SCTP && !owner.identity.mntns_id)
		return; /* the kernel's own socket, which refuses in nobody's name */
	if (!is_recorded(&owner.identity))
		return;
	key.owner = owner.identity;
	key.remote = datagram.remote;
	key.netns_id = gadget_netns_id_of_socket(sk);
	key.local_port = datagram.local_port;
	if (egress)
		datagram_sent(skb, sk, &datagram, &key, owner.process);
	else
		datagram_received(skb, &datagram, &key, owner.process);
}

/* All of these return 1, which lets through whatever passes. */
SEC("cgroup_skb/egress")
int packet_egress(struct __sk_buff *skb)
{
	datagram_passed(skb, true);
	return 1;
}

SEC("cgroup_skb/ingress")
int packet_ingress(struct __sk_buff *skb)
{
	datagram_passed(skb, false);
	return 1;
}

static __always_inline void udp_bound(struct bpf_sock *ctx)
{
	__u64 socket = (__u64)ctx;
	struct flow_owner owner = {};

	if (ctx->protocol != IPPROTO_UDP)
		return;
	flow_owner_of(&owner, gadget_current());
	gadget_update_map(&owners, &socket, &owner, BPF_ANY);
}

SEC("cgroup/post_bind4")
int udp_bind4(struct bpf_sock *ctx)
{
	udp_bound(ctx);
	return 1;
}

SEC("cgroup/post_bind6")
int udp_bind6(struct bpf_sock *ctx)
{
	udp_bound(ctx);
	return 1;
}

SEC("cgroup/sock_release")
int socket_released(struct bpf_sock *ctx)
{
	__u64 socket = (__u64)ctx;

	if (ctx->protocol != IPPROTO_TCP)
		bpf_map_delete_elem(&owners, &socket);
	return 1;
}

SEC("tp_btf/inet_sk_error_report")
int BPF_PROG(udp_refused, const struct sock *sk)
{
	int err = BPF_CORE_READ(sk, sk_err);
	struct conversation *conversation;
	struct conversation_key key = {};
	struct flow_owner owner;

	if (!gadget_is_udp(sk) || !err || err == EMSGSIZE || !udp_is_connected(sk))
		return 0;
	owner_of(&owner, sk, false);
	key.owner = owner.identity;
	gadget_socket_remote(&key.remote, sk);
	key.netns_id = gadget_netns_id_of_socket(sk);
	key.local_port = gadget_socket_local_port(sk);
	conversation = bpf_map_lookup_elem(&conversations, &key);
	if (conversation && conversation->key.egress)
		refused(conversation, err);
	return 0;
}

#endif
