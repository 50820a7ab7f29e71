// SPDX-License-Identifier: GPL-2.0
/*
 * trace_mount: one event for each call that mounted or unmounted something, or changed a mount, by
 * mount(2) and umount(2) or step by step by the newer calls.
 *
 * Between entry and exit only the time is kept: the arguments are still in the registers.
 */
#include <gadget/common.h>
#include <bpf/bpf_tracing.h>
#include <gadget/buffer.h>
#include <gadget/filter.h>
#include <gadget/macros.h>
#include <gadget/path_at.h>
#include "calls.h"

#define TEXT_SIZE 512
#define TYPE_SIZE 32
#define KEY_SIZE  256

struct event {
	gadget_timestamp timestamp_raw;
	struct gadget_process proc;
	gadget_duration delta_raw;
	enum op op_raw;
	gadget_errno error_raw;
	enum flags_set flags_raw;
	enum flags_set cleared_raw;
	enum call_flags_set call_flags_raw;
	enum command command_raw;
	__s32 fd; /* that the call made, or was about; -1: none */
	char fs[TYPE_SIZE];
	/* In this order: what is too long runs into the next one, which is filled after it. */
	char src[TEXT_SIZE];
	char dest[TEXT_SIZE];
	char data[TEXT_SIZE];
};

GADGET_TRACER_MAP(events, 8 << 20);
GADGET_TRACER(mount, events, event);

const volatile bool targ_failed = false;
GADGET_PARAM(targ_failed);

/* When the thread's call began. An LRU map, since a killed thread never exits from its call. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 10240);
	__type(key, __u32);
	__type(value, __u64);
} started SEC(".maps");

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

/* What a file of fsopen() or fspick() holds. */
struct fs_context___ig {
	struct file_system_type *fs_type;
	const char *source;
} __attribute__((preserve_access_index));

struct mount___ig {
	const char *mnt_devname;
} __attribute__((preserve_access_index));

static __always_inline struct file *file_of(__u64 fd)
{
	return gadget_file_of_fd(gadget_current(), (int)fd);
}

static __always_inline void user_text(char *dst, __u32 size, __u64 address)
{
	dst[0] = '\0';
	if (address)
		bpf_probe_read_user_str(dst, size, (void *)address);
}

static __always_inline void kernel_text(char *dst, __u32 size, const char *address)
{
	dst[0] = '\0';
	if (address)
		bpf_probe_read_kernel_str(dst, size, address);
}

/* Writes the full path of a name that the caller gave to src or dest. False if there was none. Not
 * inlined, since it is large, and some calls have two. */
static __attribute__((noinline)) int name_path(struct event *event, bool to, int dirfd,
					       __u64 address)
{
	struct gadget_path_scratch *scratch = gadget_path_get_scratch();
	struct task_struct *task = gadget_current();

	if (!scratch)
		return false;
	user_text(scratch->name, sizeof(scratch->name), address);
	if (!scratch->name[0])
		return false;
	/* Two calls: the verifier wants to know where the text lies. */
	if (to)
		gadget_path_at(event->dest, TEXT_SIZE, dirfd, scratch->name, task);
	else
		gadget_path_at(event->src, TEXT_SIZE, dirfd, scratch->name, task);
	return true;
}

/* What an open mount shows: source and type. */
static __always_inline void describe_mount(struct event *event, struct file *file)
{
	struct vfsmount *mnt = BPF_CORE_READ(file, f_path.mnt);
	struct mount___ig *mount = (void *)mnt - bpf_core_field_offset(struct mount, mnt);

	kernel_text(event->fs, TYPE_SIZE, BPF_CORE_READ(mnt, mnt_sb, s_type, name));
	kernel_text(event->src, TEXT_SIZE, BPF_CORE_READ(mount, mnt_devname));
}

static __always_inline void describe_context(struct event *event, __u64 fd)
{
	struct fs_context___ig *context = BPF_CORE_READ(file_of(fd), private_data);

	kernel_text(event->fs, TYPE_SIZE, BPF_CORE_READ(context, fs_type, name));
	kernel_text(event->src, TEXT_SIZE, BPF_CORE_READ(context, source));
}

static __always_inline void fill_fsconfig(struct event *event,
					  const struct gadget_syscall_regs *call)
{
	__u64 key = gadget_arg2(call), value = gadget_arg3(call);
	long len = 0;

	event->fd = gadget_arg0(call);
	event->command_raw = (__u32)gadget_arg1(call) + 1;
	if (!event->error_raw)
		describe_context(event, event->fd);
	if (key)
		len = bpf_probe_read_user_str(event->data, KEY_SIZE, (void *)key);
	if (len < 2 || !value || event->command_raw == set_flag || event->command_raw == set_binary)
		return;
	len = (len - 1) & (KEY_SIZE - 1);
	event->data[len] = '=';
	user_text(event->data + len + 1, TEXT_SIZE - KEY_SIZE, value);
}

static __always_inline void fill_attributes(struct event *event, __u64 address, __u64 size)
{
	struct mount_attr___ig attributes = {};

	if (size >= sizeof(attributes))
		bpf_probe_read_user(&attributes, sizeof(attributes), (void *)address);
	event->flags_raw = flags_of_attributes(attributes.attr_set) | (__u32)attributes.propagation;
	event->cleared_raw = flags_of_attributes(attributes.attr_clr);
	if (attributes.attr_set & ATTR_IDMAP)
		event->call_flags_raw |= idmap;
}

static __always_inline void fill_move_mount(struct event *event,
					    const struct gadget_syscall_regs *call)
{
	int from = gadget_arg0(call);

	event->call_flags_raw = flags_of_move_mount(gadget_arg4(call));
	if (!name_path(event, false, from, gadget_arg1(call))) {
		event->fd = from;
		describe_mount(event, file_of(from));
	}
	name_path(event, true, gadget_arg2(call), gadget_arg3(call));
}

static __always_inline void fill_older(struct event *event, const struct gadget_syscall_regs *call)
{
	switch (event->op_raw) {
	case mount:
		event->flags_raw = flags_of_mount(gadget_arg3(call));
		user_text(event->fs, TYPE_SIZE, gadget_arg2(call));
		user_text(event->src, TEXT_SIZE, gadget_arg0(call));
		name_path(event, true, AT_FDCWD, gadget_arg1(call));
		user_text(event->data, TEXT_SIZE, gadget_arg4(call));
		break;
	case umount:
		if (!(gadget_is_32bit(call) && call->nr == NR_UMOUNT32))
			event->call_flags_raw = gadget_arg1(call) & 15;
		name_path(event, true, AT_FDCWD, gadget_arg0(call));
		break;
	default: /* pivot_root */
		name_path(event, false, AT_FDCWD, gadget_arg0(call));
		name_path(event, true, AT_FDCWD, gadget_arg1(call));
	}
}

static __always_inline void fill_newer(struct event *event, const struct gadget_syscall_regs *call)
{
	switch (event->op_raw) {
	case open_tree:
	case open_tree_attr:
		event->call_flags_raw = flags_of_open_tree(gadget_arg2(call));
		name_path(event, false, gadget_arg0(call), gadget_arg1(call));
		if (event->op_raw == open_tree_attr)
			fill_attributes(event, gadget_arg3(call), gadget_arg4(call));
		break;
	case move_mount:
		fill_move_mount(event, call);
		break;
	case fsopen:
		event->call_flags_raw = gadget_arg1(call) & 1 ? cloexec : 0;
		user_text(event->fs, TYPE_SIZE, gadget_arg0(call));
		break;
	case fsconfig:
		fill_fsconfig(event, call);
		break;
	case fsmount:
		event->call_flags_raw = gadget_arg1(call) & 1 ? cloexec : 0;
		event->flags_raw = flags_of_attributes(gadget_arg2(call));
		if (!event->error_raw)
			describe_mount(event, file_of(event->fd));
		break;
	case fspick:
		event->call_flags_raw = flags_of_fspick(gadget_arg2(call));
		name_path(event, true, gadget_arg0(call), gadget_arg1(call));
		break;
	default: /* mount_setattr */
		event->call_flags_raw = flags_at(gadget_arg2(call));
		fill_attributes(event, gadget_arg3(call), gadget_arg4(call));
		name_path(event, true, gadget_arg0(call), gadget_arg1(call));
	}
}

static __always_inline bool makes_descriptor(enum op op)
{
	return op == open_tree || op == open_tree_attr || op == fsopen || op == fsmount ||
	       op == fspick;
}

static __always_inline void begin_event(struct event *event, enum op op, __u64 start, long result)
{
	event->timestamp_raw = bpf_ktime_get_boot_ns();
	event->delta_raw = event->timestamp_raw - start;
	gadget_process_populate(&event->proc);
	event->op_raw = op;
	event->error_raw = result < 0 ? -result : 0;
	event->fd = result >= 0 && makes_descriptor(op) ? result : -1;
	event->flags_raw = event->cleared_raw = 0;
	event->call_flags_raw = 0;
	event->command_raw = 0;
	event->fs[0] = event->src[0] = event->dest[0] = event->data[0] = '\0';
}

static __always_inline int enter(struct pt_regs *regs)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	__u64 now = bpf_ktime_get_boot_ns();
	struct gadget_syscall_regs call;

	gadget_syscall_regs_read(&call, regs);
	if (op_of(&call) != no_op && !gadget_should_discard_data_current())
		bpf_map_update_elem(&started, &tid, &now, BPF_ANY);
	return 0;
}

static __always_inline int leave(struct pt_regs *regs, long result)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid(), zero = 0;
	struct gadget_syscall_regs call;
	struct draft *draft;
	__u64 *start;
	enum op op;

	gadget_syscall_regs_read(&call, regs);
	op = op_of(&call);
	if (op == no_op)
		return 0;
	result = gadget_result(&call, result);
	start = bpf_map_lookup_elem(&started, &tid);
	draft = bpf_map_lookup_elem(&drafts, &zero);
	if (!start || !draft)
		return 0;
	if (!targ_failed || result < 0) {
		begin_event(&draft->event, op, *start, result);
		if (op <= pivot_root)
			fill_older(&draft->event, &call);
		else
			fill_newer(&draft->event, &call);
		gadget_output_buf(ctx, &events, &draft->event, sizeof(draft->event));
	}
	bpf_map_delete_elem(&started, &tid);
	return 0;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(enter_syscall, struct pt_regs *regs, long id)
{
	return enter(regs);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(exit_syscall, struct pt_regs *regs, long result)
{
	return leave(regs, result);
}

/* Since 7.0 a program at a typed tracepoint can be preempted, and the kernel skips it meanwhile. */
SEC("tracepoint/raw_syscalls/sys_enter")
int enter_syscall_unpreempted(struct trace_event_raw_sys_enter *ctx)
{
	return enter(gadget_current_regs());
}

SEC("tracepoint/raw_syscalls/sys_exit")
int exit_syscall_unpreempted(struct trace_event_raw_sys_exit *ctx)
{
	return leave(gadget_current_regs(), ctx->ret);
}

char LICENSE[] SEC("license") = "GPL";
