// SPDX-License-Identifier: GPL-2.0
// snapshot_file: the files that are open at one moment, and in whom.
#include <gadget/common.h>
#include <bpf/bpf_tracing.h>
#include <gadget/file.h>
#include <gadget/filter.h>
#include <gadget/macros.h>

#define PATH_SIZE 512

enum file_type {
	REGULAR,
	SOCKET,
	PIPE,
	BPF_MAP,
	DIRECTORY,
	CHAR_DEV,
	BLOCK_DEV,
	SYMLINK,
	OTHER,
};

struct file_entry {
	struct gadget_process proc;
	__u32 fd;
	enum file_type type_raw;
	__u64 inode;
	__u32 dev;
	gadget_file_flags flags_raw;
	__s64 offset;
	char path[PATH_SIZE];
};

GADGET_ITER(files, file_entry, list_files);

const volatile bool paths = true;
GADGET_PARAM(paths);
const volatile __u32 file_type_mask = 1 << REGULAR | 1 << DIRECTORY;
GADGET_PARAM(file_type_mask);

/* Where a row is made, since it does not fit on the stack. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct file_entry);
} drafts SEC(".maps");

/* Of the descriptors that have no kind, those of BPF maps are told by their name. */
static __always_inline bool is_bpf_map(struct file *file)
{
	char name[8] = {};

	bpf_probe_read_kernel_str(name, sizeof(name),
				  BPF_CORE_READ(file, f_path.dentry, d_name.name));
	return name[0] == 'b' && name[1] == 'p' && name[2] == 'f' && name[3] == '-' &&
	       name[4] == 'm' && name[5] == 'a' && name[6] == 'p';
}

static __always_inline enum file_type type_of(struct file *file)
{
	switch (gadget_file_kind_of(file)) {
	case regular:
		return REGULAR;
	case socket:
		return SOCKET;
	case fifo:
		return PIPE;
	case directory:
		return DIRECTORY;
	case character:
		return CHAR_DEV;
	case block:
		return BLOCK_DEV;
	case symlink:
		return SYMLINK;
	default:
		return is_bpf_map(file) ? BPF_MAP : OTHER;
	}
}

static __always_inline void name_file(struct file_entry *entry, struct file *file,
				      struct task_struct *task)
{
	entry->path[0] = '\0';
	if (paths)
		gadget_file_name(entry->path, PATH_SIZE, file, task);
	else
		bpf_probe_read_kernel_str(entry->path, PATH_SIZE,
					  BPF_CORE_READ(file, f_path.dentry, d_name.name));
}

SEC("iter/task_file")
int list_files(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct file_entry *entry;
	__u32 zero = 0;

	entry = bpf_map_lookup_elem(&drafts, &zero);
	if (!task || !file || !entry)
		return 0;
	entry->type_raw = type_of(file);
	if (!(file_type_mask >> entry->type_raw & 1))
		return 0;
	gadget_process_populate_from_task(&entry->proc, task);
	if (gadget_should_discard_process(&entry->proc))
		return 0;
	entry->fd = ctx->fd;
	entry->inode = BPF_CORE_READ(file, f_inode, i_ino);
	entry->dev = BPF_CORE_READ(file, f_inode, i_sb, s_dev);
	entry->flags_raw = BPF_CORE_READ(file, f_flags);
	entry->offset = BPF_CORE_READ(file, f_pos);
	name_file(entry, file, task);
	bpf_seq_write(ctx->meta->seq, entry, sizeof(*entry));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
