// SPDX-License-Identifier: GPL-2.0
// profile_blockio: how long requests to block devices take, as a histogram for each device,
// operation and kind of request.
#include <gadget/common.h>
#include <bpf/bpf_tracing.h>
#include <gadget/block.h>
#include <gadget/macros.h>

#define SLOTS 27 /* 1 us to 67 s */

/* What was asked of the request, as far as it says something about its latency. */
enum cmd_flags_set {
	sync = 1,
	metadata = 2,
	priority = 4,
	fua = 8, /* past the device's cache */
	preflush = 16,
	readahead = 32,
	background = 64,
};

struct request_kind {
	__u32 dev; /* major << 20 | minor */
	enum block_operation operation_raw;
	enum cmd_flags_set cmd_flags_raw;
	__u32 major;
	__u32 minor;
	char device[GADGET_DISK_NAME_LEN];
};

struct latencies {
	gadget_counter__u64 count;
	gadget_counter__u64 errors;
	gadget_bytes bytes_raw;
	gadget_duration total_raw;
	gadget_duration longest_raw;
	gadget_histogram_slot__u32 latency[SLOTS];
	__u32 __padding;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, struct request_kind);
	__type(value, struct latencies);
} histograms SEC(".maps");
GADGET_LOST_UPDATES(histograms);

GADGET_MAPITER(blockio, histograms);

const volatile bool queued = false;
GADGET_PARAM(queued);

enum req_flag_bits___ig {
	__REQ_SYNC___ig,
	__REQ_META___ig,
	__REQ_PRIO___ig,
	__REQ_FUA___ig,
	__REQ_PREFLUSH___ig,
	__REQ_RAHEAD___ig,
	__REQ_BACKGROUND___ig,
};

/* All zero, and too large for the stack beside the key. */
static const struct latencies none;

#define FLAG(cmd_flags, bit, flag)                                                                 \
	(cmd_flags >> bpf_core_enum_value(enum req_flag_bits___ig, bit) & 1 ? flag : 0)

static __always_inline enum cmd_flags_set flags_of(__u32 cmd_flags)
{
	return FLAG(cmd_flags, __REQ_SYNC___ig, sync) | FLAG(cmd_flags, __REQ_META___ig, metadata) |
	       FLAG(cmd_flags, __REQ_PRIO___ig, priority) | FLAG(cmd_flags, __REQ_FUA___ig, fua) |
	       FLAG(cmd_flags, __REQ_PREFLUSH___ig, preflush) |
	       FLAG(cmd_flags, __REQ_RAHEAD___ig, readahead) |
	       FLAG(cmd_flags, __REQ_BACKGROUND___ig, background);
}

static __always_inline struct latencies *latencies_of(struct request *request)
{
	__u32 cmd_flags = BPF_CORE_READ(request, cmd_flags);
	struct gendisk *disk = gadget_block_disk(request);
	struct latencies *latencies;
	struct request_kind kind = {};

	kind.operation_raw = gadget_block_operation(cmd_flags);
	kind.cmd_flags_raw = flags_of(cmd_flags);
	kind.dev = gadget_block_dev(disk);
	kind.major = BPF_CORE_READ(disk, major);
	kind.minor = BPF_CORE_READ(disk, first_minor);
	BPF_CORE_READ_STR_INTO(&kind.device, disk, disk_name);
	latencies = bpf_map_lookup_elem(&histograms, &kind);
	if (latencies)
		return latencies;
	gadget_update_map(&histograms, &kind, &none, BPF_NOEXIST);
	return bpf_map_lookup_elem(&histograms, &kind);
}

static __always_inline __u32 slot_of(__u64 ns)
{
	__u64 us = ns / 1000;
	__u32 slot = 0;

	for (__u32 half = 16; half; half /= 2) {
		if (us >> half) {
			us >>= half;
			slot += half;
		}
	}
	return slot;
}

static __always_inline void count(struct latencies *latencies, __u64 ns, int error)
{
	__u32 slot = slot_of(ns);

	if (slot > SLOTS - 1)
		slot = SLOTS - 1;
	__sync_fetch_and_add(&latencies->latency[slot], 1);
	__sync_fetch_and_add(&latencies->count, 1);
	__sync_fetch_and_add(&latencies->total_raw, ns);
	if (error)
		__sync_fetch_and_add(&latencies->errors, 1);
	if (ns > latencies->longest_raw)
		latencies->longest_raw = ns;
}

static __always_inline int complete(struct request *request, int error, __u32 bytes)
{
	struct gadget_block_request *ours = gadget_block_find(request);
	bool last = gadget_block_is_last(request, bytes);
	struct latencies *latencies;

	if (ours && (ours->issued || queued)) {
		latencies = latencies_of(request);
		if (latencies)
			__sync_fetch_and_add(&latencies->bytes_raw, bytes);
		if (latencies && last)
			count(latencies,
			      bpf_ktime_get_boot_ns() - (queued ? ours->started : ours->issued),
			      error);
	}
	if (last)
		gadget_block_forget(request);
	return 0;
}

SEC("tp_btf/block_io_start")
int BPF_PROG(on_start, struct request *request)
{
	return gadget_block_see(request, false, false);
}

SEC("tp_btf/block_rq_insert")
int BPF_PROG(on_insert, struct request *request)
{
	return gadget_block_see(request, false, false);
}

SEC("tp_btf/block_rq_issue")
int BPF_PROG(on_issue, struct request *request)
{
	return gadget_block_see(request, true, false);
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
	return gadget_block_see(request, false, false);
}

SEC("tp_btf/block_rq_issue")
int BPF_PROG(on_issue_of_queue, void *queue, struct request *request)
{
	return gadget_block_see(request, true, false);
}

SEC("tp_btf/block_rq_complete")
int BPF_PROG(on_complete_of_queue, void *queue, struct request *request, int error,
	     unsigned int bytes)
{
	return complete(request, error, bytes);
}

char LICENSE[] SEC("license") = "GPL";
