// SPDX-License-Identifier: GPL-2.0
// profile_cpu: where the CPUs' time goes, by samples of what runs on them.
//
// Each sample adds one to the row of its process and its two stacks. So what is kept grows with the
// number of different stacks, not with the frequency or the time.
#define GADGET_COLLECT_USTACK true
#define GADGET_STACK_ENTRIES  32768
#include <gadget/common.h>
#include <gadget/buffer.h>
#include <gadget/filter.h>
#include <gadget/kernel_stack.h>
#include <gadget/user_stack.h>

struct sample_key {
	struct gadget_process proc; /* tid: that of the process, its threads are not told apart */
	gadget_kernel_stack kern_stack_raw;
	__s32 user_stack_id;
	__u32 address_space; /* a number of a user stack means something within one only */
	__u32 __unused;
};

struct sample_value {
	__u64 samples;
	gadget_timestamp first_raw;
	gadget_timestamp last_raw;
	struct gadget_user_stack user_stack_raw;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, struct sample_key);
	__type(value, struct sample_value);
} samples SEC(".maps");
GADGET_LOST_UPDATES(samples);
GADGET_MAPITER(profiler, samples);

const volatile bool kernel_stacks_only = false;
GADGET_PARAM(kernel_stacks_only);
const volatile bool user_stacks_only = false;
GADGET_PARAM(user_stacks_only);
const volatile bool include_idle = false;
GADGET_PARAM(include_idle);

/* A row that is new to two CPUs at once is made by one and added to by the other. */
static __always_inline void count(const struct sample_key *key, struct sample_value *fresh)
{
	struct sample_value *value = bpf_map_lookup_elem(&samples, key);

	if (!value) {
		fresh->samples = 1;
		if (!gadget_update_map(&samples, key, fresh, BPF_NOEXIST))
			return;
		value = bpf_map_lookup_elem(&samples, key);
		if (!value) /* the map is full: it was counted */
			return;
	}
	__sync_fetch_and_add(&value->samples, 1);
	value->last_raw = fresh->last_raw;
}

SEC("perf_event/profiler")
int profiler(struct bpf_perf_event_data *ctx)
{
	struct sample_key key = {.kern_stack_raw = -1, .user_stack_id = -1};
	struct sample_value fresh = {};

	/* The idle tasks of all CPUs have the number 0. */
	if (!include_idle && (__u32)bpf_get_current_pid_tgid() == 0)
		return 0;
	if (gadget_should_discard_data_current())
		return 0;
	gadget_process_populate(&key.proc);
	key.proc.tid = key.proc.pid;
	fresh.first_raw = fresh.last_raw = bpf_ktime_get_boot_ns();
	if (!user_stacks_only)
		key.kern_stack_raw = gadget_get_kernel_stack(ctx);
	if (!kernel_stacks_only) {
		gadget_get_user_stack(ctx, &fresh.user_stack_raw);
		key.user_stack_id = fresh.user_stack_raw.stack_id;
		key.address_space = fresh.user_stack_raw.base_addr_hash;
	}
	count(&key, &fresh);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
