// SPDX-License-Identifier: Apache-2.0
// WatchedSink: what a recording delivers passes through here on its way to a file or a printer.
// It says on stderr which program could not be attached or was detached, and after a second
// interrupt it takes nothing more, so that a recording ends wherever it is.
#pragma once

#include "store/event_sink.h"

namespace ig {

class WatchedSink : public EventSink {
 public:
  explicit WatchedSink(EventSink& sink) : sink_(sink) {}

  Result<> gadget_run(const GadgetRun& run) override;
  Result<> data_source(const EventSchema& schema) override { return sink_.data_source(schema); }
  Result<> workload(const Workload& workload) override { return sink_.workload(workload); }
  Result<> event(const Event& event) override;
  Result<> loss(const Loss& loss) override;
  Result<> flush() override;

 private:
  EventSink& sink_;
};

}  // namespace ig
