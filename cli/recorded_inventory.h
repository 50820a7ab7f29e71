// SPDX-License-Identifier: Apache-2.0
// RecordedInventory: what a recording delivers passes through here on its way to the session file,
// and who addresses were is written beside it: the containers that are recorded, and, where it is
// asked for, the objects of the cluster.
#pragma once

#include <memory>

#include "cli/options.h"
#include "recorder/inventory/container_addresses.h"
#include "recorder/inventory/kube_watch.h"
#include "store/session_writer.h"

namespace ig {

class RecordedInventory : public EventSink {
 public:
  static Result<std::unique_ptr<RecordedInventory>> create(const Arguments& arguments);

  // Before anything is delivered; again for another attempt.
  void write_to(SessionWriter& writer);
  // Writes the rest and says what was not seen.
  void end();

  Result<> gadget_run(const GadgetRun& run) override { return writer_->gadget_run(run); }
  Result<> data_source(const EventSchema& schema) override { return writer_->data_source(schema); }
  Result<> workload(const Workload& workload) override;
  Result<> event(const Event& event) override { return writer_->event(event); }
  Result<> loss(const Loss& loss) override { return writer_->loss(loss); }
  Result<> flush() override;

 private:
  Result<> store_changes();

  SessionWriter* writer_ = nullptr;
  std::unique_ptr<ContainerAddresses> containers_;
  std::unique_ptr<KubeWatch> cluster_;
  std::vector<std::string> caveats_;
};

}  // namespace ig
