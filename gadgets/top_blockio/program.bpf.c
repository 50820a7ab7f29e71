// SPDX-License-Identifier: GPL-2.0
// top_blockio: which process makes how much block I/O, by device and operation.
#include <gadget/common.h>
#include <bpf/bpf_tracing.h>
#include <gadget/block.h>
#include <gadget/macros.h>

struct stream {
	struct gadget_process proc; /* tid: the process's first thread */
	enum block_operation rw_raw;
	__s32 major;
	__s32 minor;
	char device[GADGET_DISK_NAME_LEN];
	__u32 __padding;
};

struct traffic {
	__u64 bytes;
	__u64 us;
	__u32 io;
	__u32 errors;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, struct stream);
	__type(value, struct traffic);
} streams SEC(".maps");
GADGET_LOST_UPDATES(streams);

GADGET_MAPITER(blockio, streams);

static __always_inline struct traffic *traffic_of(struct request *request,
						  const struct gadget_process *owner)
{
	struct gendisk *disk = gadget_block_disk(request);
	struct traffic none = {}, *traffic;
	struct stream stream = {.proc = *owner};

	stream.rw_raw = gadget_block_operation(BPF_CORE_READ(request, cmd_flags));
	stream.major = BPF_CORE_READ(disk, major);
	stream.minor = BPF_CORE_READ(disk, first_minor);
	BPF_CORE_READ_STR_INTO(&stream.device, disk, disk_name);
	traffic = bpf_map_lookup_elem(&streams, &stream);
	if (traffic)
		return traffic;
	gadget_update_map(&streams, &stream, &none, BPF_NOEXIST);
	return bpf_map_lookup_elem(&streams, &stream);
}

static __always_inline int complete(struct request *request, int error, __u32 bytes)
{
	struct gadget_block_request *ours = gadget_block_find(request);
	bool last = gadget_block_is_last(request, bytes);
	struct traffic *traffic;

	if (ours) {
		traffic = traffic_of(request, &ours->owner);
		if (traffic)
			__sync_fetch_and_add(&traffic->bytes, bytes);
		if (traffic && last) {
			__sync_fetch_and_add(&traffic->io, 1);
			__sync_fetch_and_add(&traffic->us,
					     (bpf_ktime_get_boot_ns() - ours->started) / 1000);
			if (error)
				__sync_fetch_and_add(&traffic->errors, 1);
		}
	}
	if (last)
		gadget_block_forget(request);
	return 0;
}

SEC("tp_btf/block_io_start")
int BPF_PROG(on_start, struct request *request)
{
	return gadget_block_see(request, false, true);
}

SEC("tp_btf/block_rq_insert")
int BPF_PROG(on_insert, struct request *request)
{
	return gadget_block_see(request, false, true);
}

SEC("tp_btf/block_rq_issue")
int BPF_PROG(on_issue, struct request *request)
{
	return gadget_block_see(request, true, true);
}

SEC("tp_btf/block_rq_complete")
int BPF_PROG(on_complete, struct request *request, int error, unsigned int bytes)
{
	return complete(request, error, bytes);
}

/* Before 5.11 the first argument was the queue. */
SEC("tp_btf/block_rq_insert")
int BPF_PROG(on_insert_of_queue, void *queue, struct request *request)
{
	return gadget_block_see(request, false, true);
}

SEC("tp_btf/block_rq_issue")
int BPF_PROG(on_issue_of_queue, void *queue, struct request *request)
{
	return gadget_block_see(request, true, true);
}

SEC("tp_btf/block_rq_complete")
int BPF_PROG(on_complete_of_queue, void *queue, struct request *request, int error,
	     unsigned int bytes)
{
	return complete(request, error, bytes);
}

char LICENSE[] SEC("license") = "GPL";
