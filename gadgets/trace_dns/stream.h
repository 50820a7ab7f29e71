/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DNS over TCP: messages after each other, each behind its length in two bytes. Packets may end
 * anywhere in that, so each direction of a connection has a state.
 */
#ifndef STREAM_H
#define STREAM_H

#include "message.h"

#define MESSAGES_A_PACKET 4

struct stream_key {
	struct gadget_l4endpoint_t src, dst;
	gadget_netns_id netns_id;
	__u32 outgoing; /* on the loopback device both ends see each packet */
};

struct stream {
	__u32 next_seq;
	__u32 left;    /* of the message: what is still to come */
	__u8 is_due;   /* its length is known, and nothing of it was seen */
	__u8 has_half; /* of the length */
	__u8 half;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct stream_key);
	__type(value, struct stream);
} streams SEC(".maps");

/* Reads as much of the length as there is. Says how many bytes that was. */
static __always_inline __u32 read_length(struct __sk_buff *skb, struct stream *stream, __u32 at,
					 __u32 rest)
{
	__u8 bytes[2];

	if (stream->has_half || rest < 2) {
		if (bpf_skb_load_bytes(skb, at, bytes, 1))
			return rest;
		stream->left = stream->half << 8 | bytes[0];
		stream->is_due = stream->has_half;
		stream->half = bytes[0];
		stream->has_half = !stream->has_half;
		if (!stream->is_due)
			stream->left = 0;
		return 1;
	}
	if (bpf_skb_load_bytes(skb, at, bytes, 2))
		return rest;
	stream->left = bytes[0] << 8 | bytes[1];
	stream->is_due = 1;
	return 2;
}

static __always_inline __u32 skip(struct stream *stream, __u32 rest)
{
	__u32 len = stream->left < rest ? stream->left : rest;

	stream->left -= len;
	stream->is_due = 0;
	return len;
}

/* Moves the stream on by one packet, which begins in the place that the stream expects. */
static __always_inline void read_messages(struct __sk_buff *skb, struct stream *stream,
					  struct message *message)
{
	__u32 at = message->packet->payload, end = at + message->packet->payload_len;

	for (int i = 0; i < MESSAGES_A_PACKET; i++) {
		if (!stream->is_due)
			at += skip(stream, end - at);
		if (at < end && !stream->is_due)
			at += read_length(skb, stream, at, end - at);
		if (at >= end || !stream->is_due)
			return;
		message->at = at;
		message->len = stream->left < end - at ? stream->left : end - at;
		emit(skb, message);
		at += skip(stream, end - at);
	}
	if (at < end)
		gadget_count_loss(&events_lost_samples);
}

static __always_inline void stream_passed(struct __sk_buff *skb, struct message *message)
{
	const struct gadget_packet *packet = message->packet;
	struct stream stream = {}, *known;
	struct stream_key key = {
	    .src = packet->src,
	    .dst = packet->dst,
	    .netns_id = message->netns_id,
	    .outgoing = message->type == OUTGOING,
	};

	known = bpf_map_lookup_elem(&streams, &key);
	if (known) {
		if ((__s32)(packet->seq - known->next_seq) < 0)
			return; /* sent again */
		/* behind a gap it is taken for the beginning of a message */
		if (packet->seq == known->next_seq)
			stream = *known;
	}
	read_messages(skb, &stream, message);
	stream.next_seq = packet->seq + packet->payload_len;
	bpf_map_update_elem(&streams, &key, &stream, BPF_ANY);
}

#endif
