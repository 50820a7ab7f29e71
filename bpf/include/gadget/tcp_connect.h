/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Connects with their results. A connect begins in its caller's context, which is remembered in
 * gadget_tcp_owners; its result comes with a state change of the socket, in anybody's. What fails
 * before the socket changes its state (no route) is known to the call only, so the call is watched
 * too, by one rung of these:
 *
 *	syscall		enter_connect, exit_connect; alone in knowing the file descriptor
 *	fentry, kprobe	tcp_v4_connect() and tcp_v6_connect(): also of io_uring and 32-bit programs
 *
 * The includer calls gadget_tcp_connect_state() from its program on inet_sock_set_state and
 * defines gadget_tcp_connected(), which is told each result.
 */
#ifndef GADGET_TCP_CONNECT_H
#define GADGET_TCP_CONNECT_H

#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>
#include <gadget/tcp_owner.h>

#define GADGET_ECONNABORTED	   103
#define GADGET_FIRST_RESTART_ERROR 512 /* from here on the call is only started again */

/* A call between its entry and its exit. */
struct gadget_tcp_call {
	__u64 socket; /* that is to be connected; 0: the call is none that connects */
	__u64 addr;   /* of the peer's address */
	__u32 tried;  /* the socket took it up, and will tell the result */
	__s32 fd;
	bool kernel_addr; /* the address was copied from the caller already */
};

/* By thread. An LRU map, since a killed thread never exits from its call. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 10240);
	__type(key, __u32);
	__type(value, struct gadget_tcp_call);
} gadget_tcp_calls SEC(".maps");

/* The includer's. `call`: of a failure that the socket never saw, so that only the call knows the
 * peer; else NULL. */
static __always_inline void gadget_tcp_connected(struct gadget_tcp_owner *owner,
						 const struct sock *sk, int error,
						 const struct gadget_tcp_call *call);

static __always_inline struct gadget_tcp_call *gadget_tcp_call_on(const struct sock *sk)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct gadget_tcp_call *call = bpf_map_lookup_elem(&gadget_tcp_calls, &tid);

	return call && call->socket == (__u64)sk ? call : NULL;
}

/* --- by the socket's state --- */

static __always_inline void gadget_tcp_connect_begun(const struct sock *sk)
{
	struct gadget_tcp_call *call = gadget_tcp_call_on(sk);
	struct gadget_tcp_owner owner;

	if (gadget_should_discard_data_current())
		return;
	if (call)
		call->tried = 1;
	gadget_tcp_owner_fill(&owner, gadget_current(), call ? call->fd : GADGET_NO_FD);
	gadget_tcp_owner_set(sk, &owner, BPF_ANY);
}

static __always_inline void gadget_tcp_connect_failed(struct gadget_tcp_owner *owner,
						      const struct sock *sk)
{
	int error = BPF_CORE_READ(sk, sk_err);
	struct gadget_tcp_call *call = error ? NULL : gadget_tcp_call_on(sk);

	if (call)
		call->tried = 0; /* it ends at once, and its exit knows why */
	else
		gadget_tcp_connected(owner, sk, error ? error : GADGET_ECONNABORTED, NULL);
}

/* Says whether the change was all about a connect. Forgets the owners of those that failed. */
static __always_inline bool gadget_tcp_connect_state(const struct sock *sk, int old_state,
						     int new_state)
{
	struct gadget_tcp_owner *owner;

	if (new_state == TCP_SYN_SENT) {
		gadget_tcp_connect_begun(sk);
		return true;
	}
	if (new_state != TCP_ESTABLISHED && (new_state != TCP_CLOSE || old_state != TCP_SYN_SENT))
		return false;
	owner = gadget_tcp_owner_of(sk);
	if (!owner)
		return true;
	if (new_state == TCP_CLOSE) {
		gadget_tcp_connect_failed(owner, sk);
		gadget_tcp_owner_forget(sk);
	} else if (!owner->accepted) {
		gadget_tcp_connected(owner, sk, 0, NULL);
	}
	return true;
}

/* --- by the call --- */

static __always_inline void gadget_tcp_connect_enter(const struct gadget_tcp_call *call)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();

	bpf_map_update_elem(&gadget_tcp_calls, &tid, call, BPF_ANY);
}

static __always_inline int gadget_tcp_connect_exit(long ret)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct gadget_tcp_call *call = bpf_map_lookup_elem(&gadget_tcp_calls, &tid);
	struct gadget_tcp_owner owner;

	if (!call)
		return 0;
	if (call->socket && !call->tried && ret < 0 && ret > -GADGET_FIRST_RESTART_ERROR) {
		gadget_tcp_owner_fill(&owner, gadget_current(), call->fd);
		gadget_tcp_connected(&owner, (struct sock *)call->socket, -ret, call);
	}
	bpf_map_delete_elem(&gadget_tcp_calls, &tid);
	return 0;
}

static __always_inline void gadget_tcp_read_call(const struct gadget_tcp_call *call, void *dst,
						 __u32 size)
{
	if (call->kernel_addr)
		bpf_probe_read_kernel(dst, size, (void *)call->addr);
	else
		bpf_probe_read_user(dst, size, (void *)call->addr);
}

/* The peer that a call asked for. */
static __always_inline void gadget_tcp_call_peer(struct gadget_l4endpoint_t *endpoint,
						 const struct gadget_tcp_call *call)
{
	struct sockaddr_in6 sin6 = {};
	struct sockaddr_in sin = {};

	gadget_tcp_read_call(call, &sin, sizeof(sin));
	endpoint->port = bpf_ntohs(sin.sin_port);
	if (sin.sin_family == AF_INET) {
		gadget_endpoint_set_v4(endpoint, sin.sin_addr.s_addr);
	} else if (sin.sin_family == AF_INET6) {
		gadget_tcp_read_call(call, &sin6, sizeof(sin6));
		gadget_endpoint_set_v6(endpoint, &sin6.sin6_addr);
	}
}

SEC("tracepoint/syscalls/sys_enter_connect")
int enter_connect(struct trace_event_raw_sys_enter *ctx)
{
	struct gadget_tcp_call call = {.fd = ctx->args[0], .addr = ctx->args[1]};
	struct sock *sk;

	if (gadget_should_discard_data_current())
		return 0;
	sk = gadget_tcp_socket_of_fd(call.fd);
	/* else it only asks for the result of an earlier call */
	if (!sk || BPF_CORE_READ(sk, sk_socket, state) != SS_UNCONNECTED)
		return 0;
	call.socket = (__u64)sk;
	gadget_tcp_connect_enter(&call);
	return 0;
}

SEC("tracepoint/syscalls/sys_exit_connect")
int exit_connect(struct trace_event_raw_sys_exit *ctx)
{
	return gadget_tcp_connect_exit(ctx->ret);
}

#ifdef GADGET_TCP_CONNECT_BY_FUNCTION

static __always_inline int gadget_tcp_function_enter(const struct sock *sk, const void *addr)
{
	struct gadget_tcp_call call = {
	    .socket = (__u64)sk, .addr = (__u64)addr, .fd = GADGET_NO_FD, .kernel_addr = true};

	if (!gadget_should_discard_data_current())
		gadget_tcp_connect_enter(&call);
	return 0;
}

SEC("fentry/tcp_v4_connect")
int BPF_PROG(fentry_connect4, struct sock *sk, void *addr)
{
	return gadget_tcp_function_enter(sk, addr);
}

SEC("fentry/tcp_v6_connect")
int BPF_PROG(fentry_connect6, struct sock *sk, void *addr)
{
	return gadget_tcp_function_enter(sk, addr);
}

SEC("fexit/tcp_v4_connect")
int BPF_PROG(fexit_connect4, struct sock *sk, void *addr, int len, int ret)
{
	return gadget_tcp_connect_exit(ret);
}

SEC("fexit/tcp_v6_connect")
int BPF_PROG(fexit_connect6, struct sock *sk, void *addr, int len, int ret)
{
	return gadget_tcp_connect_exit(ret);
}

SEC("kprobe/tcp_v4_connect")
int BPF_KPROBE(kprobe_connect4, struct sock *sk, void *addr)
{
	return gadget_tcp_function_enter(sk, addr);
}

SEC("kprobe/tcp_v6_connect")
int BPF_KPROBE(kprobe_connect6, struct sock *sk, void *addr)
{
	return gadget_tcp_function_enter(sk, addr);
}

SEC("kretprobe/tcp_v4_connect")
int BPF_KRETPROBE(kretprobe_connect4, int ret)
{
	return gadget_tcp_connect_exit(ret);
}

SEC("kretprobe/tcp_v6_connect")
int BPF_KRETPROBE(kretprobe_connect6, int ret)
{
	return gadget_tcp_connect_exit(ret);
}

#endif
#endif
