/* SPDX-License-Identifier: GPL-2.0 */
/* TCP's own words, as gadgets show them: states of a connection and flags of a segment. The kernel
 * has no named types for them. */
#ifndef GADGET_TCP_H
#define GADGET_TCP_H

#include <vmlinux.h>
#include <bpf/bpf_core_read.h>

enum tcp_state {
	ESTABLISHED = 1,
	SYN_SENT,
	SYN_RECV,
	FIN_WAIT1,
	FIN_WAIT2,
	TIME_WAIT,
	CLOSE,
	CLOSE_WAIT,
	LAST_ACK,
	LISTEN,
	CLOSING,
	NEW_SYN_RECV,
};

enum tcp_flags_set {
	FIN = 1,
	SYN = 2,
	RST = 4,
	PSH = 8,
	ACK = 16,
	URG = 32,
	ECE = 64,
	CWR = 128,
};

/* Where a segment that we send has its flags before it has a header; 16 bits wide since 6.15. */
struct tcp_skb_cb___gadget {
	__u32 seq;
	__u32 end_seq;
	__u8 tcp_flags;
} __attribute__((preserve_access_index));

#define GADGET_TCP_SKB_CB(skb)                                                                     \
	((struct tcp_skb_cb___gadget *)((void *)(skb) + bpf_core_field_offset(skb->cb)))

/* The byte of the flags within a TCP header. */
#define GADGET_TCP_HEADER_FLAGS 13

#endif
