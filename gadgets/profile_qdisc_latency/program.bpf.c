// SPDX-License-Identifier: GPL-2.0
// profile_qdisc_latency: how long packets wait in the queue of an interface before they are sent.
#include <gadget/common.h>
#include <bpf/bpf_tracing.h>
#include <gadget/buffer.h>
#include <gadget/histogram.h>
#include <gadget/macros.h>
#include <gadget/mntns_filter.h>
#include <gadget/socket.h>

#define IFNAMSIZ     16
#define MAX_AT_ONCE  64		      /* packets that a queue gives out together */
#define NAME_NOQUEUE 0x65757165756f6e /* "noqueue", as a little-endian number */

struct hist_key {
	gadget_netns_id netns_id;
	__u32 ifindex;
	char interface[IFNAMSIZ];
	char qdisc[IFNAMSIZ]; /* its kind: fq_codel, pfifo_fast, … */
};

struct hist {
	gadget_histogram_slot__u32 latency[GADGET_HISTOGRAM_SLOTS];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct hist_key);
	__type(value, struct hist);
} hists SEC(".maps");
GADGET_LOST_UPDATES(hists);
GADGET_MAPITER(qdisc, hists);

/* When each packet was put into a queue. An LRU map: a packet may leave its queue unseen (its queue
 * cut it into smaller ones), and only such packets are forgotten, being the oldest. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, __u64); /* the sk_buff */
	__type(value, __u64);
} starts SEC(".maps");

const volatile __s32 targ_ifindex = -1;
GADGET_PARAM(targ_ifindex);
const volatile bool targ_ms = false;
GADGET_PARAM(targ_ms);

struct Qdisc_ops___gadget {
	char id[IFNAMSIZ];
} __attribute__((preserve_access_index));

struct Qdisc___gadget {
	struct Qdisc_ops___gadget *ops;
} __attribute__((preserve_access_index));

struct net_device___gadget {
	struct Qdisc___gadget *qdisc;
} __attribute__((preserve_access_index));

struct cgroup_data___gadget {
	struct cgroup *cgroup;
} __attribute__((preserve_access_index));

struct sock___gadget {
	struct cgroup_data___gadget sk_cgrp_data;
} __attribute__((preserve_access_index));

/* The cgroup that a packet's socket was made in: queues are filled by interrupts too. */
static __always_inline __u64 cgroup_id_of(const struct sk_buff *skb)
{
	const struct sock *sk = BPF_CORE_READ(skb, sk);
	unsigned char state;

	if (!sk)
		return 0;
	state = gadget_socket_state(sk);
	if (state == TCP_TIME_WAIT || state == TCP_NEW_SYN_RECV) /* no full sockets */
		return 0;
	return BPF_CORE_READ((const struct sock___gadget *)sk, sk_cgrp_data.cgroup, kn, id);
}

/* A command may be told apart by its mount namespace alone. That is the current task's, which
 * speaks for the packet if the packet's socket is of the task's cgroup: else this is an interrupt.
 */
static __always_inline bool is_wanted(const struct sk_buff *skb)
{
	__u64 cgroup_id;
	bool is_of_task;

	if (targ_ifindex >= 0 && targ_ifindex != BPF_CORE_READ(skb, dev, ifindex))
		return false;
	if (!gadget_filter_is_on())
		return true;
	cgroup_id = cgroup_id_of(skb);
	is_of_task = cgroup_id && cgroup_id == gadget_get_current_cgroup_id();
	return !gadget_should_discard_ids(is_of_task ? gadget_get_current_mntns_id() : 0,
					  cgroup_id);
}

static __always_inline int put_in(const struct sk_buff *skb)
{
	__u64 packet = (__u64)skb, now = bpf_ktime_get_boot_ns();

	if (is_wanted(skb))
		bpf_map_update_elem(&starts, &packet, &now, BPF_ANY);
	return 0;
}

static __always_inline int forget(const struct sk_buff *skb)
{
	__u64 packet = (__u64)skb;

	bpf_map_delete_elem(&starts, &packet);
	return 0;
}

static __always_inline struct hist *hist_of(const struct sk_buff *skb, const void *qdisc)
{
	static const struct hist empty = {};
	struct hist_key key = {};
	struct hist *hist;

	key.netns_id = BPF_CORE_READ(skb, dev, nd_net.net, ns.inum);
	key.ifindex = BPF_CORE_READ(skb, dev, ifindex);
	BPF_CORE_READ_STR_INTO(&key.interface, skb, dev, name);
	BPF_CORE_READ_STR_INTO(&key.qdisc, (const struct Qdisc___gadget *)qdisc, ops, id);
	hist = bpf_map_lookup_elem(&hists, &key);
	if (hist)
		return hist;
	gadget_update_map(&hists, &key, &empty, BPF_NOEXIST);
	return bpf_map_lookup_elem(&hists, &key);
}

static __always_inline void taken_out(const struct sk_buff *skb, const void *qdisc, __u64 now)
{
	__u64 packet = (__u64)skb;
	__u64 *start = bpf_map_lookup_elem(&starts, &packet);
	struct hist *hist;
	__u64 us;

	if (!start)
		return;
	us = (now - *start) / 1000;
	bpf_map_delete_elem(&starts, &packet);
	hist = hist_of(skb, qdisc);
	if (hist)
		gadget_histogram_count(hist->latency, targ_ms ? us / 1000 : us);
}

SEC("tp_btf/qdisc_enqueue")
int BPF_PROG(on_enqueue, void *qdisc, void *txq, const struct sk_buff *skb)
{
	return put_in(skb);
}

/* Before 5.15 the kernel does not tell of a queue's input, but of the way to it. */
SEC("tp_btf/net_dev_queue")
int BPF_PROG(on_queue, const struct sk_buff *skb)
{
	const struct net_device___gadget *dev = (const void *)BPF_CORE_READ(skb, dev);
	__u64 kind = 0;

	bpf_probe_read_kernel(&kind, sizeof(kind), BPF_CORE_READ(dev, qdisc, ops, id));
	return kind == NAME_NOQUEUE ? 0 : put_in(skb);
}

/* A packet that comes here with its start still known went past the queue, for that was empty. */
SEC("tp_btf/net_dev_start_xmit")
int BPF_PROG(on_xmit, const struct sk_buff *skb)
{
	return forget(skb);
}

SEC("tp_btf/qdisc_dequeue")
int BPF_PROG(on_dequeue, void *qdisc, void *txq, int packets, const struct sk_buff *skb)
{
	__u64 now = bpf_ktime_get_boot_ns();

	for (int i = 0; i < MAX_AT_ONCE && skb; i++) {
		taken_out(skb, qdisc, now);
		skb = BPF_CORE_READ(skb, next);
	}
	return 0;
}

SEC("tp_btf/kfree_skb")
int BPF_PROG(on_drop, const struct sk_buff *skb)
{
	return forget(skb);
}

char LICENSE[] SEC("license") = "GPL";
