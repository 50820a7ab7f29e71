// SPDX-License-Identifier: Apache-2.0
#include "recorder/event_delivery.h"

namespace ig {

void EventDelivery::keep(Result<> result) {
  if (!result && !failure_) failure_ = std::move(result.error());
}

void EventDelivery::workload(const Workload& workload) {
  if (failure_) return;
  if (!begun_) {
    waiting_.push_back(workload);
    return;
  }
  keep(sink_.workload(workload));
}

void EventDelivery::set_admitted(WorkloadId workload, bool admitted) {
  if (admitted) {
    denied_.erase(workload);
  } else {
    denied_.insert(workload);
  }
}

void EventDelivery::begin() {
  begun_ = true;
  for (const auto& known : waiting_) keep(sink_.workload(known));
  waiting_.clear();
}

void EventDelivery::record(Stream& stream, WorkloadTracker& tracker,
                           std::span<const std::byte> bytes) {
  if (failure_) return;
  if (!stream.decoder.decode(bytes)) {
    ++stream.malformed;
    return;
  }
  const auto id = tracker.resolve(stream.decoder.identity(), stream.decoder.time_ns());
  if (!denied_.empty() && denied_.contains(id)) return;
  for (const auto& extension : stream.extensions) extension->fill(bytes, stream.decoder.row());
  ++events_;
  keep(sink_.event({stream.source.schema, id, stream.decoder.values()}));
}

void EventDelivery::row(const Stream& stream, WorkloadTracker& tracker,
                        std::span<const Value> values, bool of_machine) {
  if (failure_) return;
  const auto identity = identity_of(stream.source.identity, values);
  if (!of_machine && is_wanted_ && !is_wanted_(identity)) return;
  const auto id = tracker.resolve(identity, time_of(stream.source.identity, values));
  if (!of_machine && denied_.contains(id)) return;
  ++events_;
  keep(sink_.event({stream.source.schema, id, values}));
}

void EventDelivery::loss(const Loss& loss) {
  if (loss.kind == Loss::Kind::kRingFull || loss.kind == Loss::Kind::kMapFull ||
      loss.kind == Loss::Kind::kSkipped || loss.kind == Loss::Kind::kMalformed ||
      loss.kind == Loss::Kind::kDetached) {
    lost_ += loss.count;
  }
  if (!failure_) keep(sink_.loss(loss));
}

}  // namespace ig
