// SPDX-License-Identifier: Apache-2.0
// The rows of the core tables, written: session, gadget runs, workloads, losses. Each happens
// seldom, so statements are prepared anew each time. Read back in store/session_queries.h.
#pragma once

#include "base/result.h"
#include "store/database.h"
#include "store/event_sink.h"
#include "store/session_writer.h"

namespace ig {

Result<> insert_session(Database& database, const SessionInfo& info);
Result<> finish_session(Database& database, const std::string& end_reason, bool complete,
                        std::int64_t ended_ns);
Result<> insert_gadget_run(Database& database, const GadgetRun& run);
Result<> upsert_workload(Database& database, const Workload& workload);
Result<> insert_loss(Database& database, const Loss& loss);

}  // namespace ig
