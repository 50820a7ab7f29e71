/* SPDX-License-Identifier: GPL-2.0 */
/* What a file says of where a program came from. */
#ifndef EXECUTABLE_H
#define EXECUTABLE_H

#include <vmlinux.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#define OVERLAYFS_SUPER_MAGIC 0x794c7630
#define NSEC_PER_SEC	      1000000000ull

struct timespec64___of_ctime {
	__s64 tv_sec;
	long tv_nsec;
} __attribute__((preserve_access_index));

struct inode___before_6_6 {
	struct timespec64___of_ctime i_ctime;
} __attribute__((preserve_access_index));

struct inode___before_6_11 {
	struct timespec64___of_ctime __i_ctime;
} __attribute__((preserve_access_index));

struct inode___since_6_11 {
	__s64 i_ctime_sec;
	__u32 i_ctime_nsec;
} __attribute__((preserve_access_index));

/* Nanoseconds since 1970. */
static __always_inline __u64 change_time(const struct inode *inode)
{
	const struct inode___before_6_6 *first = (const void *)inode;
	const struct inode___before_6_11 *second = (const void *)inode;
	const struct inode___since_6_11 *third = (const void *)inode;

	if (bpf_core_field_exists(third->i_ctime_sec))
		return BPF_CORE_READ(third, i_ctime_sec) * NSEC_PER_SEC +
		       BPF_CORE_READ(third, i_ctime_nsec);
	if (bpf_core_field_exists(second->__i_ctime))
		return BPF_CORE_READ(second, __i_ctime.tv_sec) * NSEC_PER_SEC +
		       BPF_CORE_READ(second, __i_ctime.tv_nsec);
	return BPF_CORE_READ(first, i_ctime.tv_sec) * NSEC_PER_SEC +
	       BPF_CORE_READ(first, i_ctime.tv_nsec);
}

/*
 * Whether the file lies on the writable layer of an overlay: written since the container began, and
 * not part of its image. Where overlayfs is a module, the kernel's own BTF lacks its types; the
 * pointer follows the inode in all versions.
 */
static __always_inline bool is_upper(const struct inode *inode)
{
	const void *upper = NULL;

	if (!inode || BPF_CORE_READ(inode, i_sb, s_magic) != OVERLAYFS_SUPER_MAGIC)
		return false;
	bpf_probe_read_kernel(&upper, sizeof(upper),
			      (const void *)inode + bpf_core_type_size(struct inode));
	return upper != NULL;
}

/*
 * Whether the file lies on the mount of the task's root directory, so that it is not a volume's.
 * A new mount namespace has copies of all mounts, so they are told by what is mounted.
 */
static __always_inline bool is_from_rootfs(const struct file *file, struct task_struct *task)
{
	return file && BPF_CORE_READ(file, f_path.mnt, mnt_root) ==
			   BPF_CORE_READ(task, fs, root.mnt, mnt_root);
}

struct origin {
	__u64 ctime;
	bool from_rootfs;
	bool upper_layer;
};

static __always_inline void read_origin(struct origin *origin, const struct file *file,
					struct task_struct *task)
{
	const struct inode *inode = BPF_CORE_READ(file, f_inode);

	origin->ctime = inode ? change_time(inode) : 0;
	origin->from_rootfs = is_from_rootfs(file, task);
	origin->upper_layer = is_upper(inode);
}

#endif
