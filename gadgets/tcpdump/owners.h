/* SPDX-License-Identifier: GPL-2.0 */
/* Who has the sockets: whoever bound, connected, listened or sent. What was there before is seeded.
 */
#ifndef OWNERS_H
#define OWNERS_H

#include <bpf/bpf_tracing.h>
#include <gadget/file.h>
#include <gadget/socket_owner.h>

static __always_inline int socket_bound(const struct sock *sk)
{
	if (gadget_is_udp(sk))
		gadget_socket_own(sk, gadget_current(), BPF_ANY);
	return 1;
}

/* --- where there are cgroup programs --- */

SEC("cgroup/post_bind4")
int bound4(struct bpf_sock *ctx)
{
	return socket_bound((struct sock *)ctx);
}

SEC("cgroup/post_bind6")
int bound6(struct bpf_sock *ctx)
{
	return socket_bound((struct sock *)ctx);
}

/* --- where there are none --- */

SEC("tp_btf/net_dev_queue")
int BPF_PROG(socket_sends, struct sk_buff *skb)
{
	struct sock *sk = BPF_CORE_READ(skb, sk);

	if (sk && gadget_is_udp(sk))
		gadget_socket_sends(sk);
	return 0;
}

/* Binds between entry and exit, by thread: the socket has its port only then. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __s32); /* file descriptor */
} binds SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_bind")
int enter_bind(struct trace_event_raw_sys_enter *ctx)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	__s32 fd = ctx->args[0];

	bpf_map_update_elem(&binds, &tid, &fd, BPF_ANY);
	return 0;
}

SEC("tracepoint/syscalls/sys_exit_bind")
int exit_bind(struct trace_event_raw_sys_exit *ctx)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	__s32 *fd = bpf_map_lookup_elem(&binds, &tid);
	struct sock *sk;

	if (!fd)
		return 0;
	sk = ctx->ret ? NULL : gadget_socket_of_file(gadget_file_of_fd(gadget_current(), *fd));
	if (sk)
		socket_bound(sk);
	bpf_map_delete_elem(&binds, &tid);
	return 0;
}

/* --- in both cases --- */

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(tcp_state, const struct sock *sk, int old_state, int new_state)
{
	if (gadget_is_tcp(sk))
		gadget_tcp_state_changed(sk, new_state);
	return 0;
}

SEC("iter/task_file")
int seed_owners(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct sock *sk = ctx->file ? gadget_socket_of_file(ctx->file) : NULL;

	if (sk && task &&
	    (gadget_is_udp(sk) || (gadget_is_tcp(sk) && gadget_socket_state(sk) != TCP_CLOSE)))
		gadget_socket_own(sk, task, BPF_NOEXIST);
	return 0;
}

#endif
