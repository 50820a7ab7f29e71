// SPDX-License-Identifier: Apache-2.0
#include "recorder/workload_watch.h"

#include <fmt/format.h>

#include <limits>

#include "recorder/embedded_gadgets.h"

namespace ig {
namespace {

constexpr std::string_view kName = "workload_events";

}  // namespace

Result<std::unique_ptr<WorkloadWatch>> WorkloadWatch::open(const Options& options,
                                                           ClockOffset clock,
                                                           WorkloadTracker& tracker) {
  std::unique_ptr<WorkloadWatch> watch(new WorkloadWatch(clock, tracker));
  watch->gadget_.name = kName;
  watch->gadget_.object = embedded_object(kName);
  LoadOptions load;
  load.shared_maps = options.shared_maps;
  if (options.filtered) load.switches = {"gadget_filter_by_mntns", "gadget_filter_by_cgroup"};
  if (options.admit_new) load.switches.push_back("admit_new");
  IG_ASSIGN(watch->loaded_, LoadedGadget::load(watch->gadget_, load));
  const auto& source = watch->loaded_->data_sources().at(0);
  IG_TRY(watch->find_columns(source.schema));
  watch->decoder_ = std::make_unique<EventDecoder>(source, clock);
  auto* self = watch.get();
  IG_ASSIGN(watch->ring_,
            RingSource::open(bpf_map__fd(watch->loaded_->find_map(source.map)), source.map,
                             [self](std::span<const std::byte> bytes) { self->on_record(bytes); }));
  return watch;
}

void WorkloadWatch::consume() { ring_->consume(std::numeric_limits<int>::max()); }

}  // namespace ig
