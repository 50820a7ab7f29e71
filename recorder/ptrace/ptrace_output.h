// SPDX-License-Identifier: Apache-2.0
// Where the rows of a recording by ptrace go. The sink's first error is kept and ends the
// recording.
#pragma once

#include <optional>
#include <string>

#include "recorder/ptrace/ptrace_process.h"
#include "recorder/row_builder.h"
#include "store/event_sink.h"

namespace ig {

struct PtraceOutput {
  EventSink& sink;
  WorkloadId workload = 0;
  std::uint64_t events = 0, lost = 0;
  std::optional<Error> failure = std::nullopt;

  void keep(Result<> result) {
    if (!result && !failure) failure = std::move(result).error();
  }
  void limit(const std::string& gadget, const std::string& what);  // a Loss of this backend
  RowBuilder rows(EventSchema schema);  // this must outlive what is made here
};

ProcessFacts facts_of(const TracedThread& thread);

}  // namespace ig
