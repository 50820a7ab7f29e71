/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a socket says of itself: its addresses, its network namespace, and how to get from a file to
 * it. An IPv6 socket that speaks IPv4 (::ffff:a.b.c.d) is IPv4 here: that is what goes over the
 * wire and what policies are written in.
 */
#ifndef GADGET_SOCKET_H
#define GADGET_SOCKET_H

#include <vmlinux.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <gadget/types.h>

#define AF_INET		      2
#define AF_INET6	      10

#define __GADGET_SOCKFS_MAGIC 0x534f434b

static __always_inline gadget_netns_id gadget_netns_id_of_socket(const struct sock *sk)
{
	return BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
}

static __always_inline __u16 gadget_socket_family(const struct sock *sk)
{
	return BPF_CORE_READ(sk, __sk_common.skc_family);
}

static __always_inline __u16 gadget_socket_protocol(const struct sock *sk)
{
	return BPF_CORE_READ(sk, sk_protocol);
}

static __always_inline unsigned char gadget_socket_state(const struct sock *sk)
{
	return BPF_CORE_READ(sk, __sk_common.skc_state);
}

/* skc_num is already cleared when a closing socket has given its port back; the packets' port is
 * not. */
static __always_inline __u16 gadget_socket_local_port(const struct sock *sk)
{
	__u16 port = bpf_ntohs(BPF_CORE_READ((const struct inet_sock *)sk, inet_sport));

	return port ? port : BPF_CORE_READ(sk, __sk_common.skc_num);
}

static __always_inline __u16 gadget_socket_remote_port(const struct sock *sk)
{
	return bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
}

static __always_inline void gadget_endpoint_set_v4(struct gadget_l4endpoint_t *endpoint, __u32 addr)
{
	__builtin_memset(&endpoint->addr_raw, 0, sizeof(endpoint->addr_raw));
	endpoint->addr_raw.v4 = addr;
	endpoint->version = 4;
}

static __always_inline void gadget_endpoint_set_v6(struct gadget_l4endpoint_t *endpoint,
						   const struct in6_addr *addr)
{
	const __u32 *word = addr->in6_u.u6_addr32;

	if (!word[0] && !word[1] && word[2] == bpf_htonl(0xffff)) {
		gadget_endpoint_set_v4(endpoint, word[3]);
		return;
	}
	__builtin_memcpy(&endpoint->addr_raw, addr, sizeof(endpoint->addr_raw));
	endpoint->version = 6;
}

/* Both fill the whole endpoint, padding too, since endpoints are keys. */
static __always_inline void gadget_socket_local(struct gadget_l4endpoint_t *endpoint,
						const struct sock *sk)
{
	struct in6_addr addr;

	__builtin_memset(endpoint, 0, sizeof(*endpoint));
	endpoint->port = gadget_socket_local_port(sk);
	endpoint->proto_raw = gadget_socket_protocol(sk);
	if (gadget_socket_family(sk) != AF_INET6) {
		gadget_endpoint_set_v4(endpoint, BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr));
		return;
	}
	BPF_CORE_READ_INTO(&addr, sk, __sk_common.skc_v6_rcv_saddr);
	gadget_endpoint_set_v6(endpoint, &addr);
}

static __always_inline void gadget_socket_remote(struct gadget_l4endpoint_t *endpoint,
						 const struct sock *sk)
{
	struct in6_addr addr;

	__builtin_memset(endpoint, 0, sizeof(*endpoint));
	endpoint->port = gadget_socket_remote_port(sk);
	endpoint->proto_raw = gadget_socket_protocol(sk);
	if (gadget_socket_family(sk) != AF_INET6) {
		gadget_endpoint_set_v4(endpoint, BPF_CORE_READ(sk, __sk_common.skc_daddr));
		return;
	}
	BPF_CORE_READ_INTO(&addr, sk, __sk_common.skc_v6_daddr);
	gadget_endpoint_set_v6(endpoint, &addr);
}

static __always_inline bool gadget_is_tcp(const struct sock *sk)
{
	__u16 family = gadget_socket_family(sk);

	return (family == AF_INET || family == AF_INET6) &&
	       gadget_socket_protocol(sk) == IPPROTO_TCP;
}

static __always_inline bool gadget_is_udp(const struct sock *sk)
{
	__u16 family = gadget_socket_family(sk);

	return (family == AF_INET || family == AF_INET6) &&
	       gadget_socket_protocol(sk) == IPPROTO_UDP;
}

/* Bytes of payload, each counted once however often it was sent. */
static __always_inline __u64 gadget_tcp_bytes_sent(const struct sock *sk)
{
	const struct tcp_sock *tcp = (const struct tcp_sock *)sk;

	return BPF_CORE_READ(tcp, bytes_sent) - BPF_CORE_READ(tcp, bytes_retrans);
}

/* The kernel counts the peer's FIN as a byte; SOCK_DONE says that it has come. */
static __always_inline __u64 gadget_tcp_bytes_received(const struct sock *sk)
{
	__u64 bytes = BPF_CORE_READ((const struct tcp_sock *)sk, bytes_received);
	bool fin = BPF_CORE_READ(sk, __sk_common.skc_flags) & (1ul << SOCK_DONE);

	return bytes - (bytes && fin);
}

/* The socket behind a file, or NULL when the file is something else. */
static __always_inline struct sock *gadget_socket_of_file(struct file *file)
{
	struct socket *socket;

	if (!file || BPF_CORE_READ(file, f_inode, i_sb, s_magic) != __GADGET_SOCKFS_MAGIC)
		return NULL;
	socket = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(socket, sk);
}

#endif
