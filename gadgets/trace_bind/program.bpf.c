// SPDX-License-Identifier: GPL-2.0
// trace_bind: addresses that sockets were given by bind(2).
#include <gadget/common.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>
#include <gadget/buffer.h>
#include <gadget/filter.h>
#include <gadget/macros.h>
#include <gadget/path.h>
#include <gadget/socket.h>

enum bind_options_set {
	FREEBIND = 1,
	TRANSPARENT = 2,
	BIND_ADDRESS_NO_PORT = 4,
	REUSEADDRESS = 8,
	REUSEPORT = 16,
};

struct event {
	gadget_timestamp timestamp_raw;
	struct gadget_process proc;
	struct gadget_l4endpoint_t addr;
	gadget_errno error_raw;
	enum bind_options_set opts_raw;
	__u32 bound_dev_if;
	gadget_netns_id netns_id;
	__s32 fd;
};

GADGET_TRACER_MAP(events, 8 << 20);
GADGET_TRACER(bind, events, event);

const volatile bool ignore_errors = true;
GADGET_PARAM(ignore_errors);

/* Calls between entry and exit, by thread. An LRU map, since a killed thread never exits. */
struct call {
	__u64 socket; /* struct sock */
	__u64 addr;   /* user's, or the kernel's copy of it */
	__s32 fd;
	bool kernel_addr;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 10240);
	__type(key, __u32);
	__type(value, struct call);
} calls SEC(".maps");

/* Until 6.6 bits of their own. */
struct inet_sock___with_bits {
	__u8 freebind : 1;
	__u8 transparent : 1;
	__u8 bind_address_no_port : 1;
} __attribute__((preserve_access_index));

struct inet_sock___with_flags {
	unsigned long inet_flags;
} __attribute__((preserve_access_index));

#define INET_FLAGS_FREEBIND		11
#define INET_FLAGS_TRANSPARENT		15
#define INET_FLAGS_BIND_ADDRESS_NO_PORT 18

#define OPTION(set, option)		((set) ? (option) : 0)

static __always_inline __u32 inet_options(const struct sock *sk)
{
	const struct inet_sock___with_flags *with_flags = (const void *)sk;
	const struct inet_sock___with_bits *with_bits = (const void *)sk;
	unsigned long flags;

	if (bpf_core_field_exists(with_flags->inet_flags)) {
		flags = BPF_CORE_READ(with_flags, inet_flags);
		return OPTION(flags & 1ul << INET_FLAGS_FREEBIND, FREEBIND) |
		       OPTION(flags & 1ul << INET_FLAGS_TRANSPARENT, TRANSPARENT) |
		       OPTION(flags & 1ul << INET_FLAGS_BIND_ADDRESS_NO_PORT, BIND_ADDRESS_NO_PORT);
	}
	return OPTION(BPF_CORE_READ_BITFIELD_PROBED(with_bits, freebind), FREEBIND) |
	       OPTION(BPF_CORE_READ_BITFIELD_PROBED(with_bits, transparent), TRANSPARENT) |
	       OPTION(BPF_CORE_READ_BITFIELD_PROBED(with_bits, bind_address_no_port),
		      BIND_ADDRESS_NO_PORT);
}

static __always_inline enum bind_options_set options_of(const struct sock *sk)
{
	return inet_options(sk) |
	       OPTION(BPF_CORE_READ_BITFIELD_PROBED(sk, __sk_common.skc_reuse), REUSEADDRESS) |
	       OPTION(BPF_CORE_READ_BITFIELD_PROBED(sk, __sk_common.skc_reuseport), REUSEPORT);
}

static __always_inline void read_call(const struct call *call, void *dst, __u32 size)
{
	if (call->kernel_addr)
		bpf_probe_read_kernel(dst, size, (void *)call->addr);
	else
		bpf_probe_read_user(dst, size, (void *)call->addr);
}

/* What was asked for: all that there is when it was refused. */
static __always_inline void read_address(struct gadget_l4endpoint_t *endpoint,
					 const struct call *call)
{
	struct sockaddr_in6 sin6 = {};
	struct sockaddr_in sin = {};

	read_call(call, &sin, sizeof(sin));
	endpoint->port = bpf_ntohs(sin.sin_port);
	if (sin.sin_family == AF_INET6) {
		read_call(call, &sin6, sizeof(sin6));
		gadget_endpoint_set_v6(endpoint, &sin6.sin6_addr);
	} else {
		gadget_endpoint_set_v4(endpoint, sin.sin_addr.s_addr);
	}
}

static __always_inline int bind_begun(const struct sock *sk, __u64 addr, bool kernel_addr, int fd)
{
	struct call call = {
	    .socket = (__u64)sk, .addr = addr, .fd = fd, .kernel_addr = kernel_addr};
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	__u16 family = gadget_socket_family(sk);

	if ((family == AF_INET || family == AF_INET6) && !gadget_should_discard_data_current())
		bpf_map_update_elem(&calls, &tid, &call, BPF_ANY);
	return 0;
}

static __always_inline void bind_ended(const struct call *call, int error)
{
	const struct sock *sk = (const struct sock *)call->socket;
	struct event *event;

	if (error && ignore_errors)
		return;
	event = gadget_reserve_buf(&events, sizeof(*event));
	if (!event)
		return;
	__builtin_memset(event, 0, sizeof(*event));
	event->timestamp_raw = bpf_ktime_get_boot_ns();
	gadget_process_populate(&event->proc);
	/* The port that was asked for may have been 0. */
	gadget_socket_local(&event->addr, sk);
	if (error)
		read_address(&event->addr, call);
	event->error_raw = error;
	event->opts_raw = options_of(sk);
	event->bound_dev_if = BPF_CORE_READ(sk, __sk_common.skc_bound_dev_if);
	event->netns_id = gadget_netns_id_of_socket(sk);
	event->fd = call->fd;
	gadget_submit_buf(ctx, &events, event, sizeof(*event));
}

static __always_inline int bind_exits(long ret)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct call *call = bpf_map_lookup_elem(&calls, &tid);

	if (!call)
		return 0;
	bind_ended(call, ret < 0 ? -ret : 0);
	bpf_map_delete_elem(&calls, &tid);
	return 0;
}

/* --- by the call --- */

SEC("tracepoint/syscalls/sys_enter_bind")
int enter_bind(struct trace_event_raw_sys_enter *ctx)
{
	int fd = ctx->args[0];
	struct sock *sk = gadget_socket_of_file(gadget_file_of_fd(gadget_current(), fd));

	return sk ? bind_begun(sk, ctx->args[1], false, fd) : 0;
}

SEC("tracepoint/syscalls/sys_exit_bind")
int exit_bind(struct trace_event_raw_sys_exit *ctx)
{
	return bind_exits(ctx->ret);
}

/* --- by the kernel's functions --- */

static __always_inline int function_begun(struct socket *socket, const void *addr)
{
	return bind_begun(BPF_CORE_READ(socket, sk), (__u64)addr, true, -1);
}

SEC("fentry/inet_bind")
int BPF_PROG(fentry_bind4, struct socket *socket, void *addr)
{
	return function_begun(socket, addr);
}

SEC("fentry/inet6_bind")
int BPF_PROG(fentry_bind6, struct socket *socket, void *addr)
{
	return function_begun(socket, addr);
}

SEC("fexit/inet_bind")
int BPF_PROG(fexit_bind4, struct socket *socket, void *addr, int len, int ret)
{
	return bind_exits(ret);
}

SEC("fexit/inet6_bind")
int BPF_PROG(fexit_bind6, struct socket *socket, void *addr, int len, int ret)
{
	return bind_exits(ret);
}

SEC("kprobe/inet_bind")
int BPF_KPROBE(kprobe_bind4, struct socket *socket, void *addr)
{
	return function_begun(socket, addr);
}

SEC("kprobe/inet6_bind")
int BPF_KPROBE(kprobe_bind6, struct socket *socket, void *addr)
{
	return function_begun(socket, addr);
}

SEC("kretprobe/inet_bind")
int BPF_KRETPROBE(kretprobe_bind4, int ret)
{
	return bind_exits(ret);
}

SEC("kretprobe/inet6_bind")
int BPF_KRETPROBE(kretprobe_bind6, int ret)
{
	return bind_exits(ret);
}

char LICENSE[] SEC("license") = "GPL";
