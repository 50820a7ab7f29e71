/* SPDX-License-Identifier: GPL-2.0 */
/* statfs(2) names a file that nobody opens. Its answer holds the file system's magic number. */
#ifndef STATFS_H
#define STATFS_H

#include <gadget/path_at.h>

#define FS_NAME_SIZE 16

struct fs_magic {
	__u32 magic;
	char name[FS_NAME_SIZE];
};

static const struct fs_magic fs_magics[] = {
    {0xef53, "ext4"},	   {0x58465342, "xfs"},	    {0x9123683e, "btrfs"}, {0x794c7630, "overlay"},
    {0x6969, "nfs"},	   {0x01021994, "tmpfs"},   {0x65735546, "fuse"},  {0x9fa0, "proc"},
    {0x62656572, "sysfs"}, {0x63677270, "cgroup2"},
};

/* Empty for one that is not known. */
static __always_inline void fs_name_of_magic(char *fs, __u32 magic)
{
	fs[0] = '\0';
	for (unsigned int i = 0; i < sizeof(fs_magics) / sizeof(fs_magics[0]); i++)
		if (fs_magics[i].magic == magic)
			__builtin_memcpy(fs, fs_magics[i].name, FS_NAME_SIZE);
}

#endif
