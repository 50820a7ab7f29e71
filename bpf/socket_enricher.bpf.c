// SPDX-License-Identifier: GPL-2.0
// socket_enricher: keeps the map `gadget_sockets` of Inspektor Gadget's contract, by which gadgets
// from elsewhere find the process of a packet: who has which port in which network namespace.
//
// Upstream fills it at kprobes. Here it is filled where the owner is at work without any: a TCP
// socket when it begins to connect or to listen, a UDP socket when it sends, and what was open
// before by an iterator. Loaded only for gadgets that have such a map.
#include <gadget/common.h>

#include <bpf/bpf_tracing.h>
#include <gadget/macros.h>
#include <gadget/mntns.h>
#include <gadget/process.h>
#include <gadget/socket.h>

/* The contract's: names and order of the members are what foreign programs are fitted to. */
struct gadget_socket_key {
	__u32 netns;
	__u16 family;
	__u8 proto;
	__u16 port; /* host order */
};

struct gadget_socket_value {
	__u64 mntns;
	__u64 pid_tgid;
	__u64 uid_gid;
	char task[TASK_COMM_LEN];
	char ptask[TASK_COMM_LEN];
	__u64 sock;
	__u64 deletion_timestamp;
	__u32 ppid;
	__u32 ptid;
	char ipv6only;
};

/* Nothing tells when a UDP socket is closed, and each query of a resolver is one: the oldest give
 * way. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct gadget_socket_key);
	__type(value, struct gadget_socket_value);
} gadget_sockets SEC(".maps");

/* A connecting socket has no port yet: its owner waits for the first packet. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64); /* the socket */
	__type(value, struct gadget_socket_value);
} connecting SEC(".maps");

/* Packets of a closed connection still pass for a moment. */
#define LINGER_NS (2ULL * 1000 * 1000 * 1000)

static __always_inline void value_of(struct gadget_socket_value *value, const struct sock *sk,
				     struct task_struct *task)
{
	struct gadget_process proc;

	gadget_process_populate_from_task(&proc, task);
	__builtin_memset(value, 0, sizeof(*value));
	value->mntns = proc.mntns_id;
	value->pid_tgid = (__u64)proc.pid << 32 | proc.tid;
	value->uid_gid = (__u64)proc.creds.gid << 32 | proc.creds.uid;
	__builtin_memcpy(value->task, proc.comm, sizeof(value->task));
	__builtin_memcpy(value->ptask, proc.parent.comm, sizeof(value->ptask));
	value->sock = (__u64)sk;
	value->ppid = proc.parent.pid;
	value->ptid = proc.parent.tid;
	value->ipv6only = BPF_CORE_READ_BITFIELD_PROBED(sk, __sk_common.skc_ipv6only);
}

static __always_inline bool key_of(struct gadget_socket_key *key, const struct sock *sk)
{
	__builtin_memset(key, 0, sizeof(*key));
	key->netns = gadget_netns_id_of_socket(sk);
	key->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	key->proto = gadget_socket_protocol(sk);
	key->port = gadget_socket_local_port(sk);
	return key->port != 0;
}

static __attribute__((noinline)) int publish(const struct sock *sk, struct task_struct *task,
					     __u64 flags)
{
	struct gadget_socket_value value;
	struct gadget_socket_key key;
	__u64 socket = (__u64)sk;

	value_of(&value, sk, task);
	if (key_of(&key, sk))
		bpf_map_update_elem(&gadget_sockets, &key, &value, flags);
	else
		bpf_map_update_elem(&connecting, &socket, &value, BPF_ANY);
	return 0;
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(tcp_state, const struct sock *sk, int old_state, int new_state)
{
	struct gadget_socket_value *value;
	struct gadget_socket_key key;
	__u64 socket = (__u64)sk;

	if (!gadget_is_tcp(sk))
		return 0;
	if (new_state == TCP_SYN_SENT || new_state == TCP_LISTEN)
		return publish(sk, gadget_current(), BPF_ANY);
	if (new_state != TCP_CLOSE)
		return 0;
	bpf_map_delete_elem(&connecting, &socket);
	if (!key_of(&key, sk))
		return 0;
	value = bpf_map_lookup_elem(&gadget_sockets, &key);
	/* An accepted connection has its listener's port, and is not the one that is remembered. */
	if (value && value->sock == socket)
		value->deletion_timestamp = bpf_ktime_get_boot_ns();
	return 0;
}

SEC("tp_btf/net_dev_queue")
int BPF_PROG(packet_leaves, struct sk_buff *skb)
{
	struct sock *sk = BPF_CORE_READ(skb, sk);
	struct gadget_socket_value *value;
	struct gadget_socket_key key;
	__u64 socket = (__u64)sk;

	if (!sk)
		return 0;
	if (gadget_is_tcp(sk)) {
		value = bpf_map_lookup_elem(&connecting, &socket);
		if (!value || !key_of(&key, sk))
			return 0;
		bpf_map_update_elem(&gadget_sockets, &key, value, BPF_ANY);
		bpf_map_delete_elem(&connecting, &socket);
	} else if (gadget_is_udp(sk) && key_of(&key, sk)) {
		/* The sender sends in its own context; it is looked at once for each socket. */
		value = bpf_map_lookup_elem(&gadget_sockets, &key);
		if (!value || value->sock != socket)
			publish(sk, gadget_current(), BPF_ANY);
	}
	return 0;
}

SEC("iter/task_file")
int seed_sockets(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct sock *sk;

	if (!task || !file)
		return 0;
	sk = gadget_socket_of_file(file);
	if (!sk || !(gadget_is_tcp(sk) || gadget_is_udp(sk)) || !gadget_socket_local_port(sk))
		return 0;
	/* A listener goes before the connections that it accepted: they have its port. */
	publish(sk, task,
		BPF_CORE_READ(sk, __sk_common.skc_state) == TCP_LISTEN ? BPF_ANY : BPF_NOEXIST);
	return 0;
}

/* What was closed a while ago goes. */
GADGET_ITER_TARGET_MAP(forget_sockets, gadget_sockets);
SEC("iter/bpf_map_elem")
int forget_sockets(struct bpf_iter__bpf_map_elem *ctx)
{
	struct gadget_socket_value *value = ctx->value;
	struct gadget_socket_key *key = ctx->key, copy;

	if (!key || !value || !value->deletion_timestamp ||
	    bpf_ktime_get_boot_ns() - value->deletion_timestamp < LINGER_NS)
		return 0;
	copy = *key;
	bpf_map_delete_elem(&gadget_sockets, &copy);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
