/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ends of any socket that the kernel's tables hold. Some in them are not whole: what a
 * connection leaves behind (TIME_WAIT) and one that is only asked for (NEW_SYN_RECV) have the first
 * part of a socket, sock_common, and nothing else that is in a socket's place.
 */
#ifndef SOCKETS_H
#define SOCKETS_H

#include <gadget/socket.h>
#include <gadget/tcp.h>

static __always_inline void fill_end(struct gadget_l4endpoint_t *end, const struct sock_common *sk,
				     __u16 protocol, bool local)
{
	struct in6_addr addr;

	__builtin_memset(end, 0, sizeof(*end));
	end->proto_raw = protocol;
	end->port = local ? BPF_CORE_READ(sk, skc_num) : bpf_ntohs(BPF_CORE_READ(sk, skc_dport));
	if (BPF_CORE_READ(sk, skc_family) != AF_INET6) {
		gadget_endpoint_set_v4(end, local ? BPF_CORE_READ(sk, skc_rcv_saddr)
						  : BPF_CORE_READ(sk, skc_daddr));
		return;
	}
	if (local)
		BPF_CORE_READ_INTO(&addr, sk, skc_v6_rcv_saddr);
	else
		BPF_CORE_READ_INTO(&addr, sk, skc_v6_daddr);
	gadget_endpoint_set_v6(end, &addr);
}

static __always_inline bool is_whole(const struct sock_common *sk)
{
	__u8 state = BPF_CORE_READ(sk, skc_state);

	return state != TIME_WAIT && state != NEW_SYN_RECV;
}

/* Of what is left behind, how far its end had come. */
static __always_inline enum tcp_state state_of(const struct sock_common *sk)
{
	__u8 state = BPF_CORE_READ(sk, skc_state);

	if (state == TIME_WAIT)
		return BPF_CORE_READ((const struct inet_timewait_sock *)sk, tw_substate);
	return state;
}

/* As /proc/PID/fd shows it; 0 where no process has it open any more. */
static __always_inline __u32 inode_of(const struct sock_common *sk)
{
	struct socket *socket;

	if (!is_whole(sk))
		return 0;
	socket = BPF_CORE_READ((const struct sock *)sk, sk_socket);
	return socket ? BPF_CORE_READ((struct socket_alloc *)socket, vfs_inode.i_ino) : 0;
}

#endif
