// SPDX-License-Identifier: GPL-2.0
// trace_tcp: TCP connections that were opened, accepted, refused, and closed.
//
// What becomes of a connection is seen by the state changes of its socket, in anybody's context. So
// `connections` remembers who opened or accepted it. The calls themselves tell the file
// descriptors, who accepts, and the failures that happen before a socket changes its state.
#include <gadget/common.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>
#include <gadget/buffer.h>
#include <gadget/filter.h>
#include <gadget/macros.h>
#include <gadget/path.h>
#include <gadget/socket.h>

#define EAGAIN		    11
#define ECONNABORTED	    103
#define FIRST_RESTART_ERROR 512 /* from here on the call is only started again */
#define NO_FD		    -1

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
	gadget_duration
	    duration_raw; /* of a connect until its result, of a close since it was opened */
};

GADGET_TRACER_MAP(events, 8 << 20);
GADGET_TRACER(tracetcp, events, event);

const volatile bool accept_only = false;
GADGET_PARAM(accept_only);
const volatile bool connect_only = false;
GADGET_PARAM(connect_only);
const volatile bool failure_only = false;
GADGET_PARAM(failure_only);

struct connection {
	struct gadget_process proc;
	__u64 since;
	__s32 fd;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 131072);
	__type(key, __u64); /* the socket */
	__type(value, struct connection);
} connections SEC(".maps");
GADGET_LOST_UPDATES(connections);

struct call {
	__u64 socket; /* that is to be connected */
	__u64 addr;   /* user address */
	__u32 tried;  /* the socket took it up, and will tell the result */
	__s32 fd;
};

/* Calls between entry and exit, by thread. An LRU map, since a killed thread never exits from its
 * call. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 10240);
	__type(key, __u32);
	__type(value, struct call);
} pending SEC(".maps");

static __always_inline bool is_wanted(enum event_type type, int error)
{
	if (failure_only && !error)
		return false;
	if (!accept_only && !connect_only)
		return true;
	return (accept_only && type == accept) || (connect_only && type == connect);
}

static __always_inline struct event *begin_event(const struct connection *connection,
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
	event->proc = connection->proc;
	event->netns_id = gadget_netns_id_of_socket(sk);
	gadget_socket_local(&event->src, sk);
	gadget_socket_remote(&event->dst, sk);
	event->type_raw = type;
	event->error_raw = error;
	event->fd = connection->fd;
	event->accept_fd = NO_FD;
	return event;
}

static __always_inline void fill_connection(struct connection *connection, struct task_struct *task,
					    int fd)
{
	__builtin_memset(connection, 0, sizeof(*connection));
	gadget_process_populate_from_task(&connection->proc, task);
	connection->since = bpf_ktime_get_boot_ns();
	connection->fd = fd;
}

/* --- by the socket's state --- */

static __always_inline struct call *call_on(const struct sock *sk)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct call *call = bpf_map_lookup_elem(&pending, &tid);

	return call && call->socket == (__u64)sk ? call : NULL;
}

static __always_inline void connect_begun(const struct sock *sk)
{
	struct call *call = call_on(sk);
	struct connection connection;
	__u64 socket = (__u64)sk;

	if (gadget_should_discard_data_current())
		return;
	if (call)
		call->tried = 1;
	fill_connection(&connection, gadget_current(), call ? call->fd : NO_FD);
	gadget_update_map(&connections, &socket, &connection, BPF_ANY);
}

static __always_inline void connect_ended(struct connection *connection, const struct sock *sk,
					  int error)
{
	struct event *event = begin_event(connection, sk, connect, error);
	__u64 now = bpf_ktime_get_boot_ns();

	if (event) {
		event->duration_raw = now - connection->since;
		gadget_submit_buf(ctx, &events, event, sizeof(*event));
	}
	connection->since = now;
}

static __always_inline void connect_failed(struct connection *connection, const struct sock *sk)
{
	int error = BPF_CORE_READ(sk, sk_err);
	struct call *call = error ? NULL : call_on(sk);

	if (call)
		call->tried = 0; /* it ends at once, and its exit knows why */
	else
		connect_ended(connection, sk, error ? error : ECONNABORTED);
}

static __always_inline void closed(struct connection *connection, const struct sock *sk)
{
	struct event *event = begin_event(connection, sk, close, BPF_CORE_READ(sk, sk_err));

	if (!event)
		return;
	event->sent_raw = gadget_tcp_bytes_sent(sk);
	event->received_raw = gadget_tcp_bytes_received(sk);
	event->duration_raw = event->timestamp_raw - connection->since;
	gadget_submit_buf(ctx, &events, event, sizeof(*event));
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(tcp_state, const struct sock *sk, int old_state, int new_state)
{
	struct connection *connection;
	__u64 socket = (__u64)sk;

	if (gadget_socket_protocol(sk) != IPPROTO_TCP)
		return 0;
	if (new_state == TCP_SYN_SENT) {
		connect_begun(sk);
		return 0;
	}
	if (new_state != TCP_ESTABLISHED && new_state != TCP_CLOSE)
		return 0;
	connection = bpf_map_lookup_elem(&connections, &socket);
	if (!connection)
		return 0;
	if (new_state == TCP_ESTABLISHED) {
		connect_ended(connection, sk, 0);
		return 0;
	}
	if (old_state == TCP_SYN_SENT)
		connect_failed(connection, sk);
	else
		closed(connection, sk);
	bpf_map_delete_elem(&connections, &socket);
	return 0;
}

/* --- by the call --- */

static __always_inline struct sock *tcp_socket_of_fd(int fd)
{
	struct sock *sk = gadget_socket_of_file(gadget_file_of_fd(gadget_current(), fd));

	return sk && gadget_is_tcp(sk) ? sk : NULL;
}

SEC("tracepoint/syscalls/sys_enter_connect")
int enter_connect(struct trace_event_raw_sys_enter *ctx)
{
	struct call call = {.fd = ctx->args[0], .addr = ctx->args[1]};
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct sock *sk;

	if (gadget_should_discard_data_current())
		return 0;
	sk = tcp_socket_of_fd(call.fd);
	/* else it only asks for the result of an earlier call */
	if (!sk || BPF_CORE_READ(sk, sk_socket, state) != SS_UNCONNECTED)
		return 0;
	call.socket = (__u64)sk;
	bpf_map_update_elem(&pending, &tid, &call, BPF_ANY);
	return 0;
}

static __always_inline void read_user_address(struct gadget_l4endpoint_t *endpoint, __u64 addr)
{
	struct sockaddr_in6 sin6 = {};
	struct sockaddr_in sin = {};

	bpf_probe_read_user(&sin, sizeof(sin), (void *)addr);
	endpoint->port = bpf_ntohs(sin.sin_port);
	if (sin.sin_family == AF_INET) {
		gadget_endpoint_set_v4(endpoint, sin.sin_addr.s_addr);
	} else if (sin.sin_family == AF_INET6) {
		bpf_probe_read_user(&sin6, sizeof(sin6), (void *)addr);
		gadget_endpoint_set_v6(endpoint, &sin6.sin6_addr);
	}
}

SEC("tracepoint/syscalls/sys_exit_connect")
int exit_connect(struct trace_event_raw_sys_exit *ctx)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct call *call = bpf_map_lookup_elem(&pending, &tid);
	struct connection connection;
	struct event *event;

	if (!call)
		return 0;
	if (!call->tried && ctx->ret < 0 && ctx->ret > -FIRST_RESTART_ERROR) {
		fill_connection(&connection, gadget_current(), call->fd);
		event = begin_event(&connection, (struct sock *)call->socket, connect, -ctx->ret);
		if (event) {
			read_user_address(&event->dst, call->addr);
			gadget_submit_buf(ctx, &events, event, sizeof(*event));
		}
	}
	bpf_map_delete_elem(&pending, &tid);
	return 0;
}

static __always_inline int accept_begun(struct trace_event_raw_sys_enter *ctx)
{
	struct call call = {.fd = ctx->args[0]};
	__u32 tid = (__u32)bpf_get_current_pid_tgid();

	if (!gadget_should_discard_data_current())
		bpf_map_update_elem(&pending, &tid, &call, BPF_ANY);
	return 0;
}

static __always_inline void accepted(const struct call *call, int fd, int error)
{
	struct sock *sk = tcp_socket_of_fd(error ? call->fd : fd);
	struct connection connection;
	__u64 socket = (__u64)sk;
	struct event *event;

	if (!sk)
		return;
	fill_connection(&connection, gadget_current(), call->fd);
	event = begin_event(&connection, sk, accept, error);
	if (event) {
		event->accept_fd = error ? NO_FD : fd;
		gadget_submit_buf(ctx, &events, event, sizeof(*event));
	}
	connection.fd = fd;
	if (!error && gadget_socket_state(sk) != TCP_CLOSE)
		gadget_update_map(&connections, &socket, &connection, BPF_ANY);
}

static __always_inline int accept_ended(struct trace_event_raw_sys_exit *ctx)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct call *call = bpf_map_lookup_elem(&pending, &tid);

	if (!call)
		return 0;
	if (ctx->ret >= 0)
		accepted(call, ctx->ret, 0);
	else if (ctx->ret != -EAGAIN && ctx->ret > -FIRST_RESTART_ERROR)
		accepted(call, NO_FD, -ctx->ret);
	bpf_map_delete_elem(&pending, &tid);
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
	struct connection connection;
	__u64 socket = (__u64)sk;
	unsigned char state;

	if (!sk || !task || !gadget_is_tcp(sk))
		return 0;
	state = gadget_socket_state(sk);
	if (state == TCP_CLOSE || state == TCP_LISTEN)
		return 0;
	fill_connection(&connection, task, ctx->fd);
	if (!gadget_should_discard_process(&connection.proc))
		gadget_update_map(&connections, &socket, &connection, BPF_NOEXIST);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
