// SPDX-License-Identifier: Apache-2.0
// Rows of store/session_queries.h as what readers are told. Those of a gadget's table need its
// schema, which has the names of its numbers.
#pragma once

#include "store/event_schema.h"
#include "store/session_reader.h"
#include "store/statement.h"

namespace ig {

SessionInfo session_of(const Statement& row);
Workload workload_of(const Statement& row);
GadgetRun gadget_run_of(const Statement& row);
GadgetRun::Program program_of(const Statement& row);
Loss loss_of(const Statement& row);

SyscallUse syscall_use_of(const EventSchema& schema, const Statement& row);
SyscallArgumentUse syscall_argument_use_of(const EventSchema& schema, const Statement& row);
SetupMark setup_mark_of(const EventSchema& schema, const Statement& row);
CapabilityUse capability_use_of(const EventSchema& schema, const Statement& row);
Flow flow_of(const EventSchema& schema, const Statement& row);
Translation translation_of(const EventSchema& schema, const Statement& row);

}  // namespace ig
