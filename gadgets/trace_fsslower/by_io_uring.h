/* SPDX-License-Identifier: GPL-2.0 */
/* Requests of io_uring, which all rungs see here. */
#ifndef BY_IO_URING_H
#define BY_IO_URING_H

static __always_inline enum fs_file_op op_of_request(enum gadget_uring_deed deed)
{
	switch (deed) {
	case GADGET_URING_OPEN:
		return open;
	case GADGET_URING_WRITE:
		return write;
	case GADGET_URING_SYNC:
		return fsync;
	default:
		return read;
	}
}

static __always_inline int begin_request(void *request)
{
	struct kiocb *position = request; /* what a read or write begins with */
	struct start_key key = {.object = (__u64)request};

	return begin(&key, BPF_CORE_READ(position, ki_pos));
}

SEC("tracepoint/io_uring/io_uring_submit_req")
int submit_request(struct trace_event_raw_io_uring_submit_req___ig *ctx)
{
	return gadget_uring_deed_of(ctx->req) == GADGET_URING_OTHER ? 0 : begin_request(ctx->req);
}

/* Beside fentry, which sees the others. */
SEC("tracepoint/io_uring/io_uring_submit_req")
int submit_transfer(struct trace_event_raw_io_uring_submit_req___ig *ctx)
{
	enum gadget_uring_deed deed = gadget_uring_deed_of(ctx->req);

	return deed == GADGET_URING_READ || deed == GADGET_URING_WRITE ? begin_request(ctx->req)
								       : 0;
}

SEC("tracepoint/io_uring/io_uring_complete")
int complete_request(struct trace_event_raw_io_uring_complete___ig *ctx)
{
	struct io_kiocb___ig *request = ctx->req;
	struct deed deed = {.result = ctx->res, .by_worker = true};
	struct start_key key = {.object = (__u64)request};
	struct start start;

	if (ctx->cflags & GADGET_URING_NOTIFICATION || !was_slow(&key, &start))
		return 0;
	deed.op = op_of_request(gadget_uring_deed_of(request));
	deed.start = start.time;
	if (deed.op != open)
		deed.file = BPF_CORE_READ(request, file);
	else if (deed.result >= 0)
		deed.file = gadget_file_of_fd(gadget_current(), deed.result);
	deed.offset = start.offset == -1 ? moved_from(deed.file, deed.result) : start.offset;
	tell(&deed);
	return 0;
}

#endif
