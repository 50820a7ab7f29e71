/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rung at the tracepoints of single calls, which cost other calls next to nothing, and do not
 * see 32-bit programs. The arguments exist at entry and the result at exit, so `pending` keeps the
 * former.
 */
#ifndef BY_CALLS_H
#define BY_CALLS_H

/* Calls between entry and exit, by thread. An LRU map, since a killed thread never exits from its
 * call. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 10240);
	__type(key, __u32);
	__type(value, struct call);
} pending SEC(".maps");

static __always_inline int begin(struct call *call)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();

	if (!gadget_should_discard_data_current())
		bpf_map_update_elem(&pending, &tid, call, BPF_ANY);
	return 0;
}

static __always_inline int end(struct trace_event_raw_sys_exit *ctx)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct call *call = bpf_map_lookup_elem(&pending, &tid);

	if (!call)
		return 0;
	tell_call(call, ctx->ret);
	bpf_map_delete_elem(&pending, &tid);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_open")
int enter_open(struct trace_event_raw_sys_enter *ctx)
{
	struct call call = {.fname = ctx->args[0], .dirfd = AT_FDCWD};

	call.flags = ctx->args[1];
	call.mode = ctx->args[2];
	return begin(&call);
}

SEC("tracepoint/syscalls/sys_enter_creat")
int enter_creat(struct trace_event_raw_sys_enter *ctx)
{
	struct call call = {.fname = ctx->args[0], .dirfd = AT_FDCWD};

	call.flags = O_CREAT | O_WRONLY | O_TRUNC;
	call.mode = ctx->args[1];
	return begin(&call);
}

SEC("tracepoint/syscalls/sys_enter_openat")
int enter_openat(struct trace_event_raw_sys_enter *ctx)
{
	struct call call = {.fname = ctx->args[1], .dirfd = ctx->args[0]};

	call.flags = ctx->args[2];
	call.mode = ctx->args[3];
	return begin(&call);
}

SEC("tracepoint/syscalls/sys_enter_openat2")
int enter_openat2(struct trace_event_raw_sys_enter *ctx)
{
	struct call call = {.fname = ctx->args[1], .dirfd = ctx->args[0], .how = ctx->args[2]};

	return begin(&call);
}

SEC("tracepoint/syscalls/sys_exit_open")
int exit_open(struct trace_event_raw_sys_exit *ctx)
{
	return end(ctx);
}

SEC("tracepoint/syscalls/sys_exit_creat")
int exit_creat(struct trace_event_raw_sys_exit *ctx)
{
	return end(ctx);
}

SEC("tracepoint/syscalls/sys_exit_openat")
int exit_openat(struct trace_event_raw_sys_exit *ctx)
{
	return end(ctx);
}

SEC("tracepoint/syscalls/sys_exit_openat2")
int exit_openat2(struct trace_event_raw_sys_exit *ctx)
{
	return end(ctx);
}

#endif
