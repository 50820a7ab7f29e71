/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whose a socket is. Packets pass while anybody may be running, so who has a socket is remembered
 * at the moments that happen in its process: bind, connect, listen, and each UDP send.
 *
 * A socket is known by its address, or else by its port: so what is accepted belongs to whoever
 * listens, and a program that sees a packet without its socket finds an owner too. The maps forget
 * the longest unused sockets; what has no owner is shown without a process, and never recorded
 * where a filter is on.
 */
#ifndef GADGET_SOCKET_OWNER_H
#define GADGET_SOCKET_OWNER_H

#include <gadget/common.h>
#include <gadget/filter.h>
#include <gadget/socket.h>

struct gadget_socket_owner {
	struct gadget_process proc;
	__u64 task; /* its address; see gadget_owner_task() */
};

struct gadget_port {
	gadget_netns_id netns_id;
	__u16 proto;
	__u16 port; /* host order */
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64); /* the socket */
	__type(value, struct gadget_socket_owner);
} gadget_socket_owners SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct gadget_port);
	__type(value, struct gadget_socket_owner);
} gadget_port_owners SEC(".maps");

static __always_inline struct gadget_socket_owner *gadget_port_owner_of(gadget_netns_id netns_id,
									__u16 proto, __u16 port)
{
	struct gadget_port key = {.netns_id = netns_id, .proto = proto, .port = port};

	return bpf_map_lookup_elem(&gadget_port_owners, &key);
}

static __always_inline struct gadget_socket_owner *gadget_socket_owner_of(const struct sock *sk)
{
	__u64 socket = (__u64)sk;
	struct gadget_socket_owner *owner = bpf_map_lookup_elem(&gadget_socket_owners, &socket);

	if (owner)
		return owner;
	return gadget_port_owner_of(gadget_netns_id_of_socket(sk), gadget_socket_protocol(sk),
				    gadget_socket_local_port(sk));
}

/* `flags` BPF_NOEXIST: only if nobody is known to have it. Not inlined, for its stack. */
static __attribute__((noinline)) int gadget_socket_own(const struct sock *sk,
						       struct task_struct *task, __u64 flags)
{
	struct gadget_port key = {
	    .netns_id = gadget_netns_id_of_socket(sk),
	    .proto = gadget_socket_protocol(sk),
	    .port = gadget_socket_local_port(sk),
	};
	struct gadget_socket_owner owner = {.task = (__u64)task};
	__u64 socket = (__u64)sk;

	gadget_process_populate_from_task(&owner.proc, task);
	bpf_map_update_elem(&gadget_socket_owners, &socket, &owner, flags);
	if (key.port)
		bpf_map_update_elem(&gadget_port_owners, &key, &owner, flags);
	return 0;
}

/* Sends come often from the same thread. Only for what happens in the sender's context: not TCP. */
static __always_inline void gadget_socket_sends(const struct sock *sk)
{
	struct task_struct *task = gadget_current();
	__u64 socket = (__u64)sk;
	struct gadget_socket_owner *owner = bpf_map_lookup_elem(&gadget_socket_owners, &socket);

	if (!owner || owner->task != (__u64)task ||
	    owner->proc.tid != (__u32)BPF_CORE_READ(task, pid))
		gadget_socket_own(sk, task, BPF_ANY);
}

static __always_inline void gadget_socket_disown(const struct sock *sk)
{
	__u64 socket = (__u64)sk;

	bpf_map_delete_elem(&gadget_socket_owners, &socket);
}

/* When it begins to connect a socket has no port yet. */
static __always_inline void gadget_port_follows(const struct sock *sk)
{
	struct gadget_port key = {
	    .netns_id = gadget_netns_id_of_socket(sk),
	    .proto = gadget_socket_protocol(sk),
	    .port = gadget_socket_local_port(sk),
	};
	__u64 socket = (__u64)sk;
	struct gadget_socket_owner *owner = bpf_map_lookup_elem(&gadget_socket_owners, &socket);

	if (owner)
		bpf_map_update_elem(&gadget_port_owners, &key, owner, BPF_ANY);
}

/* For tp_btf/inet_sock_set_state: the changes to these states tell an owner. */
static __always_inline void gadget_tcp_state_changed(const struct sock *sk, int state)
{
	if (state == TCP_SYN_SENT || state == TCP_LISTEN)
		gadget_socket_own(sk, gadget_current(), BPF_ANY);
	else if (state == TCP_ESTABLISHED)
		gadget_port_follows(sk);
	else if (state == TCP_CLOSE)
		gadget_socket_disown(sk);
}

/* The owner's task, or NULL if that is another one's by now. */
static __always_inline struct task_struct *
gadget_owner_task(const struct gadget_socket_owner *owner)
{
	struct task_struct *task = (struct task_struct *)owner->task;

	if (BPF_CORE_READ(task, tgid) != owner->proc.pid ||
	    BPF_CORE_READ(task, group_leader, start_boottime) != owner->proc.start_time)
		return NULL;
	return task;
}

/* `owner` may be NULL: then nothing that asks for a process or workload can be met. */
static __always_inline bool gadget_should_discard_owner(const struct gadget_socket_owner *owner)
{
	if (owner)
		return gadget_should_discard_process(&owner->proc);
	return gadget_filter_is_on() || targ_pid || targ_tid || targ_comm[0] ||
	       targ_uid != GADGET_INVALID_ID || targ_gid != GADGET_INVALID_ID;
}

#endif
