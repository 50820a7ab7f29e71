/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets of UDP and TCP as programs at a cgroup or a socket see them: whose ends, and where the
 * payload lies. Offsets are those of bpf_skb_load_bytes(), which also reads what is not in the
 * packet's linear part.
 */
#ifndef GADGET_PACKET_H
#define GADGET_PACKET_H

#include <vmlinux.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <gadget/socket.h>

#define __GADGET_ETH_P_IP	 0x0800
#define __GADGET_ETH_P_IPV6	 0x86dd
#define __GADGET_IP_OFFSET	 0x1fff /* of a fragment, in units of 8 bytes */
#define __GADGET_IPV6_EXTENSIONS 4	/* that are stepped over */

enum __gadget_ipv6_header {
	__GADGET_HOP_BY_HOP = 0,
	__GADGET_ROUTING = 43,
	__GADGET_FRAGMENT = 44,
	__GADGET_DESTINATION = 60,
};

/* The kernel's PACKET_* by the contract's names. */
enum pkt_type_t {
	HOST,
	BROADCAST,
	MULTICAST,
	OTHERHOST,
	OUTGOING,
	LOOPBACK,
	USER,
	KERNEL,
};

struct gadget_packet {
	struct gadget_l4endpoint_t src, dst;
	__u32 payload; /* where it begins */
	__u32 payload_len;
	__u32 seq; /* of TCP */
};

/* Where the IP header of a packet lies that may begin with an Ethernet header or not. At a cgroup
 * it is always 0. */
static __always_inline __u32 gadget_packet_network(struct __sk_buff *ctx)
{
	struct sk_buff *skb = (struct sk_buff *)ctx;

	return BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, network_header) -
	       BPF_CORE_READ(skb, data);
}

/* The protocol, or -1 if there is none. `at` moves behind the header, `end` to where the packet's
 * own length says that it ends. */
static __always_inline int gadget_packet_ipv4(struct __sk_buff *skb, struct gadget_packet *packet,
					      __u32 *at, __u32 *end)
{
	struct iphdr ip;
	__u32 len;

	if (bpf_skb_load_bytes(skb, *at, &ip, sizeof(ip)) ||
	    bpf_ntohs(ip.frag_off) & __GADGET_IP_OFFSET)
		return -1;
	len = bpf_ntohs(ip.tot_len);
	if (len && *at + len < *end) /* 0: larger than the field */
		*end = *at + len;
	gadget_endpoint_set_v4(&packet->src, ip.saddr);
	gadget_endpoint_set_v4(&packet->dst, ip.daddr);
	*at += ip.ihl * 4;
	return ip.protocol;
}

static __always_inline int gadget_packet_ipv6(struct __sk_buff *skb, struct gadget_packet *packet,
					      __u32 *at, __u32 *end)
{
	struct ipv6hdr ip;
	__u8 next, header[4];
	__u32 len;

	if (bpf_skb_load_bytes(skb, *at, &ip, sizeof(ip)))
		return -1;
	len = bpf_ntohs(ip.payload_len);
	if (len && *at + sizeof(ip) + len < *end)
		*end = *at + sizeof(ip) + len;
	gadget_endpoint_set_v6(&packet->src, &ip.saddr);
	gadget_endpoint_set_v6(&packet->dst, &ip.daddr);
	*at += sizeof(ip);
	next = ip.nexthdr;
	for (int i = 0; i < __GADGET_IPV6_EXTENSIONS; i++) {
		if (next != __GADGET_HOP_BY_HOP && next != __GADGET_ROUTING &&
		    next != __GADGET_FRAGMENT && next != __GADGET_DESTINATION)
			break;
		if (bpf_skb_load_bytes(skb, *at, header, sizeof(header)))
			return -1;
		if (next == __GADGET_FRAGMENT) {
			if (header[2] || header[3] & 0xf8)
				return -1;
			*at += 8;
		} else {
			*at += (header[1] + 1) * 8;
		}
		next = header[0];
	}
	return next;
}

static __always_inline bool gadget_packet_transport(struct __sk_buff *skb,
						    struct gadget_packet *packet, int proto,
						    __u32 at, __u32 end)
{
	struct tcphdr tcp;
	struct udphdr udp;
	__u32 payload;

	packet->src.proto_raw = packet->dst.proto_raw = proto;
	if (proto == IPPROTO_UDP) {
		if (bpf_skb_load_bytes(skb, at, &udp, sizeof(udp)))
			return false;
		packet->src.port = bpf_ntohs(udp.source);
		packet->dst.port = bpf_ntohs(udp.dest);
		payload = at + sizeof(udp);
	} else if (proto == IPPROTO_TCP) {
		if (bpf_skb_load_bytes(skb, at, &tcp, sizeof(tcp)))
			return false;
		packet->src.port = bpf_ntohs(tcp.source);
		packet->dst.port = bpf_ntohs(tcp.dest);
		packet->seq = bpf_ntohl(tcp.seq) + tcp.syn;
		payload = at + tcp.doff * 4;
	} else {
		return false;
	}
	packet->payload = payload;
	packet->payload_len = end > payload ? end - payload : 0;
	return true;
}

/* False for all that is neither UDP nor TCP, and for fragments but the first. `at`: see
 * gadget_packet_network(). */
static __always_inline bool gadget_packet_read(struct __sk_buff *skb, struct gadget_packet *packet,
					       __u32 at)
{
	__u32 end = skb->len;
	int proto = -1;

	__builtin_memset(packet, 0, sizeof(*packet));
	if (skb->protocol == bpf_htons(__GADGET_ETH_P_IP))
		proto = gadget_packet_ipv4(skb, packet, &at, &end);
	else if (skb->protocol == bpf_htons(__GADGET_ETH_P_IPV6))
		proto = gadget_packet_ipv6(skb, packet, &at, &end);
	return proto >= 0 && gadget_packet_transport(skb, packet, proto, at, end);
}

/* Of a packet whose socket is not known. */
static __always_inline gadget_netns_id gadget_packet_netns_id(struct __sk_buff *ctx)
{
	return BPF_CORE_READ((struct sk_buff *)ctx, dev, nd_net.net, ns.inum);
}

static __always_inline struct sock *gadget_packet_socket(struct __sk_buff *ctx)
{
	return BPF_CORE_READ((struct sk_buff *)ctx, sk);
}

#endif
