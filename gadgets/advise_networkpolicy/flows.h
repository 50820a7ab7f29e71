/* SPDX-License-Identifier: GPL-2.0 */
/* The rows: who, with whom, which way, with what outcome; and how they are counted. */
#ifndef FLOWS_H
#define FLOWS_H

#include <gadget/common.h>
#include <gadget/buffer.h>
#include <gadget/macros.h>
#include <gadget/mntns_filter.h>
#include <gadget/socket.h>

struct flow_key {
	gadget_mntns_id mntns_id;
	__u64 mntns_gen;
	__u64 cgroup_id;
	gadget_netns_id netns_id;
	struct gadget_l4endpoint_t
	    endpoint; /* the peer; its port for egress, our own for ingress */
	__u8 egress;
	gadget_errno error_raw; /* of the connection's opening */
};

struct flow {
	__u64 count; /* connections, or UDP conversations */
	__u64 bytes_sent;
	__u64 bytes_received;
	gadget_timestamp first_raw;
	gadget_timestamp last_raw;
	__u8 before_start; /* only seen already open, so the direction is a conclusion */
	gadget_comm process[TASK_COMM_LEN]; /* of the first of them */
};

/* Whose a socket is, and by which process. */
struct flow_owner {
	struct gadget_identity identity;
	gadget_comm process[TASK_COMM_LEN];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct flow_key);
	__type(value, struct flow);
} flows SEC(".maps");
GADGET_LOST_UPDATES(flows);

static __always_inline void flow_owner_of(struct flow_owner *owner, struct task_struct *task)
{
	gadget_identity_of(&owner->identity, task);
	BPF_CORE_READ_STR_INTO(&owner->process, task, comm);
}

static __always_inline struct flow *flow_of(const struct flow_key *key, const gadget_comm *process,
					    bool before_start)
{
	struct flow *flow = bpf_map_lookup_elem(&flows, key);

	if (!flow) {
		struct flow fresh = {};

		fresh.first_raw = bpf_ktime_get_boot_ns();
		fresh.before_start = before_start;
		__builtin_memcpy(fresh.process, process, sizeof(fresh.process));
		gadget_update_map(&flows, key, &fresh, BPF_NOEXIST);
		flow = bpf_map_lookup_elem(&flows, key);
	}
	return flow;
}

static __always_inline void count_opening(const struct flow_key *key, const gadget_comm *process,
					  bool before_start)
{
	struct flow *flow = flow_of(key, process, before_start);

	if (!flow)
		return;
	__sync_fetch_and_add(&flow->count, 1);
	flow->last_raw = bpf_ktime_get_boot_ns();
	if (!before_start)
		flow->before_start = 0;
}

static __always_inline void count_bytes(const struct flow_key *key, const gadget_comm *process,
					__u64 sent, __u64 received)
{
	struct flow *flow = flow_of(key, process, false);

	if (!flow)
		return;
	/* a constant 0 would be compiled to an atomic "or", which 5.10 does not have */
	if (sent)
		__sync_fetch_and_add(&flow->bytes_sent, sent);
	if (received)
		__sync_fetch_and_add(&flow->bytes_received, received);
	flow->last_raw = bpf_ktime_get_boot_ns();
}

static __always_inline void key_of(struct flow_key *key, const struct gadget_identity *owner,
				   gadget_netns_id netns_id,
				   const struct gadget_l4endpoint_t *remote, __u16 port,
				   bool egress)
{
	__builtin_memset(key, 0, sizeof(*key));
	key->mntns_id = owner->mntns_id;
	key->mntns_gen = owner->mntns_gen;
	key->cgroup_id = owner->cgroup_id;
	key->netns_id = netns_id;
	__builtin_memcpy(&key->endpoint, remote, sizeof(*remote));
	key->endpoint.port = port;
	key->egress = egress;
}

static __always_inline bool is_recorded(const struct gadget_identity *owner)
{
	return !gadget_should_discard_ids(owner->mntns_id, owner->cgroup_id);
}

#endif
