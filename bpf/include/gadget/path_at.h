/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The full path of a name that was given to a system call, for files that were not opened (there is
 * none, or it was refused): the folder that the call started from, and the name as it was given.
 * Nobody knows where its links would have led, so none is followed.
 */
#ifndef GADGET_PATH_AT_H
#define GADGET_PATH_AT_H

#include <gadget/path.h>

#define AT_FDCWD -100

/* Room that a buffer must have behind its `size` bytes: the verifier sees a name begin anywhere in
 * them. */
#define GADGET_PATH_AT_SLACK 256

/*
 * Writes the path of `name` (kernel memory) to dst, whose size is a power of two. Says its length
 * with the NUL, like the kernel's string helpers, or a negative number when the folder is none.
 */
static __always_inline long gadget_path_at(char *dst, __u32 size, int dirfd, const char *name,
					   struct task_struct *task)
{
	long len = 1, added;
	char first = 0;

	dst[0] = '\0';
	bpf_probe_read_kernel(&first, sizeof(first), name);
	if (!first)
		return 1;
	if (first != '/' && dirfd == AT_FDCWD)
		len = gadget_path_of_cwd(dst, size, task);
	else if (first != '/')
		len = gadget_path_of_file(dst, size, gadget_file_of_fd(task, dirfd), task);
	if (len < 1)
		return len;
	len--;
	if (len > 1)
		dst[len++ & (size - 1)] = '/';
	len &= size - 1;
	added = bpf_probe_read_kernel_str(dst + len, GADGET_PATH_AT_SLACK, name);
	dst[size - 1] = '\0';
	if (added < 0)
		return added;
	return len + added > size ? size : len + added;
}

#endif
