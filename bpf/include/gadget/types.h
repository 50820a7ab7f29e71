/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Types whose *names* say how a field is shown: gadget_errno 2 is printed as ENOENT,
 * gadget_mntns_id finds the workload, and so on. A field `x_raw` of such a type gets a companion
 * `x` with the readable form.
 */
#ifndef GADGET_TYPES_H
#define GADGET_TYPES_H

#ifndef TASK_COMM_LEN
#define TASK_COMM_LEN 16
#endif

typedef __u64 gadget_mntns_id;	/* inode number of a mount namespace */
typedef __u32 gadget_netns_id;	/* inode number of a network namespace */
typedef __u64 gadget_timestamp; /* as bpf_ktime_get_boot_ns() gives it */
typedef __u64 gadget_duration;	/* ns */
typedef __u64 gadget_bytes;
typedef __u32 gadget_errno; /* positive; 0 is success */
typedef __u32 gadget_signal;
typedef __u64 gadget_syscall;
typedef __u32 gadget_uid;
typedef __u32 gadget_gid;
typedef __u32 gadget_pid; /* of the process, as user space counts: the kernel's tgid */
typedef __u32 gadget_tid; /* of the thread: the kernel's pid */
typedef __u32 gadget_ppid;
typedef __u32 gadget_ptid;
typedef char gadget_comm;
typedef char gadget_pcomm;
typedef __u32 gadget_file_mode;
typedef __u32 gadget_file_flags;
typedef __u32 gadget_kernel_stack; /* id in ig_kstack */

typedef __u32 gadget_counter__u32;
typedef __u64 gadget_counter__u64;
typedef __u32 gadget_gauge__u32;
typedef __u64 gadget_gauge__u64;
typedef __u32 gadget_histogram_slot__u32; /* of an array of powers of two */
typedef __u64 gadget_histogram_slot__u64;

union gadget_ip_addr_t {
	__u8 v6[16];
	__u32 v4; /* network order */
};

struct gadget_l3endpoint_t {
	union gadget_ip_addr_t addr_raw;
	__u8 version; /* 4 or 6 */
};

struct gadget_l4endpoint_t {
	union gadget_ip_addr_t addr_raw;
	__u16 port; /* host order */
	__u16 proto_raw;
	__u8 version; /* 4 or 6 */
};

struct gadget_creds {
	gadget_uid uid;
	gadget_gid gid;
};

struct gadget_parent {
	gadget_pcomm comm[TASK_COMM_LEN];
	gadget_ppid pid;
	gadget_ptid tid;
};

/* A user stack and whose it is; bpf/include/gadget/user_stack.h fills it. Shown as one text. */
struct gadget_user_stack {
	__u32 major, minor; /* device and inode of the executable */
	__u64 inode;
	__u64 mtime_sec;
	__u32 mtime_nsec;
	__u32 base_addr_hash; /* of the address space */
	__u32 stack_id;	      /* in ig_ustack; negative: none */
	__u32 tgid_level0;    /* in the first process namespace; 0: no stack was wanted */
	__u32 pid_level0;
	__u32 pidns_level0;
	__u32 pid_level1; /* in the one below */
	__u32 pidns_level1;
	__u64 otel_correlation_id;
	__u64 boot_timestamp;
};

/*
 * The first 64 bytes are the contract's. Ours follow, because pids and namespace numbers are used
 * again by the kernel: (pid, start_time) is one process for ever, (mntns_id, mntns_gen, cgroup_id)
 * one workload.
 */
struct gadget_process {
	gadget_comm comm[TASK_COMM_LEN];
	gadget_pid pid;
	gadget_tid tid;
	gadget_mntns_id mntns_id;
	struct gadget_creds creds;
	struct gadget_parent parent;
	__u64 cgroup_id;
	__u64 mntns_gen;
	__u64 start_time; /* ns since boot, of the whole process */
};

#endif
