/* SPDX-License-Identifier: GPL-2.0 */
/* The capabilities by name: as what a check asks for, and as the set that a task has. */
#ifndef CAPABILITIES_H
#define CAPABILITIES_H

#include <vmlinux.h>

#define FOR_EACH_CAPABILITY(_)                                                                     \
	_(CHOWN)                                                                                   \
	_(DAC_OVERRIDE)                                                                            \
	_(DAC_READ_SEARCH)                                                                         \
	_(FOWNER)                                                                                  \
	_(FSETID)                                                                                  \
	_(KILL)                                                                                    \
	_(SETGID)                                                                                  \
	_(SETUID)                                                                                  \
	_(SETPCAP)                                                                                 \
	_(LINUX_IMMUTABLE)                                                                         \
	_(NET_BIND_SERVICE)                                                                        \
	_(NET_BROADCAST)                                                                           \
	_(NET_ADMIN)                                                                               \
	_(NET_RAW)                                                                                 \
	_(IPC_LOCK)                                                                                \
	_(IPC_OWNER)                                                                               \
	_(SYS_MODULE)                                                                              \
	_(SYS_RAWIO)                                                                               \
	_(SYS_CHROOT)                                                                              \
	_(SYS_PTRACE)                                                                              \
	_(SYS_PACCT)                                                                               \
	_(SYS_ADMIN)                                                                               \
	_(SYS_BOOT)                                                                                \
	_(SYS_NICE)                                                                                \
	_(SYS_RESOURCE)                                                                            \
	_(SYS_TIME)                                                                                \
	_(SYS_TTY_CONFIG)                                                                          \
	_(MKNOD)                                                                                   \
	_(LEASE)                                                                                   \
	_(AUDIT_WRITE)                                                                             \
	_(AUDIT_CONTROL)                                                                           \
	_(SETFCAP)                                                                                 \
	_(MAC_OVERRIDE)                                                                            \
	_(MAC_ADMIN)                                                                               \
	_(SYSLOG)                                                                                  \
	_(WAKE_ALARM)                                                                              \
	_(BLOCK_SUSPEND)                                                                           \
	_(AUDIT_READ)                                                                              \
	_(PERFMON)                                                                                 \
	_(BPF)                                                                                     \
	_(CHECKPOINT_RESTORE)

enum capability {
#define AS_CAPABILITY(name) CAP_##name,
	FOR_EACH_CAPABILITY(AS_CAPABILITY)
};

/* Numbers of bits: the pinned compiler's BTF has no values beyond 32 bits. */
enum capability_bit_set : __u64 {
#define AS_BIT(name) name,
	FOR_EACH_CAPABILITY(AS_BIT)
};

#endif
