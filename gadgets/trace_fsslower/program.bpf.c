// SPDX-License-Identifier: GPL-2.0
/*
 * trace_fsslower: opens, reads, writes, fsyncs and statfs of files that took long.
 *
 * Between beginning and end only the time is kept: all else is still in the registers or arguments
 * when the call returns, and is looked at only if it was slow. Which file system it was is said by
 * the file's super block, so that all of them, those of modules too, need no hooks of their own.
 */
#include <gadget/common.h>
#include <bpf/bpf_tracing.h>
#include <gadget/buffer.h>
#include <gadget/file.h>
#include <gadget/file_call.h>
#include <gadget/filter.h>
#include <gadget/io_uring.h>
#include <gadget/macros.h>
#include <gadget/process_leader.h>
#include "statfs.h"

#define PATH_SIZE    512
#define PF_IO_WORKER 0x10 /* a thread of io_uring's, in the process that it works for */

enum fs_file_op {
	open,
	read,
	write,
	fsync,
	statfs,
};

/* file is last, since only as much of it as there is goes into the ring. */
struct event {
	gadget_timestamp timestamp_raw; /* of the end */
	struct gadget_process proc;
	__u64 delta_us;
	__s64 offset; /* -1 where it means nothing */
	__u64 size;
	gadget_errno error_raw;
	enum fs_file_op op_raw;
	char fs[FS_NAME_SIZE];
	char file[PATH_SIZE];
};

GADGET_TRACER_MAP(events, 8 << 20);
GADGET_TRACER(fsslower, events, event);

const volatile __u64 min_lat_us = 10000;
GADGET_PARAM(min_lat_us);
const volatile char filesystem[FS_NAME_SIZE] = "any";
GADGET_PARAM(filesystem);

struct start {
	__u64 time;
	__s64 offset; /* of io_uring's requests */
};

/* One thread may be in several: overlayfs has the file below synced too. */
struct start_key {
	__u64 object; /* the file or request, where that has to be told */
	__u32 tid;
	enum fs_file_op op;
};

/* An LRU map, since a killed thread never exits from its call. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 10240);
	__type(key, struct start_key);
	__type(value, struct start);
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

/* What was done, once it is over. */
struct deed {
	enum fs_file_op op;
	__u64 start;
	struct file *file;
	__s64 offset;
	long result;
	bool by_worker; /* who completes it need not be the thread that asked */
	/* where there is no file: */
	const char *name;
	__u32 magic;
};

static __always_inline int begin(const struct start_key *key, __s64 offset)
{
	struct start start = {.time = bpf_ktime_get_boot_ns(), .offset = offset};

	if (!gadget_should_discard_data_current())
		bpf_map_update_elem(&started, key, &start, BPF_ANY);
	return 0;
}

/* Whether it began within the recording and is over the limit. */
static __always_inline bool was_slow(const struct start_key *key, struct start *start)
{
	struct start *known = bpf_map_lookup_elem(&started, key);

	if (!known)
		return false;
	*start = *known;
	bpf_map_delete_elem(&started, key);
	return bpf_ktime_get_boot_ns() - start->time >= min_lat_us * 1000;
}

static __always_inline struct start_key key_of(enum fs_file_op op, __u64 object)
{
	return (struct start_key){
	    .object = object, .tid = (__u32)bpf_get_current_pid_tgid(), .op = op};
}

/* The names are equal up to the end of either: nfs is nfs4 too, and overlayfs calls itself overlay.
 */
static __always_inline bool is_wanted(const char *fs)
{
	for (int i = 0; i < FS_NAME_SIZE; i++) {
		if (!fs[i] || !filesystem[i])
			return i > 0;
		if (fs[i] != filesystem[i])
			return false;
	}
	return true;
}

static __always_inline bool is_any(void)
{
	return filesystem[0] == 'a' && filesystem[1] == 'n' && filesystem[2] == 'y' &&
	       !filesystem[3];
}

/* Of a file system are its files and directories. A FIFO, socket or device only has its name there,
 * and whoever waits for it does not wait for the file system. */
static __always_inline bool choose_file(struct file *file, char *fs)
{
	enum gadget_file_kind kind = gadget_file_kind_of(file);
	struct super_block *sb = BPF_CORE_READ(file, f_inode, i_sb);

	if (!sb || gadget_is_pseudo(sb))
		return false;
	bpf_probe_read_kernel_str(fs, FS_NAME_SIZE, BPF_CORE_READ(sb, s_type, name));
	if (is_any())
		return kind != socket && kind != character;
	return (kind == regular || kind == directory) && is_wanted(fs);
}

static __always_inline bool choose(const struct deed *deed, char *fs)
{
	if (!deed->file && deed->op == statfs) {
		fs_name_of_magic(fs, deed->magic);
		return is_any() || (fs[0] && is_wanted(fs));
	}
	return deed->file && choose_file(deed->file, fs);
}

static __always_inline long name_file(struct event *event, const struct deed *deed)
{
	struct task_struct *task = gadget_current();

	if (deed->file)
		return gadget_path_of_file(event->file, PATH_SIZE, deed->file, task);
	return gadget_path_at(event->file, PATH_SIZE, AT_FDCWD, deed->name, task);
}

static __always_inline void fill(struct event *event, const struct deed *deed)
{
	event->timestamp_raw = bpf_ktime_get_boot_ns();
	event->delta_us = (event->timestamp_raw - deed->start) / 1000;
	if (deed->by_worker || BPF_CORE_READ(gadget_current(), flags) & PF_IO_WORKER)
		gadget_process_populate_leader(&event->proc);
	else
		gadget_process_populate(&event->proc);
	event->op_raw = deed->op;
	event->offset = -1;
	event->size = 0;
	event->error_raw = deed->result < 0 ? -deed->result : 0;
	if (deed->op == read || deed->op == write) {
		event->offset = deed->offset;
		event->size = deed->result < 0 ? 0 : deed->result;
	}
}

/* Not inlined, since some calls read one file and write another. */
static __attribute__((noinline)) int tell(const struct deed *deed)
{
	__u32 zero = 0;
	struct draft *draft = bpf_map_lookup_elem(&drafts, &zero);
	struct event *event;
	long len;

	if (!draft)
		return 0;
	event = &draft->event;
	if (!choose(deed, event->fs))
		return 0;
	fill(event, deed);
	len = name_file(event, deed);
	if (len < 1) {
		event->file[0] = '\0';
		len = 1;
	}
	if (len > PATH_SIZE)
		len = PATH_SIZE;
	gadget_output_buf(ctx, &events, event, __builtin_offsetof(struct event, file) + len);
	return 0;
}

/* Where a read or write began that used and moved the file's own position. */
static __always_inline __s64 moved_from(struct file *file, long result)
{
	return BPF_CORE_READ(file, f_pos) - (result > 0 ? result : 0);
}

#include "by_fentry.h"
#include "by_syscalls.h"
#include "by_io_uring.h"

char LICENSE[] SEC("license") = "GPL";
