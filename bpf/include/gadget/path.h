/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Full paths without bpf_d_path(), which only some program types may call. The dentries are walked
 * upwards, over mount points, to the root that the process sees; a container's files so have the
 * names that the container uses.
 *
 * The names are put backwards into a scratch buffer, since only the end of a path is known at
 * first. The buffer is per CPU: tracing programs of one object do not preempt each other (except on
 * PREEMPT_RT). A path that is deeper than GADGET_PATH_DEPTH or longer than GADGET_PATH_SIZE begins
 * with "..." in place of '/'.
 */
#ifndef GADGET_PATH_H
#define GADGET_PATH_H

#include <vmlinux.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#define GADGET_PATH_SIZE  4096
#define GADGET_PATH_DEPTH 64
#define GADGET_NAME_MAX	  255

/*
 * The walk's variables live here too, not in registers: the verifier then knows nothing of them, so
 * all ways through one step of the loop look alike to it and it follows one, not all combinations.
 */
struct gadget_path_scratch {
	struct dentry *dentry;
	struct vfsmount *mnt;
	__u32 at; /* where the text begins */
	__u32 complete;
	char name[GADGET_NAME_MAX + 1]; /* for whoever has to copy a name to know its length */
	char text[GADGET_PATH_SIZE];
	char end[GADGET_NAME_MAX +
		 1]; /* so that the verifier sees room for any name at any offset */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct gadget_path_scratch);
} gadget_path_scratch SEC(".maps");

static __always_inline struct gadget_path_scratch *gadget_path_get_scratch(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&gadget_path_scratch, &zero);
}

/* Puts a name and the '/' before it in front of the text. */
static __always_inline bool gadget_path_prepend(struct gadget_path_scratch *scratch,
						const void *name, __u32 len)
{
	__u32 at = scratch->at & (GADGET_PATH_SIZE - 1);

	if (len > GADGET_NAME_MAX || at < len + 1)
		return false;
	at = (at - len) & (GADGET_PATH_SIZE - 1);
	bpf_probe_read_kernel(scratch->text + at, len, name);
	at = (at - 1) & (GADGET_PATH_SIZE - 1);
	scratch->text[at] = '/';
	scratch->at = at;
	return true;
}

static __always_inline void gadget_path_begin(struct gadget_path_scratch *scratch)
{
	scratch->complete = false;
	scratch->at = GADGET_PATH_SIZE - 1;
	scratch->text[GADGET_PATH_SIZE - 1] = '\0';
}

/* The offset at which the finished path begins. */
static __always_inline int gadget_path_finish(struct gadget_path_scratch *scratch)
{
	__u32 at = scratch->at & (GADGET_PATH_SIZE - 1);

	if (scratch->complete && at == GADGET_PATH_SIZE - 1) {
		scratch->text[--at] = '/';
	} else if (!scratch->complete && at >= 3) {
		at -= 3;
		scratch->text[at] = scratch->text[at + 1] = scratch->text[at + 2] = '.';
	}
	return at;
}

/*
 * One step up. False at the end of the way. Not inlined, so that the loop stays small enough to end
 * in a jump: before 6.4 the verifier takes no loop that falls through to its own start.
 */
static __attribute__((noinline)) bool gadget_path_step(struct gadget_path_scratch *scratch,
						       struct dentry *root_dentry,
						       struct vfsmount *root_mnt)
{
	struct dentry *dentry = scratch->dentry, *parent = BPF_CORE_READ(dentry, d_parent);
	struct vfsmount *mnt = scratch->mnt;

	if (dentry == root_dentry && mnt == root_mnt)
		goto complete;
	if (dentry == BPF_CORE_READ(mnt, mnt_root)) {
		struct mount *mount = (void *)mnt - bpf_core_field_offset(struct mount, mnt);
		struct mount *above = BPF_CORE_READ(mount, mnt_parent);

		if (mount == above) /* the top of the mount namespace */
			goto complete;
		scratch->dentry = BPF_CORE_READ(mount, mnt_mountpoint);
		scratch->mnt = (void *)above + bpf_core_field_offset(struct mount, mnt);
		return true;
	}
	if (dentry == parent) /* not in any tree: a pipe, a socket, a detached mount */
		goto complete;
	scratch->dentry = parent;
	return gadget_path_prepend(scratch, BPF_CORE_READ(dentry, d_name.name),
				   BPF_CORE_READ(dentry, d_name.len));
complete:
	scratch->complete = true;
	return false;
}

/* Builds the path in the scratch buffer. Not inlined, so that a program has one copy of the loop.
 */
static __attribute__((noinline)) int gadget_path_build(struct dentry *dentry, struct vfsmount *mnt,
						       struct dentry *root_dentry,
						       struct vfsmount *root_mnt)
{
	struct gadget_path_scratch *scratch = gadget_path_get_scratch();

	if (!scratch)
		return -1;
	scratch->dentry = dentry;
	scratch->mnt = mnt;
	gadget_path_begin(scratch);
	for (int i = 0; i < GADGET_PATH_DEPTH; i++)
		if (!gadget_path_step(scratch, root_dentry, root_mnt))
			break;
	return gadget_path_finish(scratch);
}

static __always_inline long gadget_path_copy(char *dst, __u32 size, int at)
{
	struct gadget_path_scratch *scratch = gadget_path_get_scratch();

	dst[0] = '\0';
	if (!scratch || at < 0)
		return -1;
	return bpf_probe_read_kernel_str(dst, size, scratch->text + (at & (GADGET_PATH_SIZE - 1)));
}

/* Writes the path of (dentry, mnt), as `task` sees it, to dst; its length with the NUL, or
 * negative. */
static __always_inline long gadget_path_read(char *dst, __u32 size, struct dentry *dentry,
					     struct vfsmount *mnt, struct task_struct *task)
{
	struct fs_struct *fs = BPF_CORE_READ(task, fs);
	int at = -1;

	if (dentry && mnt)
		at = gadget_path_build(dentry, mnt, BPF_CORE_READ(fs, root.dentry),
				       BPF_CORE_READ(fs, root.mnt));
	return gadget_path_copy(dst, size, at);
}

static __always_inline long gadget_path_of_file(char *dst, __u32 size, struct file *file,
						struct task_struct *task)
{
	return gadget_path_read(dst, size, BPF_CORE_READ(file, f_path.dentry),
				BPF_CORE_READ(file, f_path.mnt), task);
}

static __always_inline long gadget_path_of_cwd(char *dst, __u32 size, struct task_struct *task)
{
	return gadget_path_read(dst, size, BPF_CORE_READ(task, fs, pwd.dentry),
				BPF_CORE_READ(task, fs, pwd.mnt), task);
}

static __always_inline long gadget_path_of_exe(char *dst, __u32 size, struct task_struct *task)
{
	return gadget_path_of_file(dst, size, BPF_CORE_READ(task, mm, exe_file), task);
}

/* The open file `fd` of a task. */
static __always_inline struct file *gadget_file_of_fd(struct task_struct *task, int fd)
{
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **files = BPF_CORE_READ(table, fd);
	struct file *file = NULL;

	if (fd >= 0 && (__u32)fd < BPF_CORE_READ(table, max_fds))
		bpf_probe_read_kernel(&file, sizeof(file), files + fd);
	return file;
}

#endif
