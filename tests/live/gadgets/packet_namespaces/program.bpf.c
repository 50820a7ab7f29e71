// SPDX-License-Identifier: GPL-2.0
// packet_namespaces: which network namespace each datagram to a port is seen in. For a test of
// packet sockets: it knows the namespace by what the public contract says of skb->cb[0] alone.
#include <vmlinux.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <gadget/buffer.h>
#include <gadget/macros.h>
#include <gadget/types.h>

#define ETHERNET 14
#define PORT	 24299

struct event {
	gadget_timestamp timestamp_raw;
	gadget_netns_id netns_id;
};

GADGET_TRACER_MAP(events, 64 << 10);
GADGET_TRACER(packets, events, event);

SEC("socket1")
int see_packet(struct __sk_buff *skb)
{
	struct event *event;
	struct udphdr udp;
	struct iphdr ip;

	if (bpf_skb_load_bytes(skb, ETHERNET, &ip, sizeof(ip)) || ip.protocol != IPPROTO_UDP ||
	    bpf_skb_load_bytes(skb, ETHERNET + sizeof(ip), &udp, sizeof(udp)) ||
	    udp.dest != bpf_htons(PORT) || skb->pkt_type == 4 /* PACKET_OUTGOING */)
		return 0;
	event = gadget_reserve_buf(&events, sizeof(*event));
	if (!event)
		return 0;
	event->timestamp_raw = bpf_ktime_get_boot_ns();
	event->netns_id = skb->cb[0];
	gadget_submit_buf(skb, &events, event, sizeof(*event));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
