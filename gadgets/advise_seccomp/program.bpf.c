// SPDX-License-Identifier: GPL-2.0
/*
 * advise_seccomp: which system calls each workload makes, how often, when, through which table, and
 * in which phase of its life. The rows are what a seccomp profile is made of, so the set of calls
 * is complete at any moment; the counts follow.
 *
 * The two tables are in rows.h, the life of a thread in thread.h, and the programs in
 * by_task_storage.h and, for kernels that have no task storage, in by_hash.h.
 */
#include <vmlinux.h>
#include "rows.h"
#include "thread.h"
#include "by_task_storage.h"
#include "by_hash.h"

char LICENSE[] SEC("license") = "GPL";
