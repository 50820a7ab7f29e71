// SPDX-License-Identifier: GPL-2.0
// trace_exec: one event for each program that was executed, and for each that could not be.
//
// A success is seen by sched_process_exec, whatever the call was: the new program's memory is there
// by then, with its arguments in one piece. A failure changes nothing, so at the call's exit its
// arguments still lie where they were.
#include <gadget/common.h>
#include <bpf/bpf_tracing.h>
#include <gadget/buffer.h>
#include <gadget/filter.h>
#include <gadget/macros.h>
#include <gadget/path_at.h>

#define PATH_SIZE  512
#define ARGS_SIZE  5120
#define ARGS_COUNT 128 /* of a failure: more are not counted */

/* args is last, since only as much of it as there is goes into the ring. */
struct event {
	gadget_timestamp timestamp_raw;
	struct gadget_process proc;
	gadget_uid loginuid; /* -1: nobody logged in */
	__u32 sessionid;     /* of the audit system; -1: none */
	gadget_errno error_raw;
	__s32 args_count;
	__u32 args_size; /* bytes in args */
	char cwd[PATH_SIZE];
	char file[PATH_SIZE];	 /* what was to be executed, e.g. a script */
	char exepath[PATH_SIZE]; /* the program that runs now, e.g. the script's interpreter */
	char parent_exepath[PATH_SIZE];
	char args[ARGS_SIZE]; /* each ends with NUL */
};

GADGET_TRACER_MAP(events, 8 << 20);
GADGET_TRACER(exec, events, event);

const volatile bool ignore_failed = false;
GADGET_PARAM(ignore_failed);
const volatile bool paths = true;
GADGET_PARAM(paths);

struct call {
	__u64 filename; /* user addresses */
	__u64 argv;
	__s32 dirfd;
};

/* Calls between entry and exit, by thread. An LRU map, since neither a killed thread nor one that
 * became its process's leader by executing comes to the exit under its old number. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct call);
} pending SEC(".maps");

/* Where an event is made. The verifier wants room for any argument behind any other. */
struct draft {
	struct event event;
	char end[ARGS_SIZE];
	char name[GADGET_PATH_AT_SLACK];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct draft);
} drafts SEC(".maps");

static __always_inline struct draft *get_draft(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&drafts, &zero);
}

static __always_inline void fill(struct event *event, struct task_struct *task)
{
	event->timestamp_raw = bpf_ktime_get_boot_ns();
	gadget_process_populate_from_task(&event->proc, task);
	event->loginuid = GADGET_INVALID_ID;
	event->sessionid = GADGET_INVALID_ID;
	if (bpf_core_field_exists(task->loginuid)) {
		event->loginuid = BPF_CORE_READ(task, loginuid.val);
		event->sessionid = BPF_CORE_READ(task, sessionid);
	}
	event->error_raw = 0;
	event->args_count = 0;
	event->args_size = 0;
}

/* `script`: the file is not the program that runs, and only its name is known. */
static __always_inline void fill_paths(struct event *event, struct task_struct *task, int dirfd,
				       const char *name, bool script)
{
	event->cwd[0] = event->file[0] = event->exepath[0] = event->parent_exepath[0] = '\0';
	if (!paths)
		return;
	/* in the order of the struct: gadget_path_at() may spill into what follows */
	gadget_path_of_cwd(event->cwd, PATH_SIZE, task);
	if (script)
		gadget_path_at(event->file, PATH_SIZE, dirfd, name, task);
	gadget_path_of_exe(event->exepath, PATH_SIZE, task);
	if (!script)
		bpf_probe_read_kernel_str(event->file, PATH_SIZE, event->exepath);
	gadget_path_of_exe(event->parent_exepath, PATH_SIZE, BPF_CORE_READ(task, real_parent));
}

static __always_inline void emit(void *ctx, struct event *event)
{
	__u32 size = event->args_size;

	if (size > ARGS_SIZE)
		size = ARGS_SIZE;
	event->args_size = size;
	gadget_output_buf(ctx, &events, event, __builtin_offsetof(struct event, args) + size);
}

static __always_inline void read_args(struct event *event, struct task_struct *task)
{
	__u64 start = BPF_CORE_READ(task, mm, arg_start);
	__u64 size = BPF_CORE_READ(task, mm, arg_end) - start;

	if (size > ARGS_SIZE)
		size = ARGS_SIZE;
	if (!bpf_probe_read_user(event->args, size, (void *)start))
		event->args_size = size;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(executed, struct task_struct *task, pid_t old_pid, struct linux_binprm *bprm)
{
	struct draft *draft = get_draft();
	const char *name = BPF_CORE_READ(bprm, filename);

	if (!draft || gadget_should_discard_data_current())
		return 0;
	fill(&draft->event, task);
	draft->event.args_count = BPF_CORE_READ(bprm, argc);
	fill_paths(&draft->event, task, AT_FDCWD, name, BPF_CORE_READ(bprm, interp) != name);
	read_args(&draft->event, task);
	emit(ctx, &draft->event);
	return 0;
}

static __always_inline int begin(__u64 filename, __u64 argv, int dirfd)
{
	struct call call = {.filename = filename, .argv = argv, .dirfd = dirfd};
	__u32 tid = (__u32)bpf_get_current_pid_tgid();

	if (!ignore_failed && !gadget_should_discard_data_current())
		bpf_map_update_elem(&pending, &tid, &call, BPF_ANY);
	return 0;
}

static __always_inline void read_argv(struct event *event, const __u64 *argv)
{
	__u32 size = 0;
	int count;

	for (count = 0; count < ARGS_COUNT; count++) {
		__u64 arg = 0;
		long len;

		if (bpf_probe_read_user(&arg, sizeof(arg), argv + count) || !arg)
			break;
		if (size >= ARGS_SIZE)
			continue;
		len = bpf_probe_read_user_str(event->args + size, ARGS_SIZE, (void *)arg);
		if (len < 0 || len > ARGS_SIZE)
			break;
		size += len;
	}
	event->args_count = count;
	event->args_size = size;
}

static __always_inline int end(struct trace_event_raw_sys_exit *ctx)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct call *call = bpf_map_lookup_elem(&pending, &tid);
	struct task_struct *task = gadget_current();
	struct draft *draft = get_draft();

	if (!call)
		return 0;
	if (draft && ctx->ret < 0) {
		fill(&draft->event, task);
		draft->event.error_raw = -ctx->ret;
		draft->name[0] = '\0';
		bpf_probe_read_user_str(draft->name, sizeof(draft->name), (void *)call->filename);
		fill_paths(&draft->event, task, call->dirfd, draft->name, true);
		read_argv(&draft->event, (const __u64 *)call->argv);
		emit(ctx, &draft->event);
	}
	bpf_map_delete_elem(&pending, &tid);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_execve")
int enter_execve(struct trace_event_raw_sys_enter *ctx)
{
	return begin(ctx->args[0], ctx->args[1], AT_FDCWD);
}

SEC("tracepoint/syscalls/sys_enter_execveat")
int enter_execveat(struct trace_event_raw_sys_enter *ctx)
{
	return begin(ctx->args[1], ctx->args[2], ctx->args[0]);
}

SEC("tracepoint/syscalls/sys_exit_execve")
int exit_execve(struct trace_event_raw_sys_exit *ctx)
{
	return end(ctx);
}

SEC("tracepoint/syscalls/sys_exit_execveat")
int exit_execveat(struct trace_event_raw_sys_exit *ctx)
{
	return end(ctx);
}

char LICENSE[] SEC("license") = "GPL";
