// SPDX-License-Identifier: Apache-2.0
// TrafficResolver: several recordings and what their inventories know of the cluster. A recording's
// flows are named by its own inventory, and where it has none by the others'.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "advisors/network/resolver/flow_resolver.h"
#include "advisors/network/resolver/inventory_index.h"
#include "advisors/network/resolver/translation_index.h"
#include "advisors/network/traffic.h"
#include "advisors/workload_choice.h"

namespace ig {

class TrafficResolver {
 public:
  // kNothing: addresses stay as they were dialed, for rules inside of a network namespace.
  enum class By { kInventory, kNothing };

  // The recordings outlive it.
  static Result<TrafficResolver> open(Recordings recordings, By by = By::kInventory);

  // What all inventories know together.
  const InventoryIndex& cluster() const { return *cluster_; }
  // From the first recording's start to the last one's end.
  const Validity& window() const { return window_; }

  // Who a workload was, at its end.
  TrafficEnd own_end(const RecordedWorkload& recorded) const;
  // Their flows, in an order of their own.
  Result<std::vector<Traffic>> traffic(std::span<const RecordedWorkload> workloads) const;

 private:
  struct Source {
    std::unique_ptr<InventoryIndex> own;  // null: it has no inventory
    TranslationIndex translations;
    FlowResolver::Machine machine;
  };

  const InventoryIndex& index_of(const Source& source) const {
    return source.own ? *source.own : *cluster_;
  }
  FlowResolver resolver_of(std::size_t recording) const;

  Recordings recordings_;
  std::vector<Source> sources_;
  std::unique_ptr<InventoryIndex> cluster_;
  Validity window_;
};

}  // namespace ig
