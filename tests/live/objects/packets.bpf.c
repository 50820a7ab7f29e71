// SPDX-License-Identifier: GPL-2.0
// What somebody who knows nothing but the public contract would write: classifiers, a perf buffer,
// and the process of a packet from the map that the runner fills.
#include <vmlinux.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

typedef __u64 gadget_mntns_id;
typedef __u32 gadget_netns_id;
typedef __u64 gadget_timestamp;

struct gadget_socket_key {
	__u32 netns;
	__u16 family;
	__u8 proto;
	__u16 port;
};

/* The runner's own type, of which the order is not known here. */
struct gadget_socket_value {
	char task[16];
	__u64 mntns;
	__u64 pid_tgid;
} __attribute__((preserve_access_index));

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__uint(key_size, sizeof(struct gadget_socket_key));
	__uint(value_size, 88);
} gadget_sockets SEC(".maps");

enum direction {
	ingress = 1,
	egress = 2,
};

struct event {
	gadget_timestamp timestamp_raw;
	gadget_mntns_id mntns_id;
	gadget_netns_id netns_id;
	__u32 pid;
	enum direction way_raw;
	__u16 port;
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} events SEC(".maps");

const void *gadget_tracer_packets___events___event __attribute__((unused));
const struct event *__unused_event __attribute__((unused));

#define ETHERNET 14
#define PORT	 24298

static __always_inline int see(struct __sk_buff *skb, enum direction way)
{
	struct gadget_socket_key key = {.family = 2, .proto = IPPROTO_UDP, .port = PORT};
	struct gadget_socket_value *owner;
	struct event event = {};
	struct udphdr udp;
	struct iphdr ip;

	if (bpf_skb_load_bytes(skb, ETHERNET, &ip, sizeof(ip)) || ip.protocol != IPPROTO_UDP ||
	    bpf_skb_load_bytes(skb, ETHERNET + sizeof(ip), &udp, sizeof(udp)) ||
	    (udp.dest != bpf_htons(PORT) && udp.source != bpf_htons(PORT)))
		return -1; /* TC_ACT_UNSPEC */
	event.timestamp_raw = bpf_ktime_get_boot_ns();
	event.netns_id = key.netns = skb->cb[0];
	event.way_raw = way;
	event.port = PORT;
	owner = bpf_map_lookup_elem(&gadget_sockets, &key);
	if (owner) {
		event.mntns_id = BPF_CORE_READ(owner, mntns);
		event.pid = BPF_CORE_READ(owner, pid_tgid) >> 32;
		bpf_core_read_str(event.comm, sizeof(event.comm), &owner->task);
	}
	bpf_perf_event_output(skb, &events, BPF_F_CURRENT_CPU, &event, sizeof(event));
	return -1;
}

SEC("classifier/ingress/packets")
int see_ingress(struct __sk_buff *skb)
{
	return see(skb, ingress);
}

SEC("classifier/egress/packets")
int see_egress(struct __sk_buff *skb)
{
	return see(skb, egress);
}

char LICENSE[] SEC("license") = "GPL";
