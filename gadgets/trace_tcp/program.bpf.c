// SPDX-License-Identifier: GPL-2.0
// trace_tcp: TCP connections that were opened, accepted, refused, and closed; and at the end of the
// recording those that are still open.
//
// What becomes of a connection is seen by the state changes of its socket, in anybody's context. So
// gadget_tcp_owners remembers who opened or accepted it. The calls themselves tell the file
// descriptors, who accepts, and the failures that happen before a socket changes its state.
#include <gadget/common.h>
#include <bpf/bpf_tracing.h>
#include <gadget/macros.h>
#include <gadget/tcp.h>
#include <gadget/tcp_connect.h>

#define EAGAIN 11

enum event_type {
	connect = 1,
	accept,
	close,
};

struct event {
	gadget_timestamp timestamp_raw;
	struct gadget_process proc; /* who opened or accepted the connection */
	gadget_netns_id netns_id;
	struct gadget_l4endpoint_t src; /* our end */
	struct gadget_l4endpoint_t dst; /* the peer */
	enum event_type type_raw;
	gadget_errno error_raw;
	__s32 fd;	 /* of an accept: the listening one */
	__s32 accept_fd; /* -1 for all but an accept */
	gadget_bytes sent_raw;
	gadget_bytes received_raw;
	/* of a connect until its result, of an accept since the handshake, of a close since the
	 * connection was opened */
	gadget_duration duration_raw;
};

GADGET_TRACER_MAP(events, 8 << 20);
GADGET_TRACER(tracetcp, events, event);

const volatile bool accept_only = false;
GADGET_PARAM(accept_only);
const volatile bool connect_only = false;
GADGET_PARAM(connect_only);
const volatile bool failure_only = false;
GADGET_PARAM(failure_only);

/* When the handshakes of connections ended that wait to be accepted. An LRU map: the worst that a
 * missing entry does is an accept without a duration. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 32768);
	__type(key, __u64); /* the socket */
	__type(value, __u64);
} waiting SEC(".maps");

static __always_inline bool is_wanted(enum event_type type, int error)
{
	if (failure_only && !error)
		return false;
	if (!accept_only && !connect_only)
		return true;
	return (accept_only && type == accept) || (connect_only && type == connect);
}

static __always_inline struct event *begin_event(const struct gadget_tcp_owner *owner,
						 const struct sock *sk, enum event_type type,
						 int error)
{
	struct event *event;

	if (!is_wanted(type, error))
		return NULL;
	event = gadget_reserve_buf(&events, sizeof(*event));
	if (!event)
		return NULL;
	__builtin_memset(event, 0, sizeof(*event));
	event->timestamp_raw = bpf_ktime_get_boot_ns();
	event->proc = owner->proc;
	event->netns_id = gadget_netns_id_of_socket(sk);
	gadget_socket_local(&event->src, sk);
	gadget_socket_remote(&event->dst, sk);
	event->type_raw = type;
	event->error_raw = error;
	event->fd = owner->fd;
	event->accept_fd = GADGET_NO_FD;
	return event;
}

/* --- by the socket's state --- */

static __always_inline void gadget_tcp_connected(struct gadget_tcp_owner *owner,
						 const struct sock *sk, int error,
						 const struct gadget_tcp_call *call)
{
	struct event *event = begin_event(owner, sk, connect, error);
	__u64 now = bpf_ktime_get_boot_ns();

	if (event) {
		if (call)
			gadget_tcp_call_peer(&event->dst, call);
		else
			event->duration_raw = now - owner->since;
		gadget_submit_buf(ctx, &events, event, sizeof(*event));
	}
	owner->since = now;
}

static __always_inline void came_in(const struct sock *sk)
{
	__u64 socket = (__u64)sk, now = bpf_ktime_get_boot_ns();

	bpf_map_update_elem(&waiting, &socket, &now, BPF_ANY);
}

static __always_inline void closed(const struct sock *sk)
{
	struct gadget_tcp_owner *owner = gadget_tcp_owner_of(sk);
	__u64 socket = (__u64)sk;
	struct event *event;

	bpf_map_delete_elem(&waiting, &socket);
	if (!owner)
		return;
	event = begin_event(owner, sk, close, BPF_CORE_READ(sk, sk_err));
	if (event) {
		event->sent_raw = gadget_tcp_bytes_sent(sk);
		event->received_raw = gadget_tcp_bytes_received(sk);
		event->duration_raw = event->timestamp_raw - owner->since;
		gadget_submit_buf(ctx, &events, event, sizeof(*event));
	}
	gadget_tcp_owner_forget(sk);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(tcp_state, const struct sock *sk, int old_state, int new_state)
{
	if (gadget_socket_protocol(sk) != IPPROTO_TCP)
		return 0;
	if (old_state == TCP_SYN_RECV && new_state == TCP_ESTABLISHED)
		came_in(sk);
	if (!gadget_tcp_connect_state(sk, old_state, new_state) && new_state == TCP_CLOSE)
		closed(sk);
	return 0;
}

/* --- by the call --- */

static __always_inline int accept_begun(struct trace_event_raw_sys_enter *ctx)
{
	struct gadget_tcp_call call = {.fd = ctx->args[0]};

	if (!gadget_should_discard_data_current())
		gadget_tcp_connect_enter(&call);
	return 0;
}

static __always_inline void accepted(int listener_fd, int fd, int error)
{
	struct sock *sk = gadget_tcp_socket_of_fd(error ? listener_fd : fd);
	struct gadget_tcp_owner owner;
	__u64 socket = (__u64)sk;
	struct event *event;
	__u64 *since;

	if (!sk)
		return;
	gadget_tcp_owner_fill(&owner, gadget_current(), listener_fd);
	owner.accepted = 1;
	since = bpf_map_lookup_elem(&waiting, &socket);
	event = begin_event(&owner, sk, accept, error);
	if (event) {
		event->accept_fd = error ? GADGET_NO_FD : fd;
		if (since)
			event->duration_raw = event->timestamp_raw - *since;
		gadget_submit_buf(ctx, &events, event, sizeof(*event));
	}
	bpf_map_delete_elem(&waiting, &socket);
	owner.fd = fd;
	if (!error && gadget_socket_state(sk) != TCP_CLOSE)
		gadget_tcp_owner_set(sk, &owner, BPF_ANY);
}

/* A server that was waiting already when the recording began only leaves its call. */
static __always_inline int accept_ended(struct trace_event_raw_sys_exit *ctx)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct gadget_tcp_call *call = bpf_map_lookup_elem(&gadget_tcp_calls, &tid);

	if (ctx->ret >= 0 && (call || !gadget_should_discard_data_current()))
		accepted(call ? call->fd : GADGET_NO_FD, ctx->ret, 0);
	else if (call && ctx->ret != -EAGAIN && ctx->ret > -GADGET_FIRST_RESTART_ERROR)
		accepted(call->fd, GADGET_NO_FD, -ctx->ret);
	if (call)
		bpf_map_delete_elem(&gadget_tcp_calls, &tid);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_accept")
int enter_accept(struct trace_event_raw_sys_enter *ctx)
{
	return accept_begun(ctx);
}

SEC("tracepoint/syscalls/sys_enter_accept4")
int enter_accept4(struct trace_event_raw_sys_enter *ctx)
{
	return accept_begun(ctx);
}

SEC("tracepoint/syscalls/sys_exit_accept")
int exit_accept(struct trace_event_raw_sys_exit *ctx)
{
	return accept_ended(ctx);
}

SEC("tracepoint/syscalls/sys_exit_accept4")
int exit_accept4(struct trace_event_raw_sys_exit *ctx)
{
	return accept_ended(ctx);
}

/* --- what was open before, so that its close has an owner --- */

SEC("iter/task_file")
int seed_connections(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct sock *sk = ctx->file ? gadget_socket_of_file(ctx->file) : NULL;
	struct gadget_tcp_owner owner;
	unsigned char state;

	if (!sk || !task || !gadget_is_tcp(sk))
		return 0;
	state = gadget_socket_state(sk);
	if (state == TCP_CLOSE || state == TCP_LISTEN)
		return 0;
	gadget_tcp_owner_fill(&owner, task, ctx->fd);
	if (!gadget_should_discard_process(&owner.proc))
		gadget_tcp_owner_set(sk, &owner, BPF_NOEXIST);
	return 0;
}

/* --- what is open at the end, since its bytes would be told by a close only --- */

struct open_key {
	struct gadget_l4endpoint_t src;
	struct gadget_l4endpoint_t dst;
	gadget_netns_id netns_id;
};

struct open_connection {
	struct gadget_process proc; /* who opened or accepted the connection */
	gadget_timestamp since_raw;
	enum tcp_state state_raw;
	__s32 fd;
	gadget_bytes sent_raw;
	gadget_bytes received_raw;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 131072);
	__type(key, struct open_key);
	__type(value, struct open_connection);
} still_open SEC(".maps");
GADGET_LOST_UPDATES(still_open);
GADGET_MAPITER(open, still_open);

SEC("iter/bpf_map_elem")
int list_open(struct bpf_iter__bpf_map_elem *ctx)
{
	const struct gadget_tcp_owner *owner = ctx->value;
	struct open_connection connection = {};
	const __u64 *socket = ctx->key;
	struct open_key key = {};
	const struct sock *sk;

	if (!socket || !owner)
		return 0;
	sk = (const struct sock *)*socket;
	connection.state_raw = gadget_socket_state(sk);
	if (connection.state_raw == CLOSE || connection.state_raw == SYN_SENT)
		return 0;
	gadget_socket_local(&key.src, sk);
	gadget_socket_remote(&key.dst, sk);
	key.netns_id = gadget_netns_id_of_socket(sk);
	connection.proc = owner->proc;
	connection.since_raw = owner->since;
	connection.fd = owner->fd;
	connection.sent_raw = gadget_tcp_bytes_sent(sk);
	connection.received_raw = gadget_tcp_bytes_received(sk);
	gadget_update_map(&still_open, &key, &connection, BPF_ANY);
	return 0;
}
GADGET_ITER_TARGET_MAP(list_open, gadget_tcp_owners);

char LICENSE[] SEC("license") = "GPL";
