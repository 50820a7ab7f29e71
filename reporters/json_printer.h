// SPDX-License-Identifier: Apache-2.0
// JsonPrinter: the EventSink of `ig run --output json`: one object a line, nested where a name has
// dots, each with its table's name and the workload. Rows of a map data source are sums that
// change, so they are printed once, when the recording has ended.
#pragma once

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "reporters/live_rows.h"
#include "store/event_sink.h"

namespace ig {

class JsonPrinter : public EventSink {
 public:
  JsonPrinter(std::vector<std::string> fields, std::FILE* out);

  Result<> gadget_run(const GadgetRun&) override { return {}; }
  Result<> data_source(const EventSchema& schema) override;
  Result<> workload(const Workload& workload) override;
  Result<> event(const Event& event) override;
  Result<> loss(const Loss&) override { return {}; }
  Result<> flush() override;
  Result<> finish();  // the rows of the maps

 private:
  std::string line(const Event& event) const;

  std::vector<std::string> fields_;
  std::FILE* out_;
  std::map<const EventSchema*, std::vector<std::size_t>> columns_;
  std::map<WorkloadId, Workload> workloads_;
  LatestRows<std::string> sums_;
};

}  // namespace ig
