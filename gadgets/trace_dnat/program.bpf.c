// SPDX-License-Identifier: GPL-2.0
// trace_dnat: where connections went that the machine sent on to another destination. There is no
// program here: user space hears of them from the connection tracking
// (recorder/source/conntrack_source.cpp). This declares the rows.
#include <gadget/common.h>
#include <gadget/macros.h>

struct translation_id {
	gadget_netns_id netns_id;
	struct gadget_l3endpoint_t source;
	struct gadget_l4endpoint_t dialed;
	struct gadget_l4endpoint_t backend;
};

struct translation {
	__u64 count;
	gadget_timestamp first_raw;
	gadget_timestamp last_raw;
};

/* Never created. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct translation_id);
	__type(value, struct translation);
} translations SEC(".maps");

GADGET_MAPITER(translations, translations);

char LICENSE[] SEC("license") = "GPL";
