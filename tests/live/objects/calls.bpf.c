// SPDX-License-Identifier: GPL-2.0
// What plain libbpf would refuse of the public contract: a map whose size is a constant of another
// name, one that is pinned by name, maps within a map without a size, and a program whose function
// no kernel has.
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct caller {
	__u32 pid;
};

struct tally {
	__u64 calls;
	__u64 nowhere;
};

const volatile __u32 calls_max_entries = 512;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 0);
	__type(key, struct caller);
	__type(value, struct tally);
} calls SEC(".maps");

const void *gadget_mapiter_calls___calls __attribute__((unused));

const volatile __u32 target_pid = 0;
const void *gadget_param_target_pid __attribute__((unused));

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
	__type(key, __u32);
	__type(value, __u64);
} ig_test_pinned SEC(".maps");

struct inner {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 16);
	__uint(key_size, sizeof(__u64));
	__array(values, struct inner);
} outer SEC(".maps");

SEC("tracepoint/raw_syscalls/sys_enter")
int count_call(void *context)
{
	struct caller key = {.pid = bpf_get_current_pid_tgid() >> 32};
	struct tally first = {.calls = 1}, *value;
	__u64 nothing = 0;
	__u32 zero = 0;

	if (target_pid && key.pid != target_pid)
		return 0;
	bpf_map_lookup_elem(&ig_test_pinned, &zero);
	bpf_map_lookup_elem(&outer, &nothing);
	value = bpf_map_lookup_elem(&calls, &key);
	if (value)
		__sync_fetch_and_add(&value->calls, 1);
	else
		bpf_map_update_elem(&calls, &key, &first, BPF_NOEXIST);
	return 0;
}

SEC("kprobe/a_function_that_no_kernel_has")
int count_nowhere(struct pt_regs *context)
{
	struct caller key = {.pid = 0};
	struct tally *value = bpf_map_lookup_elem(&calls, &key);

	if (value)
		value->nowhere++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
