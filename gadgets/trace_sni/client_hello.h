/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Finds the server name in a TLS ClientHello (RFC 8446 4.1.2, RFC 6066 3). A hello may be longer
 * than a packet, and the name may be in a later one: the walk over its extensions then waits for
 * that, by the sequence number of the place where it stopped.
 */
#ifndef CLIENT_HELLO_H
#define CLIENT_HELLO_H

#include <gadget/common.h>
#include <bpf/bpf_endian.h>
#include <gadget/packet.h>

#define MOST_EXTENSIONS	       32
#define RECORD_HANDSHAKE       22
#define MAJOR_VERSION	       3
#define HANDSHAKE_CLIENT_HELLO 1
#define EXTENSION_SERVER_NAME  0
#define NAME_TYPE_HOST	       0

struct hello_key {
	struct gadget_l4endpoint_t src, dst;
	gadget_netns_id netns_id;
	__u32 outgoing;
};

struct hello {
	__u32 next_seq;	 /* of the next packet */
	__u32 extension; /* bytes from there to the next extension */
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 2048);
	__type(key, struct hello_key);
	__type(value, struct hello);
} hellos SEC(".maps");

enum walk {
	WALK_FOUND,
	WALK_NOTHING,
	WALK_ON, /* in the next packet */
};

static __always_inline bool read_byte(struct __sk_buff *skb, __u32 at, __u32 end, __u8 *value)
{
	return at < end && !bpf_skb_load_bytes(skb, at, value, sizeof(*value));
}

static __always_inline bool read_word(struct __sk_buff *skb, __u32 at, __u32 end, __u16 *value)
{
	if (at + sizeof(*value) > end || bpf_skb_load_bytes(skb, at, value, sizeof(*value)))
		return false;
	*value = bpf_ntohs(*value);
	return true;
}

/* From the record's header to the first extension; 0 if this is no hello, or has none. */
static __always_inline __u32 first_extension(struct __sk_buff *skb, __u32 at, __u32 end)
{
	struct {
		__u8 content, major, minor, length[2]; /* of the record */
		__u8 type, size[3], version[2], random[32], session_size;
	} head;
	__u16 ciphers;
	__u8 compressions;

	if (at + sizeof(head) > end || bpf_skb_load_bytes(skb, at, &head, sizeof(head)) ||
	    head.content != RECORD_HANDSHAKE || head.major != MAJOR_VERSION ||
	    head.type != HANDSHAKE_CLIENT_HELLO)
		return 0;
	at += sizeof(head) + head.session_size;
	if (!read_word(skb, at, end, &ciphers))
		return 0;
	at += sizeof(ciphers) + ciphers;
	if (!read_byte(skb, at, end, &compressions))
		return 0;
	at += sizeof(compressions) + compressions;
	return at + sizeof(__u16); /* the length of all extensions */
}

/* `at` becomes the place of the name, or of the extension that is not in this packet. */
static __always_inline enum walk find_name(struct __sk_buff *skb, __u32 *at, __u32 end, __u16 *len)
{
	__u16 type, size;

	for (int i = 0; i < MOST_EXTENSIONS; i++) {
		if (!read_word(skb, *at, end, &type) || !read_word(skb, *at + 2, end, &size))
			return WALK_ON;
		if (type == EXTENSION_SERVER_NAME) {
			__u8 kind;

			/* its list has one entry */
			if (!read_byte(skb, *at + 6, end, &kind) || kind != NAME_TYPE_HOST ||
			    !read_word(skb, *at + 7, end, len))
				return WALK_NOTHING;
			*at += 9;
			return *at + *len <= end ? WALK_FOUND : WALK_NOTHING;
		}
		*at += 4 + size;
	}
	return WALK_NOTHING;
}

/* Whether this packet has the name; it then lies at `at`. */
static __always_inline bool hello_passed(struct __sk_buff *skb, const struct gadget_packet *packet,
					 gadget_netns_id netns_id, bool outgoing, __u32 *at,
					 __u16 *len)
{
	__u32 begin = packet->payload, end = begin + packet->payload_len;
	struct hello_key key = {
	    .src = packet->src,
	    .dst = packet->dst,
	    .netns_id = netns_id,
	    .outgoing = outgoing,
	};
	struct hello *waiting = bpf_map_lookup_elem(&hellos, &key);
	struct hello next = {};
	enum walk walk;

	if (waiting && packet->seq == waiting->next_seq)
		*at = begin + waiting->extension;
	else
		*at = first_extension(skb, begin, end);
	if (!*at)
		return false;
	walk = find_name(skb, at, end, len);
	/* no hello has 64 KiB; what is behind its end is not there to wait for */
	if (walk == WALK_ON && *at >= end && *at - end < 65536) {
		next.next_seq = packet->seq + packet->payload_len;
		next.extension = *at - end;
		bpf_map_update_elem(&hellos, &key, &next, BPF_ANY);
	} else if (waiting) {
		bpf_map_delete_elem(&hellos, &key);
	}
	return walk == WALK_FOUND;
}

#endif
