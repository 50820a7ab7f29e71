// SPDX-License-Identifier: GPL-2.0
// bpfstats: what each BPF program in the kernel costs. There is no program here: user space asks
// the kernel for its statistics (recorder/source/bpf_stats_source.cpp). This declares the rows.
#include <gadget/common.h>
#include <gadget/macros.h>

struct program_id {
	__u32 progID;
};

struct program_cost {
	char progName[16];
	char progType[32];
	double cpuUsage;
	double cpuUsageRelative;
	gadget_duration runtime_raw;
	__u64 runcount;
	gadget_bytes mapMemory_raw;
	__u32 mapCount;
	bool own;
	char comms[256];
	char pids[256];
};

/* Never created. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct program_id);
	__type(value, struct program_cost);
} programs SEC(".maps");

GADGET_MAPITER(bpfstats, programs);

char LICENSE[] SEC("license") = "GPL";
