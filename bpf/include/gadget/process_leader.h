/* SPDX-License-Identifier: GPL-2.0 */
/* For tables that count by process: its threads are one row, named as the first of them is. */
#ifndef GADGET_PROCESS_LEADER_H
#define GADGET_PROCESS_LEADER_H

#include <gadget/process.h>

static __always_inline void gadget_process_populate_leader(struct gadget_process *process)
{
	gadget_process_populate(process);
	process->tid = process->pid;
	BPF_CORE_READ_STR_INTO(&process->comm, gadget_current(), group_leader, comm);
}

#endif
