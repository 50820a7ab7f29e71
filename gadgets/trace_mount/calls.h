/* SPDX-License-Identifier: GPL-2.0 */
/* The system calls that change what is mounted, and the flags that each has of its own. */
#ifndef CALLS_H
#define CALLS_H

#include <gadget/syscall_regs.h>

enum op {
	no_op,
	mount,
	umount,
	pivot_root,
	open_tree,
	move_mount,
	fsopen,
	fsconfig,
	fsmount,
	fspick,
	mount_setattr,
	open_tree_attr,
};

#if defined(__TARGET_ARCH_x86)
#define NR_MOUNT	165
#define NR_UMOUNT2	166
#define NR_PIVOT_ROOT	155
#define NR_PIVOT_ROOT32 217
#elif defined(__TARGET_ARCH_arm64)
#define NR_MOUNT	40
#define NR_UMOUNT2	39
#define NR_PIVOT_ROOT	41
#define NR_PIVOT_ROOT32 218
#endif

#define NR_MOUNT32    21
#define NR_UMOUNT32   22 /* i386 only */
#define NR_UMOUNT2_32 52

/* The newer calls have one number everywhere. */
static __always_inline enum op newer_op_of(__u64 nr)
{
	switch (nr) {
	case 428:
		return open_tree;
	case 429:
		return move_mount;
	case 430:
		return fsopen;
	case 431:
		return fsconfig;
	case 432:
		return fsmount;
	case 433:
		return fspick;
	case 442:
		return mount_setattr;
	case 467:
		return open_tree_attr;
	}
	return no_op;
}

static __always_inline enum op op_of_64(__u64 nr)
{
	switch (nr) {
	case NR_MOUNT:
		return mount;
	case NR_UMOUNT2:
		return umount;
	case NR_PIVOT_ROOT:
		return pivot_root;
	}
	return newer_op_of(nr);
}

static __always_inline enum op op_of_32(const struct gadget_syscall_regs *call)
{
	switch (call->nr) {
	case NR_MOUNT32:
		return mount;
	case NR_UMOUNT32:
		return call->arch == i386 ? umount : no_op;
	case NR_UMOUNT2_32:
		return umount;
	case NR_PIVOT_ROOT32:
		return pivot_root;
	}
	return newer_op_of(call->nr);
}

static __always_inline enum op op_of(const struct gadget_syscall_regs *call)
{
	return gadget_is_32bit(call) ? op_of_32(call) : op_of_64(call->nr);
}

/* Of mount(2). The attributes of the newer calls are given by these names too. */
enum flags_set {
	MS_RDONLY = 1,
	MS_NOSUID = 2,
	MS_NODEV = 4,
	MS_NOEXEC = 8,
	MS_SYNCHRONOUS = 16,
	MS_REMOUNT = 32,
	MS_MANDLOCK = 64,
	MS_DIRSYNC = 128,
	MS_NOSYMFOLLOW = 256,
	MS_NOATIME = 1024,
	MS_NODIRATIME = 2048,
	MS_BIND = 4096,
	MS_MOVE = 8192,
	MS_REC = 16384,
	MS_SILENT = 32768,
	MS_POSIXACL = 1 << 16,
	MS_UNBINDABLE = 1 << 17,
	MS_PRIVATE = 1 << 18,
	MS_SLAVE = 1 << 19,
	MS_SHARED = 1 << 20,
	MS_RELATIME = 1 << 21,
	MS_KERNMOUNT = 1 << 22,
	MS_I_VERSION = 1 << 23,
	MS_STRICTATIME = 1 << 24,
	MS_LAZYTIME = 1 << 25,
};

#define MS_MGC_VAL 0xc0ed0000 /* what old programs add, to say that there are flags */
#define MS_MGC_MSK 0xffff0000

static __always_inline __u32 flags_of_mount(__u64 flags)
{
	return (flags & MS_MGC_MSK) == MS_MGC_VAL ? flags & ~MS_MGC_MSK : flags;
}

static __always_inline __u32 flags_of_attributes(__u64 attributes)
{
	__u32 flags = attributes & 15; /* the first four have the same numbers */

	if (attributes & 0x10)
		flags |= MS_NOATIME;
	if (attributes & 0x20)
		flags |= MS_STRICTATIME;
	if (attributes & 0x80)
		flags |= MS_NODIRATIME;
	if (attributes & 0x200000)
		flags |= MS_NOSYMFOLLOW;
	return flags;
}

/* What the other calls may be asked for. */
enum call_flags_set {
	force = 1,
	detach = 2,
	expire = 4,
	nofollow = 8,
	clone = 16,
	cloexec = 32,
	recursive = 64,
	no_automount = 128,
	empty_path = 256,
	from_symlinks = 512,
	from_automounts = 1024,
	from_empty_path = 2048,
	to_symlinks = 4096,
	to_automounts = 8192,
	to_empty_path = 16384,
	set_group = 1 << 15,
	beneath = 1 << 16,
	idmap = 1 << 17, /* of mount_setattr */
};

static __always_inline __u32 flags_at(__u64 flags)
{
	return (flags & 0x100 ? nofollow : 0) | (flags & 0x800 ? no_automount : 0) |
	       (flags & 0x1000 ? empty_path : 0) | (flags & 0x8000 ? recursive : 0);
}

static __always_inline __u32 flags_of_open_tree(__u64 flags)
{
	return flags_at(flags) | (flags & 1 ? clone : 0) | (flags & 02000000 ? cloexec : 0);
}

static __always_inline __u32 flags_of_move_mount(__u64 flags)
{
	return (flags & 7) << 9 | (flags & 0x70) << 8 | (flags & 0x100 ? set_group : 0) |
	       (flags & 0x200 ? beneath : 0);
}

static __always_inline __u32 flags_of_fspick(__u64 flags)
{
	return (flags & 1 ? cloexec : 0) | (flags & 2 ? nofollow : 0) |
	       (flags & 4 ? no_automount : 0) | (flags & 8 ? empty_path : 0);
}

/* Of fsconfig, plus one. */
enum command {
	none, /* another call */
	set_flag,
	set_string,
	set_binary,
	set_path,
	set_path_empty,
	set_fd,
	create,
	reconfigure,
	create_exclusively,
};

struct mount_attr___ig {
	__u64 attr_set;
	__u64 attr_clr;
	__u64 propagation;
	__u64 userns_fd;
};

#define ATTR_IDMAP 0x100000

#endif
