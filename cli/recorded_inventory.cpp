// SPDX-License-Identifier: Apache-2.0
#include "cli/recorded_inventory.h"

#include "base/log.h"
#include "cli/commands.h"
#include "cli/kube_options.h"

namespace ig {

Result<std::unique_ptr<RecordedInventory>> RecordedInventory::create(const Arguments& arguments) {
  auto made = std::make_unique<RecordedInventory>();
  IG_ASSIGN(auto config, parse_kube_options(arguments));
  if (config) {
    IG_ASSIGN(made->cluster_, KubeWatch::start(std::move(*config), std::string(kVersion)));
  }
  return made;
}

void RecordedInventory::write_to(SessionWriter& writer) {
  writer_ = &writer;
  containers_ = std::make_unique<ContainerAddresses>("/proc", std::string(kVersion));
}

Result<> RecordedInventory::workload(const Workload& workload) {
  containers_->workload(workload);
  return writer_->workload(workload);
}

Result<> RecordedInventory::store_changes() {
  while (const auto update = containers_->take_update()) IG_TRY(writer_->inventory(*update));
  while (const auto update = cluster_ ? cluster_->take_update() : std::nullopt) {
    caveats_ = update->source.source.caveats;
    IG_TRY(writer_->inventory(*update));
  }
  return {};
}

Result<> RecordedInventory::flush() {
  IG_TRY(store_changes());
  return writer_->flush();
}

void RecordedInventory::end() {
  containers_->stop();
  if (cluster_) cluster_->stop();
  // What a full disk keeps it from storing, it kept events from too, and they say so.
  (void)store_changes();
  for (const auto& caveat : caveats_) log::warning("{}", caveat);
}

}  // namespace ig
