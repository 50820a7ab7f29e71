// SPDX-License-Identifier: GPL-2.0
// trace_exec: one event for each program that was executed, and for each that could not be.
//
// A success is seen by sched_process_exec, whatever the call was: the new program's memory is there
// by then, with its arguments in one piece. A failure changes nothing, so at the call's exit its
// arguments still lie where they were, and no entry need be seen. The exits of all calls are looked
// at, since the tracepoints of the single calls do not see 32-bit programs.
#include <gadget/common.h>
#include <bpf/bpf_tracing.h>
#include <gadget/buffer.h>
#include <gadget/filter.h>
#include <gadget/macros.h>
#include "calls.h"
#include "executable.h"

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
	__s32 tty; /* number of the controlling terminal among its driver's; -1: none */
	__u32 tty_major;
	__u32 tty_minor;
	bool from_rootfs;
	bool file_from_rootfs;
	bool upper_layer;
	bool fupper_layer; /* of `file` */
	bool pupper_layer; /* of the parent's program */
	__u32 args_size;   /* bytes in args */
	char cwd[PATH_SIZE];
	char file[PATH_SIZE]; /* what was to be executed, e.g. a script */
	__u32 dev_major;      /* of the program that runs now, as inode and ctime are */
	__u32 dev_minor;
	__u64 inode;
	__u64 ctime; /* ns since 1970 */
	__u64 fctime;
	__u64 pctime;
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

/* The file that a call asked for, which the kernel has closed by the time it runs an interpreter.
 * By thread; `bprm` tells the calls of a thread apart. */
struct asked {
	const void *bprm;
	struct origin origin;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct asked);
} asked_files SEC(".maps");

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

static __always_inline void fill_login(struct event *event, struct task_struct *task)
{
	struct tty_struct *tty = BPF_CORE_READ(task, signal, tty);

	event->loginuid = GADGET_INVALID_ID;
	event->sessionid = GADGET_INVALID_ID;
	if (bpf_core_field_exists(task->loginuid)) {
		event->loginuid = BPF_CORE_READ(task, loginuid.val);
		event->sessionid = BPF_CORE_READ(task, sessionid);
	}
	event->tty = -1;
	event->tty_major = event->tty_minor = 0;
	if (tty) {
		event->tty = BPF_CORE_READ(tty, index);
		event->tty_major = BPF_CORE_READ(tty, driver, major);
		event->tty_minor = BPF_CORE_READ(tty, driver, minor_start) + event->tty;
	}
}

static __always_inline void fill(struct event *event, struct task_struct *task)
{
	event->timestamp_raw = bpf_ktime_get_boot_ns();
	gadget_process_populate_from_task(&event->proc, task);
	fill_login(event, task);
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

/* After the paths, which spill. `asked`: where the file comes from, if that is known. */
static __always_inline void fill_origins(struct event *event, struct task_struct *task,
					 const struct origin *asked)
{
	struct file *exe = BPF_CORE_READ(task, mm, exe_file);
	struct inode *inode = BPF_CORE_READ(exe, f_inode);
	struct task_struct *parent = BPF_CORE_READ(task, real_parent);
	dev_t dev = BPF_CORE_READ(inode, i_sb, s_dev);
	struct origin origin;

	event->dev_major = dev >> 20;
	event->dev_minor = dev & 0xfffff;
	event->inode = BPF_CORE_READ(inode, i_ino);
	read_origin(&origin, exe, task);
	event->ctime = origin.ctime;
	event->from_rootfs = origin.from_rootfs;
	event->upper_layer = origin.upper_layer;
	event->fctime = asked ? asked->ctime : 0;
	event->file_from_rootfs = asked && asked->from_rootfs;
	event->fupper_layer = asked && asked->upper_layer;
	read_origin(&origin, BPF_CORE_READ(parent, mm, exe_file), parent);
	event->pctime = origin.ctime;
	event->pupper_layer = origin.upper_layer;
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

/* The kernel comes here once for the file that was asked for, and again for each interpreter. */
SEC("kprobe/security_bprm_check")
int BPF_KPROBE(file_checked, struct linux_binprm *bprm)
{
	struct task_struct *task = gadget_current();
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct asked *known = bpf_map_lookup_elem(&asked_files, &tid);
	struct asked asked = {.bprm = bprm};

	if ((known && known->bprm == bprm) || gadget_should_discard_data_current())
		return 0;
	read_origin(&asked.origin, BPF_CORE_READ(bprm, file), task);
	bpf_map_update_elem(&asked_files, &tid, &asked, BPF_ANY);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(executed, struct task_struct *task, pid_t old_pid, struct linux_binprm *bprm)
{
	struct draft *draft = get_draft();
	const char *name = BPF_CORE_READ(bprm, filename);
	bool script = BPF_CORE_READ(bprm, interp) != name;
	struct asked *asked = bpf_map_lookup_elem(&asked_files, &old_pid);
	struct origin origin = {};

	if (!draft || gadget_should_discard_data_current())
		return 0;
	fill(&draft->event, task);
	draft->event.args_count = BPF_CORE_READ(bprm, argc);
	fill_paths(&draft->event, task, AT_FDCWD, name, script);
	if (!script)
		read_origin(&origin, BPF_CORE_READ(task, mm, exe_file), task);
	else if (asked && asked->bprm == bprm)
		origin = asked->origin;
	fill_origins(&draft->event, task, &origin);
	read_args(&draft->event, task);
	emit(ctx, &draft->event);
	bpf_map_delete_elem(&asked_files, &old_pid);
	return 0;
}

static __always_inline __u64 read_pointer(const void *argv, __u32 index, __u32 size)
{
	__u64 pointer = 0;

	/* a 32-bit one fills the lower half */
	if (bpf_probe_read_user(&pointer, size == 4 ? 4 : 8, argv + index * size))
		return 0;
	return pointer;
}

static __always_inline void read_argv(struct event *event, const struct call *call)
{
	__u32 size = 0;
	int count;

	for (count = 0; count < ARGS_COUNT; count++) {
		__u64 arg = read_pointer(call->argv, count, call->pointer_size);
		long len;

		if (!arg)
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

static __always_inline void failed(void *ctx, struct pt_regs *regs, long nr, long ret)
{
	struct task_struct *task = gadget_current();
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct draft *draft = get_draft();
	struct asked *asked;
	struct call call;

	if (!read_call(&call, task, regs, nr))
		return;
	if (!draft || ignore_failed || gadget_should_discard_data_current())
		goto forget;
	fill(&draft->event, task);
	draft->event.error_raw = -ret;
	draft->name[0] = '\0';
	bpf_probe_read_user_str(draft->name, sizeof(draft->name), call.filename);
	fill_paths(&draft->event, task, call.dirfd, draft->name, true);
	asked = bpf_map_lookup_elem(&asked_files, &tid);
	fill_origins(&draft->event, task, asked ? &asked->origin : NULL);
	read_argv(&draft->event, &call);
	emit(ctx, &draft->event);
forget:
	bpf_map_delete_elem(&asked_files, &tid);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(call_failed, struct pt_regs *regs, long ret)
{
	if (ret < 0 && !gadget_is_restarted(ret))
		failed(ctx, regs, gadget_regs_syscall(regs), ret);
	return 0;
}

/* Slower, but never preempted: see unpreempted_tp_btf. */
SEC("tracepoint/raw_syscalls/sys_exit")
int call_failed_unpreempted(struct trace_event_raw_sys_exit *ctx)
{
	if (ctx->ret < 0 && !gadget_is_restarted(ctx->ret))
		failed(ctx, gadget_current_regs(), ctx->id, ctx->ret);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
