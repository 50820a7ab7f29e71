// SPDX-License-Identifier: GPL-2.0
// profile_tcprtt: histograms of TCP's smoothed round-trip time, by peer. One sample for each
// segment that an established connection receives.
#include <gadget/common.h>
#include <gadget/histogram.h>
#include <gadget/macros.h>
#include <gadget/tcp_owners.h>

struct hist_key {
	gadget_mntns_id mntns_id; /* of who opened or accepted the connection */
	__u64 mntns_gen;
	__u64 cgroup_id;
	struct gadget_l4endpoint_t remote; /* port 0: connections that came in */
	gadget_netns_id netns_id;
	__u16 local_port; /* 0: connections from here */
	__u16 __unused;
};

struct hist {
	gadget_histogram_slot__u32 latency[GADGET_HISTOGRAM_SLOTS];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, struct hist_key);
	__type(value, struct hist);
} hists SEC(".maps");
GADGET_LOST_UPDATES(hists);
GADGET_MAPITER(tcprtt, hists);

const volatile __u16 targ_sport = 0;
GADGET_PARAM(targ_sport);
const volatile __u16 targ_dport = 0;
GADGET_PARAM(targ_dport);
const volatile bool targ_ms = false;
GADGET_PARAM(targ_ms);
const volatile bool by_address = true;
GADGET_PARAM(by_address);
const volatile bool by_port = true;
GADGET_PARAM(by_port);

static __always_inline void key_of(struct hist_key *key, const struct gadget_tcp_owner *owner,
				   const struct sock *sk)
{
	__builtin_memset(key, 0, sizeof(*key));
	key->netns_id = gadget_netns_id_of_socket(sk);
	if (owner) {
		key->mntns_id = owner->proc.mntns_id;
		key->mntns_gen = owner->proc.mntns_gen;
		key->cgroup_id = owner->proc.cgroup_id;
	}
	gadget_socket_remote(&key->remote, sk);
	/* A client's own port says nothing, and there is another one for each connection. */
	if (owner && owner->accepted) {
		key->remote.port = 0;
		key->local_port = gadget_socket_local_port(sk);
	}
	if (!by_address)
		__builtin_memset(&key->remote.addr_raw, 0, sizeof(key->remote.addr_raw));
	if (!by_port)
		key->remote.port = key->local_port = 0;
}

static __always_inline int segment_received(const struct sock *sk)
{
	static const struct hist empty = {};
	struct gadget_tcp_owner *owner;
	struct hist_key key;
	struct hist *hist;
	__u64 rtt;

	if (targ_sport && targ_sport != gadget_socket_local_port(sk))
		return 0;
	if (targ_dport && targ_dport != gadget_socket_remote_port(sk))
		return 0;
	owner = gadget_tcp_owner_of(sk);
	if (!owner && !gadget_tcp_keeps_unowned())
		return 0;
	key_of(&key, owner, sk);
	hist = bpf_map_lookup_elem(&hists, &key);
	if (!hist) {
		gadget_update_map(&hists, &key, &empty, BPF_NOEXIST);
		hist = bpf_map_lookup_elem(&hists, &key);
		if (!hist)
			return 0;
	}
	rtt = BPF_CORE_READ((const struct tcp_sock *)sk, srtt_us) >> 3; /* kept in eighths */
	gadget_histogram_count(hist->latency, targ_ms ? rtt / 1000 : rtt);
	return 0;
}

SEC("fentry/tcp_rcv_established")
int BPF_PROG(fentry_received, struct sock *sk)
{
	return segment_received(sk);
}

/* The kernel's own probe at the beginning of the same function. */
SEC("tp_btf/tcp_probe")
int BPF_PROG(probe_received, struct sock *sk)
{
	return segment_received(sk);
}

SEC("kprobe/tcp_rcv_established")
int BPF_KPROBE(kprobe_received, struct sock *sk)
{
	return segment_received(sk);
}

char LICENSE[] SEC("license") = "GPL";
