/* SPDX-License-Identifier: GPL-2.0 */
/* The event of one DNS message: its time, ends, owner and latency, and the message's bytes. */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <gadget/common.h>
#include <bpf/bpf_endian.h>
#include <gadget/buffer.h>
#include <gadget/filter.h>
#include <gadget/macros.h>
#include <gadget/packet.h>
#include <gadget/path.h>
#include <gadget/socket_owner.h>

#define PATH_LEN     512
#define HEADER_SIZE  12
#define RESPONSE_BIT 0x8000
#define PORTS	     8

struct event {
	gadget_timestamp timestamp_raw;
	struct gadget_l4endpoint_t src;
	struct gadget_l4endpoint_t dst;
	struct gadget_l3endpoint_t nameserver;
	gadget_netns_id netns_id;
	struct gadget_process proc; /* who has the socket on this side */
	char cwd[PATH_LEN];
	char exepath[PATH_LEN];
	enum pkt_type_t pkt_type_raw;
	gadget_duration latency_ns_raw; /* of a response whose query was seen */
	__u16 dns_off;			/* of the message within what follows the event */
	__u32 data_len;			/* bytes that follow */
};

/* What follows the event is of one of two sizes, since the ring takes constants only; the rest of
 * it is nobody's and is not read. */
#define FEW_BYTES  512
#define MOST_BYTES 4096

struct short_record {
	struct event event;
	__u8 data[FEW_BYTES];
};

struct long_record {
	struct event event;
	__u8 data[MOST_BYTES];
};

GADGET_TRACER_MAP(events, 8 << 20);
GADGET_TRACER(dns, events, event);

const volatile __u16 ports[PORTS] = {53, 5353};
GADGET_PARAM(ports);
const volatile bool paths = false;
GADGET_PARAM(paths);

/* What was asked and not answered yet. A client may be asked for by its port alone, since its and
 * the server's address may be translated on the way; a server has many clients. */
struct question_key {
	union gadget_ip_addr_t client; /* of a server's; else 0 */
	gadget_netns_id netns_id;
	__u16 client_port;
	__u16 id;
	__u16 proto;
	__u16 at_server;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct question_key);
	__type(value, __u64); /* when */
} questions SEC(".maps");

/* One look at one message. */
struct message {
	const struct gadget_packet *packet;
	const struct gadget_socket_owner *owner; /* or NULL */
	struct owner_paths *paths;		 /* or NULL */
	gadget_netns_id netns_id;
	enum pkt_type_t type;
	__u32 at; /* within the packet */
	__u32 len;
	__u16 id; /* as in the packet */
	bool is_response;
};

static __always_inline bool is_dns_port(__u16 port)
{
	for (int i = 0; i < PORTS; i++)
		if (ports[i] == port)
			return port;
	return false;
}

static __always_inline bool is_dns(const struct gadget_packet *packet)
{
	return is_dns_port(packet->src.port) || is_dns_port(packet->dst.port);
}

static __always_inline bool is_dns_socket(const struct sock *sk)
{
	return is_dns_port(gadget_socket_remote_port(sk)) ||
	       is_dns_port(gadget_socket_local_port(sk));
}

static __always_inline __u64 latency_of(const struct message *message, __u64 now)
{
	const struct gadget_packet *packet = message->packet;
	bool outgoing = message->type == OUTGOING;
	const struct gadget_l4endpoint_t *client =
	    message->is_response ? &packet->dst : &packet->src;
	struct question_key key = {};
	__u64 *asked, latency;

	key.at_server = outgoing == message->is_response;
	if (key.at_server)
		key.client = client->addr_raw;
	key.netns_id = message->netns_id;
	key.client_port = client->port;
	key.id = message->id;
	key.proto = client->proto_raw;
	if (!message->is_response) {
		bpf_map_update_elem(&questions, &key, &now, BPF_ANY);
		return 0;
	}
	asked = bpf_map_lookup_elem(&questions, &key);
	if (!asked)
		return 0;
	latency = now - *asked;
	bpf_map_delete_elem(&questions, &key);
	return latency;
}

/*
 * Paths are found once for a packet, however many messages it has. The buffers are the CPU's, so
 * there is one packet at a time: one that comes in while another one goes out has no paths.
 */
struct owner_paths {
	__u32 is_busy;
	char cwd[PATH_LEN];
	char exepath[PATH_LEN];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct owner_paths);
} owner_paths SEC(".maps");

static __always_inline struct owner_paths *begin_paths(const struct gadget_socket_owner *owner)
{
	struct owner_paths *found;
	struct task_struct *task;
	__u32 zero = 0;

	if (!paths || !owner)
		return NULL;
	task = gadget_owner_task(owner);
	found = bpf_map_lookup_elem(&owner_paths, &zero);
	if (!task || !found || found->is_busy)
		return NULL;
	found->is_busy = 1;
	gadget_path_of_cwd(found->cwd, PATH_LEN, task);
	gadget_path_of_exe(found->exepath, PATH_LEN, task);
	return found;
}

static __always_inline void end_paths(struct owner_paths *found)
{
	if (found)
		found->is_busy = 0;
}

static __always_inline void fill_paths(struct event *event, const struct owner_paths *found)
{
	event->cwd[0] = event->exepath[0] = '\0';
	if (!found)
		return;
	bpf_probe_read_kernel_str(event->cwd, PATH_LEN, found->cwd);
	bpf_probe_read_kernel_str(event->exepath, PATH_LEN, found->exepath);
}

static __attribute__((noinline)) int fill(struct event *event, const struct message *message)
{
	const struct gadget_packet *packet = message->packet;
	const struct gadget_l4endpoint_t *server =
	    message->is_response ? &packet->src : &packet->dst;

	__builtin_memset(event, 0, __builtin_offsetof(struct event, cwd));
	event->timestamp_raw = bpf_ktime_get_boot_ns();
	event->src = packet->src;
	event->dst = packet->dst;
	event->nameserver.addr_raw = server->addr_raw;
	event->nameserver.version = server->version;
	event->netns_id = message->netns_id;
	if (message->owner)
		event->proc = message->owner->proc;
	fill_paths(event, message->paths);
	event->pkt_type_raw = message->type;
	event->latency_ns_raw = latency_of(message, event->timestamp_raw);
	event->dns_off = 0;
	return 0;
}

/* `len` is at least a header's. */
#define READ_BYTES(skb, at, len, most, record)                                                     \
	({                                                                                         \
		__u32 __len = (len) < (most) ? (len) : (most);                                     \
		(record)->event.data_len = __len;                                                  \
		!bpf_skb_load_bytes(skb, at, (record)->data, gadget_bounded_size(__len, most));    \
	})

static __always_inline void emit_short(struct __sk_buff *skb, const struct message *message)
{
	struct short_record *record = gadget_reserve_buf(&events, sizeof(*record));

	if (!record)
		return;
	fill(&record->event, message);
	if (READ_BYTES(skb, message->at, message->len, FEW_BYTES, record))
		gadget_submit_buf(skb, &events, record, sizeof(*record));
	else
		gadget_discard_buf(record);
}

static __always_inline void emit_long(struct __sk_buff *skb, const struct message *message)
{
	struct long_record *record = gadget_reserve_buf(&events, sizeof(*record));

	if (!record)
		return;
	fill(&record->event, message);
	if (READ_BYTES(skb, message->at, message->len, MOST_BYTES, record))
		gadget_submit_buf(skb, &events, record, sizeof(*record));
	else
		gadget_discard_buf(record);
}

/* Not inlined: it is called from a loop, and for datagrams. */
static __attribute__((noinline)) int emit(struct __sk_buff *skb, struct message *message)
{
	__u16 header[2];

	if (message->len < HEADER_SIZE ||
	    bpf_skb_load_bytes(skb, message->at, header, sizeof(header)))
		return 0;
	message->id = header[0];
	message->is_response = bpf_ntohs(header[1]) & RESPONSE_BIT;
	if (message->len <= FEW_BYTES)
		emit_short(skb, message);
	else
		emit_long(skb, message);
	return 0;
}

#endif
