// SPDX-License-Identifier: GPL-2.0
// top_tcp: bytes that go over each TCP connection, by process.
//
// Where the kernel lets us into its functions, each send and receive counts for the process that
// does it. Elsewhere the sockets' own counters are read, just before the table is, and when one
// closes: they say the same of a connection, but nothing of the processes that share it.
#include <gadget/common.h>
#include <gadget/macros.h>
#include <gadget/process_leader.h>
#include <gadget/tcp_owners.h>

struct connection {
	struct gadget_process proc; /* tid: the process's first thread */
	struct gadget_l4endpoint_t src;
	struct gadget_l4endpoint_t dst;
};

struct traffic {
	gadget_bytes sent_raw;
	gadget_bytes received_raw;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 131072);
	__type(key, struct connection);
	__type(value, struct traffic);
} connections SEC(".maps");
GADGET_LOST_UPDATES(connections);
GADGET_MAPITER(tcp, connections);

const volatile __s32 targ_family = -1;
GADGET_PARAM(targ_family);

/* The rest of the key; false where it is not wanted. */
static __always_inline bool read_endpoints(struct connection *connection, const struct sock *sk)
{
	gadget_socket_local(&connection->src, sk);
	gadget_socket_remote(&connection->dst, sk);
	return connection->dst.port && (targ_family < 0 || targ_family == connection->dst.version);
}

static __always_inline struct traffic *traffic_of(const struct connection *connection)
{
	struct traffic *traffic = bpf_map_lookup_elem(&connections, connection);
	struct traffic none = {};

	if (traffic)
		return traffic;
	gadget_update_map(&connections, connection, &none, BPF_NOEXIST);
	return bpf_map_lookup_elem(&connections, connection);
}

/* --- by the kernel's functions --- */

static __always_inline int transferred(const struct sock *sk, long sent, long received)
{
	struct connection connection = {};
	struct traffic *traffic;

	if ((sent <= 0 && received <= 0) || gadget_should_discard_data_current())
		return 0;
	gadget_process_populate_leader(&connection.proc);
	if (!read_endpoints(&connection, sk))
		return 0;
	traffic = traffic_of(&connection);
	if (!traffic)
		return 0;
	if (sent > 0)
		__sync_fetch_and_add(&traffic->sent_raw, sent);
	if (received > 0)
		__sync_fetch_and_add(&traffic->received_raw, received);
	return 0;
}

SEC("fexit/tcp_sendmsg")
int BPF_PROG(fexit_send, struct sock *sk, void *msg, unsigned long size, int ret)
{
	return transferred(sk, ret, 0);
}

/* sendfile(2) until 6.5 */
SEC("fexit/tcp_sendpage")
int BPF_PROG(fexit_sendpage, struct sock *sk, void *page, int offset, unsigned long size, int flags,
	     int ret)
{
	return transferred(sk, ret, 0);
}

SEC("fentry/tcp_cleanup_rbuf")
int BPF_PROG(fentry_receive, struct sock *sk, int copied)
{
	return transferred(sk, 0, copied);
}

/* The socket that a thread sends to. An LRU map, since a killed thread may never return. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 10240);
	__type(key, __u32);
	__type(value, __u64);
} sending SEC(".maps");

static __always_inline int send_begun(const struct sock *sk)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	__u64 socket = (__u64)sk;

	bpf_map_update_elem(&sending, &tid, &socket, BPF_ANY);
	return 0;
}

static __always_inline int send_ended(long ret)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	__u64 *socket = bpf_map_lookup_elem(&sending, &tid);

	if (!socket)
		return 0;
	transferred((const struct sock *)*socket, ret, 0);
	bpf_map_delete_elem(&sending, &tid);
	return 0;
}

SEC("kprobe/tcp_sendmsg")
int BPF_KPROBE(kprobe_send, struct sock *sk)
{
	return send_begun(sk);
}

SEC("kretprobe/tcp_sendmsg")
int BPF_KRETPROBE(kretprobe_send, int ret)
{
	return send_ended(ret);
}

SEC("kprobe/tcp_sendpage")
int BPF_KPROBE(kprobe_sendpage, struct sock *sk)
{
	return send_begun(sk);
}

SEC("kretprobe/tcp_sendpage")
int BPF_KRETPROBE(kretprobe_sendpage, int ret)
{
	return send_ended(ret);
}

SEC("kprobe/tcp_cleanup_rbuf")
int BPF_KPROBE(kprobe_receive, struct sock *sk, int copied)
{
	return transferred(sk, 0, copied);
}

/* --- by the sockets' counters --- */

/* What had gone over a connection before the recording. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 131072);
	__type(key, __u64); /* the socket */
	__type(value, struct traffic);
} before SEC(".maps");
GADGET_LOST_UPDATES(before);

static __always_inline void count_socket(const struct sock *sk, const struct gadget_process *owner)
{
	struct connection connection = {.proc = *owner};
	__u64 socket = (__u64)sk;
	struct traffic *earlier, *traffic;
	struct traffic now;

	connection.proc.tid = connection.proc.pid;
	if (!read_endpoints(&connection, sk))
		return;
	now.sent_raw = gadget_tcp_bytes_sent(sk);
	now.received_raw = gadget_tcp_bytes_received(sk);
	earlier = bpf_map_lookup_elem(&before, &socket);
	if (earlier) {
		now.sent_raw -= earlier->sent_raw;
		now.received_raw -= earlier->received_raw;
	}
	if (!now.sent_raw && !now.received_raw)
		return;
	traffic = traffic_of(&connection);
	if (traffic)
		*traffic = now;
}

SEC("iter/bpf_map_elem")
int read_counters(struct bpf_iter__bpf_map_elem *ctx)
{
	const struct gadget_tcp_owner *owner = ctx->value;
	const __u64 *socket = ctx->key;
	struct gadget_process proc;
	const struct sock *sk;

	if (!socket || !owner)
		return 0;
	sk = (const struct sock *)*socket;
	proc = owner->proc;
	if (gadget_socket_state(sk) != TCP_CLOSE)
		count_socket(sk, &proc);
	return 0;
}
GADGET_ITER_TARGET_MAP(read_counters, gadget_tcp_owners);

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(count_closed, const struct sock *sk, int old_state, int new_state)
{
	struct gadget_tcp_owner *owner;
	__u64 socket = (__u64)sk;

	if (new_state != TCP_CLOSE || gadget_socket_protocol(sk) != IPPROTO_TCP)
		return 0;
	owner = gadget_tcp_owner_of(sk);
	if (!owner)
		return 0;
	count_socket(sk, &owner->proc);
	bpf_map_delete_elem(&before, &socket);
	return 0;
}

/* After seed_owners, which finds out whose they are. */
SEC("iter/bpf_map_elem")
int seed_counters(struct bpf_iter__bpf_map_elem *ctx)
{
	const __u64 *socket = ctx->key;
	struct traffic traffic;
	const struct sock *sk;
	__u64 key;

	if (!socket)
		return 0;
	key = *socket;
	sk = (const struct sock *)key;
	traffic.sent_raw = gadget_tcp_bytes_sent(sk);
	traffic.received_raw = gadget_tcp_bytes_received(sk);
	gadget_update_map(&before, &key, &traffic, BPF_NOEXIST);
	return 0;
}
GADGET_ITER_TARGET_MAP(seed_counters, gadget_tcp_owners);

char LICENSE[] SEC("license") = "GPL";
