// SPDX-License-Identifier: GPL-2.0
// trace_open: one event for each open(2), openat(2), openat2(2) and creat(2) that returned, and for
// those of io_uring.
//
// The name is read at the call's exit: by then the kernel has read it itself, so its page is there.
#include <gadget/common.h>
#include <bpf/bpf_tracing.h>
#include <gadget/buffer.h>
#include <gadget/filter.h>
#include <gadget/macros.h>
#include <gadget/path_at.h>
#include <gadget/process_leader.h>

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

/* What was asked for. */
struct call {
	__u64 fname; /* user address */
	__u64 how;   /* user address of openat2's flags and mode */
	__u32 flags;
	__u32 mode;
	__s32 dirfd;
};

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

static __always_inline void read_how(struct call *call)
{
	struct open_how how = {};

	bpf_probe_read_user(&how, sizeof(how), (void *)call->how);
	call->flags = how.flags;
	call->mode = how.mode;
}

static __always_inline long path_of(struct event *event, int dirfd)
{
	struct task_struct *task = gadget_current();

	event->fpath[0] = '\0';
	if (!paths)
		return 0;
	if (event->fd >= 0)
		return gadget_path_of_file(event->fpath, PATH_SIZE,
					   gadget_file_of_fd(task, event->fd), task);
	return gadget_path_at(event->fpath, PATH_SIZE, dirfd, event->fname, task);
}

/* All but who and fname. */
static __always_inline void fill(struct event *event, const struct call *call, long result)
{
	event->timestamp_raw = bpf_ktime_get_boot_ns();
	event->error_raw = result < 0 ? -result : 0;
	event->fd = result < 0 ? -1 : result;
	event->flags_raw = call->flags;
	event->mode_raw = call->flags & (O_CREAT | O_TMPFILE) ? call->mode : 0;
}

static __always_inline void emit(struct event *event, int dirfd)
{
	long len = path_of(event, dirfd);

	if (len < 1)
		len = 1;
	if (len > PATH_SIZE)
		len = PATH_SIZE;
	gadget_output_buf(ctx, &events, event, __builtin_offsetof(struct event, fpath) + len);
}

static __always_inline void tell_call(struct call *call, long result)
{
	__u32 zero = 0;
	struct draft *draft = bpf_map_lookup_elem(&drafts, &zero);

	if (!draft || (targ_failed && result >= 0))
		return;
	if (call->how)
		read_how(call);
	fill(&draft->event, call, result);
	gadget_process_populate(&draft->event.proc);
	draft->event.fname[0] = '\0';
	bpf_probe_read_user_str(draft->event.fname, NAME_SIZE, (void *)call->fname);
	emit(&draft->event, call->dirfd);
}

#include "by_syscalls.h"
#include "by_calls.h"
#include "by_io_uring.h"

char LICENSE[] SEC("license") = "GPL";
