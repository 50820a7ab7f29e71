/* SPDX-License-Identifier: GPL-2.0 */
/* What an open file is: its kind, its file system, and a name for people. */
#ifndef GADGET_FILE_H
#define GADGET_FILE_H

#include <gadget/path.h>

enum gadget_file_kind {
	unknown,
	fifo,
	character,
	directory = 4,
	block = 6,
	regular = 8,
	symlink = 10,
	socket = 12,
};

#define __GADGET_SB_NOUSER (1ul << 31)

static __always_inline enum gadget_file_kind gadget_file_kind_of(struct file *file)
{
	return BPF_CORE_READ(file, f_inode, i_mode) >> 12;
}

/* Of the kernel's own file systems that nobody can mount: pipes, sockets, eventfds, memfds. */
static __always_inline bool gadget_is_pseudo(struct super_block *sb)
{
	return BPF_CORE_READ(sb, s_flags) & __GADGET_SB_NOUSER;
}

static __always_inline void gadget_label_put(struct gadget_path_scratch *scratch, char letter)
{
	__u32 at = (scratch->at - 1) & (GADGET_PATH_SIZE - 1);

	scratch->text[at] = letter;
	scratch->at = at;
}

static __always_inline void gadget_label_put_text(struct gadget_path_scratch *scratch,
						  const char *text, int len)
{
	for (int i = len - 1; i >= 0; i--)
		gadget_label_put(scratch, text[i]);
}

#define GADGET_LABEL_PUT(scratch, text) gadget_label_put_text(scratch, text, sizeof(text) - 1)

static __always_inline void gadget_label_put_number(struct gadget_path_scratch *scratch,
						    __u64 number)
{
	for (int i = 0; i < 20; i++) {
		gadget_label_put(scratch, '0' + number % 10);
		number /= 10;
		if (!number)
			break;
	}
}

/* Names a file that has no path, as /proc/PID/fd does. */
static __attribute__((noinline)) int gadget_label_build(struct file *file)
{
	struct gadget_path_scratch *scratch = gadget_path_get_scratch();
	enum gadget_file_kind kind = gadget_file_kind_of(file);
	__u32 len = BPF_CORE_READ(file, f_path.dentry, d_name.len);

	if (!scratch)
		return -1;
	gadget_path_begin(scratch);
	if (len && kind != socket && kind != fifo) { /* [eventfd], memfd:x */
		gadget_path_prepend(scratch, BPF_CORE_READ(file, f_path.dentry, d_name.name), len);
		scratch->at++; /* without the '/' */
		if (kind == unknown)
			GADGET_LABEL_PUT(scratch, "anon_inode:");
		return scratch->at & (GADGET_PATH_SIZE - 1);
	}
	gadget_label_put(scratch, ']');
	gadget_label_put_number(scratch, BPF_CORE_READ(file, f_inode, i_ino));
	if (kind == socket)
		GADGET_LABEL_PUT(scratch, "socket:[");
	else if (kind == fifo)
		GADGET_LABEL_PUT(scratch, "pipe:[");
	else
		gadget_label_put(scratch, '[');
	return scratch->at & (GADGET_PATH_SIZE - 1);
}

/* Writes the file's path, as `task` sees it, or a label to dst; its length with the NUL, or
 * negative. */
static __always_inline long gadget_file_name(char *dst, __u32 size, struct file *file,
					     struct task_struct *task)
{
	if (gadget_is_pseudo(BPF_CORE_READ(file, f_inode, i_sb)))
		return gadget_path_copy(dst, size, gadget_label_build(file));
	return gadget_path_of_file(dst, size, file, task);
}

#endif
