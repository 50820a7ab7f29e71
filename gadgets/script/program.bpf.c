// SPDX-License-Identifier: GPL-2.0
// script: what a bpftrace script prints. There is no program here: bpftrace brings its own
// (recorder/source/bpftrace_source.cpp). This declares the rows and the parameters.
#include <gadget/common.h>
#include <gadget/macros.h>

struct event {
	gadget_timestamp timestamp_raw;
	char type[16];
	char name[64];
	char key[256];
	char value[256];
	__s64 low;
	__s64 high;
};

/* Never created. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

GADGET_TRACER(script, events, event);

const volatile char script[65536] = {};
GADGET_PARAM(script);
const volatile char file[4096] = {};
GADGET_PARAM(file);

char LICENSE[] SEC("license") = "GPL";
