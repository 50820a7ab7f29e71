/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests to block devices on their way: who began them, and when.
 *
 * Who: the task in which a request is seen first. Since 6.5 block_io_start is there, always in the
 * context of whoever asked; before, insertion into a scheduler's queue or the issue to the driver,
 * which for most requests happen there too, but may be left to a kernel worker.
 *
 * The kernel uses the memory of requests again, and may end one unseen (merged into another), so an
 * entry belongs to a request only if the time of its allocation is the same.
 */
#ifndef GADGET_BLOCK_H
#define GADGET_BLOCK_H

#include <gadget/buffer.h>
#include <gadget/common.h>
#include <gadget/filter.h>
#include <gadget/process_leader.h>

#define GADGET_BLOCK_REQUESTS	  16384
#define GADGET_DISK_NAME_LEN	  32

#define __GADGET_BLOCK_MINOR_BITS 20

enum block_operation {
	read,
	write,
	flush,
	discard,
	secure_erase = 5,
	zone_append = 7,
	write_zeroes = 9,
	zone_management, /* open, close, finish, reset */
	driver_in = 34,
	driver_out,
	other,
};

struct gadget_block_request {
	__u64 allocated;
	__u64 started; /* when it was first seen */
	__u64 issued;  /* to the driver, for the last time; 0: not yet */
	__u64 ours;    /* it passed the filters */
	struct gadget_process owner;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, GADGET_BLOCK_REQUESTS);
	__type(key, __u64);
	__type(value, struct gadget_block_request);
} block_requests SEC(".maps");
GADGET_LOST_UPDATES(block_requests);

/* Until 5.16. */
struct request___with_disk {
	struct gendisk *rq_disk;
} __attribute__((preserve_access_index));

/* Until 5.18, when 7 meant something else. */
enum req_opf___with_write_same {
	REQ_OP_WRITE_SAME___old = 7,
};

static __always_inline struct gendisk *gadget_block_disk(struct request *request)
{
	struct request___with_disk *with_disk = (void *)request;

	if (bpf_core_field_exists(with_disk->rq_disk))
		return BPF_CORE_READ(with_disk, rq_disk);
	return BPF_CORE_READ(request, q, disk);
}

static __always_inline __u32 gadget_block_dev(const struct gendisk *disk)
{
	return (__u32)BPF_CORE_READ(disk, major) << __GADGET_BLOCK_MINOR_BITS |
	       BPF_CORE_READ(disk, first_minor);
}

/* The low byte of the flags. The numbers of the zone operations differ between kernels. */
static __always_inline enum block_operation gadget_block_operation(__u32 cmd_flags)
{
	__u32 operation = cmd_flags & 0xff;

	switch (operation) {
	case read:
	case write:
	case flush:
	case discard:
	case secure_erase:
	case write_zeroes:
	case driver_in:
	case driver_out:
		return operation;
	case zone_append:
		if (bpf_core_enum_value_exists(enum req_opf___with_write_same,
					       REQ_OP_WRITE_SAME___old))
			return other;
		return zone_append;
	}
	return operation < 32 ? zone_management : other;
}

/* A request is seen: begun, put into a queue, or (`issue`) given to the driver. */
static __always_inline int gadget_block_see(struct request *request, bool issue, bool with_owner)
{
	struct gadget_block_request entry = {}, *known;
	__u64 key = (__u64)request, now = bpf_ktime_get_boot_ns();

	entry.allocated = BPF_CORE_READ(request, start_time_ns);
	known = bpf_map_lookup_elem(&block_requests, &key);
	if (known && known->allocated == entry.allocated) {
		if (issue)
			known->issued = now;
		return 0;
	}
	entry.started = now;
	entry.issued = issue ? now : 0;
	entry.ours = !gadget_should_discard_data_current();
	if (entry.ours && with_owner)
		gadget_process_populate_leader(&entry.owner);
	gadget_update_map(&block_requests, &key, &entry, BPF_ANY);
	return 0;
}

/* Finds the entry of a request of which the last `bytes` are done; NULL if it is not ours. */
static __always_inline struct gadget_block_request *gadget_block_find(struct request *request)
{
	__u64 key = (__u64)request;
	struct gadget_block_request *known = bpf_map_lookup_elem(&block_requests, &key);

	if (!known || !known->ours || known->allocated != BPF_CORE_READ(request, start_time_ns))
		return NULL;
	return known;
}

/* A completion may be of a part only. */
static __always_inline bool gadget_block_is_last(struct request *request, __u32 bytes)
{
	return bytes >= BPF_CORE_READ(request, __data_len);
}

static __always_inline void gadget_block_forget(struct request *request)
{
	__u64 key = (__u64)request;

	bpf_map_delete_elem(&block_requests, &key);
}

#endif
