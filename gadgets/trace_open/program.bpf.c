// SPDX-License-Identifier: GPL-2.0
// trace_open: one event for each open(2), openat(2), openat2(2) and creat(2) that returned.
//
// The arguments exist at entry and the result at exit, so `pending` keeps the former. The name is
// read at exit: by then the kernel has read it itself, so its page is there.
#include <gadget/common.h>
#include <bpf/bpf_tracing.h>
#include <gadget/buffer.h>
#include <gadget/filter.h>
#include <gadget/macros.h>
#include <gadget/path_at.h>

#define NAME_SIZE 255
#define PATH_SIZE 512

#define O_WRONLY  00000001
#define O_CREAT	  00000100
#define O_TRUNC	  00001000
#define O_TMPFILE 020000000 /* its own bit: the rest of what C calls so is O_DIRECTORY */

/* fpath is last, since only as much of it as there is goes into the ring. */
struct event {
	gadget_timestamp timestamp_raw;
	struct gadget_process proc;
	gadget_errno error_raw;
	__s32 fd; /* -1 when the call failed */
	gadget_file_flags flags_raw;
	gadget_file_mode mode_raw; /* as asked for, where a file might be made */
	char fname[NAME_SIZE];	   /* as given */
	char
	    fpath[PATH_SIZE]; /* the file that was opened; for a failure, where it was looked for */
};

GADGET_TRACER_MAP(events, 8 << 20);
GADGET_TRACER(open, events, event);

const volatile bool targ_failed = false;
GADGET_PARAM(targ_failed);
const volatile bool paths = true;
GADGET_PARAM(paths);

struct call {
	__u64 fname; /* user address */
	__u64 how;   /* user address of openat2's flags and mode */
	__u32 flags;
	__u32 mode;
	__s32 dirfd;
};

/* Calls between entry and exit, by thread. An LRU map, since a killed thread never exits from its
 * call. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 10240);
	__type(key, __u32);
	__type(value, struct call);
} pending SEC(".maps");

/* Where an event is made; the end is room for any name behind any directory, for the verifier. */
struct draft {
	struct event event;
	char end[GADGET_PATH_AT_SLACK];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct draft);
} drafts SEC(".maps");

static __always_inline int begin(struct call *call)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();

	if (!gadget_should_discard_data_current())
		bpf_map_update_elem(&pending, &tid, call, BPF_ANY);
	return 0;
}

static __always_inline void read_how(struct call *call)
{
	struct open_how how = {};

	bpf_probe_read_user(&how, sizeof(how), (void *)call->how);
	call->flags = how.flags;
	call->mode = how.mode;
}

static __always_inline long path_of(struct event *event, const struct call *call, long result)
{
	struct task_struct *task = gadget_current();

	event->fpath[0] = '\0';
	if (!paths)
		return 0;
	if (result >= 0)
		return gadget_path_of_file(event->fpath, PATH_SIZE, gadget_file_of_fd(task, result),
					   task);
	return gadget_path_at(event->fpath, PATH_SIZE, call->dirfd, event->fname, task);
}

static __always_inline void fill(struct event *event, const struct call *call, long result)
{
	event->timestamp_raw = bpf_ktime_get_boot_ns();
	gadget_process_populate(&event->proc);
	event->error_raw = result < 0 ? -result : 0;
	event->fd = result < 0 ? -1 : result;
	event->flags_raw = call->flags;
	event->mode_raw = call->flags & (O_CREAT | O_TMPFILE) ? call->mode : 0;
	event->fname[0] = '\0';
	bpf_probe_read_user_str(event->fname, NAME_SIZE, (void *)call->fname);
}

static __always_inline void emit(void *ctx, struct event *event, const struct call *call,
				 long result)
{
	long len;

	fill(event, call, result);
	len = path_of(event, call, result);
	if (len < 1)
		len = 1;
	if (len > PATH_SIZE)
		len = PATH_SIZE;
	gadget_output_buf(ctx, &events, event, __builtin_offsetof(struct event, fpath) + len);
}

static __always_inline int end(struct trace_event_raw_sys_exit *ctx)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid(), zero = 0;
	struct call *call = bpf_map_lookup_elem(&pending, &tid);
	struct draft *draft = bpf_map_lookup_elem(&drafts, &zero);

	if (!call)
		return 0;
	if (draft && !(targ_failed && ctx->ret >= 0)) {
		if (call->how)
			read_how(call);
		emit(ctx, &draft->event, call, ctx->ret);
	}
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

char LICENSE[] SEC("license") = "GPL";
