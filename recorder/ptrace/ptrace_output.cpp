// SPDX-License-Identifier: Apache-2.0
#include "recorder/ptrace/ptrace_output.h"

#include "base/clock.h"

namespace ig {

void PtraceOutput::limit(const std::string& gadget, const std::string& what) {
  Loss loss;
  loss.gadget = gadget;
  loss.kind = Loss::Kind::kBackendLimit;
  loss.workload = workload;
  loss.count = 1;
  loss.from_ns = loss.to_ns = wall_time_ns();
  loss.detail = what;
  keep(sink.loss(loss));
}

RowBuilder PtraceOutput::rows(EventSchema schema) {
  return {std::move(schema), [this](const EventSchema& its, std::span<const Value> values) {
            keep(sink.event({.schema = its, .workload = workload, .values = values}));
            ++events;
          }};
}

ProcessFacts facts_of(const TracedThread& thread) {
  const auto& process = *thread.process;
  ProcessFacts facts;
  facts.pid = process.pid;
  facts.tid = thread.tid;
  facts.comm = process.comm;
  facts.uid = process.uid;
  facts.gid = process.gid;
  facts.identity = process.identity;
  facts.parent_pid = process.parent;
  facts.parent_comm = process.parent_comm;
  facts.start_time_ns = process.start_time_ns;
  return facts;
}

}  // namespace ig
