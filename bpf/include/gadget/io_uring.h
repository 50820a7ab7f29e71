/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests of io_uring. They pass no system call's entry and exit; tracepoints tell when one is
 * submitted and completed, both in the process whose request it is. The classic tracepoints, since
 * the arguments of the raw ones change from kernel to kernel. Before 5.19 io_uring_complete does
 * not say which request, and a program that asks is refused.
 */
#ifndef GADGET_IO_URING_H
#define GADGET_IO_URING_H

#include <vmlinux.h>
#include <bpf/bpf_core_read.h>

struct io_kiocb___ig {
	struct file *file;
	__u8 opcode;
} __attribute__((preserve_access_index));

struct trace_event_raw_io_uring_complete___ig {
	void *req;
	__s32 res;
	__u32 cflags;
} __attribute__((preserve_access_index));

struct trace_event_raw_io_uring_submit_req___ig {
	void *req;
	__u8 opcode;
} __attribute__((preserve_access_index));

/* A second entry for the same request: its buffer is free again. */
#define GADGET_URING_NOTIFICATION 8

enum gadget_uring_deed {
	GADGET_URING_OTHER,
	GADGET_URING_READ,
	GADGET_URING_WRITE,
	GADGET_URING_SYNC,
	GADGET_URING_OPEN,
};

static __always_inline enum gadget_uring_deed
gadget_uring_deed_of(const struct io_kiocb___ig *request)
{
	switch (BPF_CORE_READ(request, opcode)) {
	case 1:	 /* READV */
	case 4:	 /* READ_FIXED */
	case 22: /* READ */
	case 49: /* READ_MULTISHOT */
		return GADGET_URING_READ;
	case 2:	 /* WRITEV */
	case 5:	 /* WRITE_FIXED */
	case 23: /* WRITE */
		return GADGET_URING_WRITE;
	case 3:
		return GADGET_URING_SYNC;
	case 18: /* OPENAT */
	case 28: /* OPENAT2 */
		return GADGET_URING_OPEN;
	}
	return GADGET_URING_OTHER;
}

#endif
