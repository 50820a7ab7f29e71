/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where in its own code the current process is. A field of type struct gadget_user_stack is all
 * that a gadget needs; user space makes it text of named frames:
 *
 *	struct gadget_user_stack ustack;
 *	gadget_get_user_stack(ctx, &event->ustack);
 *
 * Off unless --collect-ustack, since it walks the process' stack. It does so by frame pointers:
 * code that was compiled without them yields few or no callers.
 *
 * Names come from the process' mappings, which go when the process goes. So a process is announced
 * in the ring `ig_ustack_processes` when its first stack is taken, and user space looks at its
 * mappings right then, not when it reads the event. It is announced again at its second, fourth,
 * eighth… stack, since more is mapped meanwhile.
 */
#ifndef GADGET_USER_STACK_H
#define GADGET_USER_STACK_H

#include <vmlinux.h>
#include <bpf/bpf_core_read.h>
#include <gadget/identity.h>
#include <gadget/kernel_stack.h>
#include <gadget/macros.h>

#ifndef GADGET_COLLECT_USTACK /* a gadget that lives of stacks defines it as true */
#define GADGET_COLLECT_USTACK false
#endif
const volatile bool collect_ustack = GADGET_COLLECT_USTACK;
GADGET_PARAM(collect_ustack);

GADGET_STACK_MAP(ig_ustack);

struct gadget_user_stack_process {
	__u32 tgid;
	__u32 base_addr_hash;
};

/* The stacks taken of each process. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 10240);
	__type(key, struct gadget_user_stack_process);
	__type(value, __u64);
} ig_ustack_announced SEC(".maps");

/* What user space is told. */
struct gadget_user_stack_news {
	struct gadget_user_stack_process process;
	__u32 tid; /* the first thread may have ended before the others */
};

/* Not counted if full: the process is then looked at when its first event is read. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 << 10);
} ig_ustack_processes SEC(".maps");

/* The time of a file's last change had three forms. */
struct inode___mtime_parts {
	__s64 i_mtime_sec;
	__u32 i_mtime_nsec;
} __attribute__((preserve_access_index));

struct timespec64___mtime {
	__s64 tv_sec;
	long tv_nsec;
} __attribute__((preserve_access_index));

struct inode___mtime_hidden {
	struct timespec64___mtime __i_mtime;
} __attribute__((preserve_access_index));

struct inode___mtime_plain {
	struct timespec64___mtime i_mtime;
} __attribute__((preserve_access_index));

static __always_inline void __gadget_read_mtime(struct gadget_user_stack *ustack,
						struct inode *inode)
{
	struct inode___mtime_parts *parts = (void *)inode;
	struct inode___mtime_hidden *hidden = (void *)inode;
	struct inode___mtime_plain *plain = (void *)inode;

	if (bpf_core_field_exists(parts->i_mtime_sec)) {
		ustack->mtime_sec = BPF_CORE_READ(parts, i_mtime_sec);
		ustack->mtime_nsec = BPF_CORE_READ(parts, i_mtime_nsec);
	} else if (bpf_core_field_exists(hidden->__i_mtime)) {
		ustack->mtime_sec = BPF_CORE_READ(hidden, __i_mtime.tv_sec);
		ustack->mtime_nsec = BPF_CORE_READ(hidden, __i_mtime.tv_nsec);
	} else {
		ustack->mtime_sec = BPF_CORE_READ(plain, i_mtime.tv_sec);
		ustack->mtime_nsec = BPF_CORE_READ(plain, i_mtime.tv_nsec);
	}
}

static __always_inline void __gadget_read_executable(struct gadget_user_stack *ustack,
						     struct mm_struct *mm)
{
	struct inode *inode = BPF_CORE_READ(mm, exe_file, f_inode);
	__u32 device = BPF_CORE_READ(inode, i_sb, s_dev);

	ustack->major = device >> 20;
	ustack->minor = device & 0xfffff;
	ustack->inode = BPF_CORE_READ(inode, i_ino);
	__gadget_read_mtime(ustack, inode);
}

/* A process has another after each exec, so that its number never stands for two programs. */
static __always_inline __u32 __gadget_base_addr_hash(struct mm_struct *mm)
{
	__u64 hash = (__u64)mm * 0x9e3779b97f4a7c15ULL;

	hash = (hash ^ BPF_CORE_READ(mm, start_code)) * 0x9e3779b97f4a7c15ULL;
	hash = (hash ^ BPF_CORE_READ(mm, start_stack)) * 0x9e3779b97f4a7c15ULL;
	return hash >> 32;
}

static __always_inline void __gadget_read_pids(struct gadget_user_stack *ustack,
					       struct task_struct *task)
{
	struct pid *pid = BPF_CORE_READ(task, thread_pid);
	/* An array of length 0 or 1 to the compiler, longer in truth. */
	struct upid *number = (void *)pid + bpf_core_field_offset(pid->numbers);

	ustack->tgid_level0 = BPF_CORE_READ(task, tgid);
	ustack->pid_level0 = BPF_CORE_READ(number, nr);
	ustack->pidns_level0 = BPF_CORE_READ(number, ns, ns.inum);
	if (BPF_CORE_READ(pid, level) == 0)
		return;
	number = (void *)number + bpf_core_type_size(struct upid);
	ustack->pid_level1 = BPF_CORE_READ(number, nr);
	ustack->pidns_level1 = BPF_CORE_READ(number, ns, ns.inum);
}

static __always_inline void __gadget_announce(const struct gadget_user_stack *ustack)
{
	struct gadget_user_stack_process process = {
	    .tgid = ustack->tgid_level0,
	    .base_addr_hash = ustack->base_addr_hash,
	};
	struct gadget_user_stack_news news = {.process = process, .tid = ustack->pid_level0};
	__u64 *stacks = bpf_map_lookup_elem(&ig_ustack_announced, &process);
	__u64 count = 1;

	if (!stacks) {
		bpf_map_update_elem(&ig_ustack_announced, &process, &count, BPF_ANY);
	} else {
		count = *stacks + 1; /* two CPUs may count one: no harm */
		*stacks = count;
		if (count & (count - 1))
			return;
	}
	bpf_ringbuf_output(&ig_ustack_processes, &news, sizeof(news), 0);
}

/* All zeros if stacks are not wanted; a negative stack_id if there is none. */
static __always_inline void gadget_get_user_stack(void *ctx, struct gadget_user_stack *ustack)
{
	struct task_struct *task = gadget_current();
	struct mm_struct *mm;

	__builtin_memset(ustack, 0, sizeof(*ustack));
	if (!collect_ustack)
		return;
	ustack->stack_id = __gadget_get_stack(ctx, &ig_ustack, &ig_ustack_clashed,
					      &ig_ustack_lost_updates, BPF_F_USER_STACK);
	mm = BPF_CORE_READ(task, mm);
	if (!mm) /* a thread of the kernel */
		return;
	__gadget_read_executable(ustack, mm);
	__gadget_read_pids(ustack, task);
	ustack->base_addr_hash = __gadget_base_addr_hash(mm);
	if ((__s32)ustack->stack_id >= 0)
		__gadget_announce(ustack);
}

#endif
