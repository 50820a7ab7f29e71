// SPDX-License-Identifier: GPL-2.0
// snapshot_socket: the TCP and UDP sockets there are at one moment, and the processes that hold
// them.
//
// Sockets that processes hold are found by going through the files of all processes, which knows no
// bounds of network namespaces. The others (connections that are about to begin or have just ended)
// stand in the kernel's tables only, where each network namespace has its own list.
#include <gadget/common.h>
#include <bpf/bpf_tracing.h>
#include <gadget/buffer.h>
#include <gadget/filter.h>
#include <gadget/macros.h>
#include "sockets.h"

struct socket_entry {
	struct gadget_process proc; /* empty where no process holds the socket */
	struct gadget_l4endpoint_t src;
	struct gadget_l4endpoint_t dst;
	enum tcp_state state_raw;
	__u32 ino; /* as /proc/PID/fd shows it */
	gadget_netns_id netns_id;
	__s32 fd; /* -1: no process holds it */
};

GADGET_ITER(sockets, socket_entry, list_held, list_tcp, list_udp);

/* Sockets that were listed with whoever holds them, and in which snapshot. A file alone does not
 * say so: its process may be in a pid namespace that we do not see. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 131072);
	__type(key, __u64);
	__type(value, __u64);
} held SEC(".maps");
GADGET_LOST_UPDATES(held);

/* What processes a network namespace has. What nobody holds there is recorded if all of them are.
 */
#define HAS_RECORDED 1
#define HAS_OTHERS   2

struct inhabitants {
	__u64 session; /* of the snapshot; older ones do not count */
	__u32 kinds;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, gadget_netns_id);
	__type(value, struct inhabitants);
} inhabited SEC(".maps");
GADGET_LOST_UPDATES(inhabited);

__u64 session = 0;

static __always_inline void note_inhabitant(struct task_struct *task, bool is_recorded)
{
	gadget_netns_id netns_id = gadget_netns_id_of(task);
	struct inhabitants *known = bpf_map_lookup_elem(&inhabited, &netns_id);
	struct inhabitants fresh = {.session = session};

	if (!known || known->session != session) {
		gadget_update_map(&inhabited, &netns_id, &fresh, BPF_ANY);
		known = bpf_map_lookup_elem(&inhabited, &netns_id);
	}
	if (known)
		known->kinds |= is_recorded ? HAS_RECORDED : HAS_OTHERS;
}

/* Whether anything at all chooses among processes. */
static __always_inline bool is_filtered(void)
{
	return gadget_filter_is_on() || targ_pid || targ_tid || targ_uid != GADGET_INVALID_ID ||
	       targ_gid != GADGET_INVALID_ID || targ_comm[0];
}

static __always_inline bool is_netns_recorded(gadget_netns_id netns_id)
{
	struct inhabitants *known = bpf_map_lookup_elem(&inhabited, &netns_id);

	return known && known->session == session && known->kinds == HAS_RECORDED;
}

static __always_inline void fill_socket(struct socket_entry *entry, const struct sock_common *sk,
					__u16 protocol)
{
	fill_end(&entry->src, sk, protocol, true);
	fill_end(&entry->dst, sk, protocol, false);
	entry->state_raw = state_of(sk);
	entry->ino = inode_of(sk);
	entry->netns_id = BPF_CORE_READ(sk, skc_net.net, ns.inum);
}

static __always_inline bool is_bound(const struct sock_common *sk)
{
	return BPF_CORE_READ(sk, skc_num);
}

SEC("iter/task_file")
int list_held(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct socket_entry entry;
	__u64 socket, snapshot;
	struct sock *sk;

	if (!task || !file)
		return 0;
	session = snapshot = ctx->meta->session_id;
	sk = gadget_socket_of_file(file);
	socket = (__u64)sk;
	if (sk)
		gadget_update_map(&held, &socket, &snapshot, BPF_ANY);
	__builtin_memset(&entry, 0, sizeof(entry));
	gadget_process_populate_from_task(&entry.proc, task);
	if (gadget_should_discard_process(&entry.proc)) {
		note_inhabitant(task, false);
		return 0;
	}
	note_inhabitant(task, true);
	if (!sk || !(gadget_is_tcp(sk) || gadget_is_udp(sk)) || !is_bound(&sk->__sk_common))
		return 0;
	fill_socket(&entry, &sk->__sk_common, gadget_socket_protocol(sk));
	entry.fd = ctx->fd;
	bpf_seq_write(ctx->meta->seq, &entry, sizeof(entry));
	return 0;
}

static __always_inline int list_unheld(struct seq_file *seq, const struct sock_common *sk,
				       __u16 protocol)
{
	__u64 socket = (__u64)sk;
	__u64 *listed = bpf_map_lookup_elem(&held, &socket);
	struct socket_entry entry;

	if (listed && *listed == session && is_whole(sk))
		return 0;
	__builtin_memset(&entry, 0, sizeof(entry));
	fill_socket(&entry, sk, protocol);
	if (is_filtered() && !is_netns_recorded(entry.netns_id))
		return 0;
	entry.fd = -1;
	bpf_seq_write(seq, &entry, sizeof(entry));
	return 0;
}

SEC("iter/tcp")
int list_tcp(struct bpf_iter__tcp *ctx)
{
	struct sock_common *sk = ctx->sk_common;

	return sk ? list_unheld(ctx->meta->seq, sk, IPPROTO_TCP) : 0;
}

SEC("iter/udp")
int list_udp(struct bpf_iter__udp *ctx)
{
	struct udp_sock *udp = ctx->udp_sk;

	return udp ? list_unheld(ctx->meta->seq, (struct sock_common *)udp, IPPROTO_UDP) : 0;
}

char LICENSE[] SEC("license") = "GPL";
