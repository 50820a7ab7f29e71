/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Opens of io_uring, for all rungs. The kernel forgets the name when it has opened the file, so it
 * is kept from the submission to the completion, which may be done by a worker.
 */
#ifndef BY_IO_URING_H
#define BY_IO_URING_H

#include <gadget/io_uring.h>

/* What a request to open begins with. */
struct io_open___ig {
	int dfd;
	__u32 file_slot; /* not 0: no descriptor, but a place in the ring's own table */
	struct filename *filename;
	struct open_how how;
} __attribute__((preserve_access_index));

struct delayed_filename___ig {
	struct filename *__incomplete_filename;
} __attribute__((preserve_access_index));

/* Since 7.0. */
struct io_open___delayed {
	struct delayed_filename___ig filename;
} __attribute__((preserve_access_index));

struct open_request {
	struct call call;
	__u32 to_table;
	__u32 __padding;
	char fname[NAME_SIZE + 1];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 2048);
	__type(key, __u64);
	__type(value, struct open_request);
} requests SEC(".maps");

static __always_inline const char *name_of(struct io_open___ig *open)
{
	struct io_open___delayed *delayed = (void *)open;

	if (bpf_core_field_exists(open->filename))
		return BPF_CORE_READ(open, filename, name);
	return BPF_CORE_READ(delayed, filename.__incomplete_filename, name);
}

SEC("tracepoint/io_uring/io_uring_submit_req")
int submit_request(struct trace_event_raw_io_uring_submit_req___ig *ctx)
{
	struct io_open___ig *open = ctx->req;
	struct open_request request = {};
	__u64 key = (__u64)open;

	if (gadget_uring_deed_of(ctx->req) != GADGET_URING_OPEN ||
	    gadget_should_discard_data_current())
		return 0;
	request.call.dirfd = BPF_CORE_READ(open, dfd);
	request.call.flags = BPF_CORE_READ(open, how.flags);
	request.call.mode = BPF_CORE_READ(open, how.mode);
	request.to_table = BPF_CORE_READ(open, file_slot);
	bpf_probe_read_kernel_str(request.fname, NAME_SIZE, name_of(open));
	bpf_map_update_elem(&requests, &key, &request, BPF_ANY);
	return 0;
}

SEC("tracepoint/io_uring/io_uring_complete")
int complete_request(struct trace_event_raw_io_uring_complete___ig *ctx)
{
	__u64 key = (__u64)ctx->req;
	struct open_request *request = bpf_map_lookup_elem(&requests, &key);
	struct event *event;
	__u32 zero = 0;

	event = bpf_map_lookup_elem(&drafts, &zero);
	if (!request || !event)
		return 0;
	if (!targ_failed || ctx->res < 0) {
		fill(event, &request->call, ctx->res);
		gadget_process_populate_leader(&event->proc);
		if (request->to_table)
			event->fd = -1;
		__builtin_memcpy(event->fname, request->fname, NAME_SIZE);
		emit(event, request->call.dirfd);
	}
	bpf_map_delete_elem(&requests, &key);
	return 0;
}

#endif
