// SPDX-License-Identifier: Apache-2.0
// RowOrder: --sort and --max-rows, the order of a table's rows and how many of them are shown.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/event_schema.h"
#include "store/value.h"
#include "store/workload.h"

namespace ig {

// A row before it is printed; of its workload nothing may be known.
struct RowView {
  const Workload* workload = nullptr;
  std::span<const Value> values;
};

class RowOrder {
 public:
  // "-sent,comm": by `sent`, the greatest first, then by `comm`. Amounts sort by number, all else
  // as it is shown. Fails for a field that none of the schemas has.
  static Result<RowOrder> parse(const std::vector<std::string>& fields,
                                const std::vector<EventSchema>& schemas);

  RowOrder() = default;
  // Rows that are equal keep their order.
  void sort(const EventSchema& schema, std::vector<RowView>& rows) const;

 private:
  struct Key {
    std::string field;
    bool descending = false;
  };
  std::vector<Key> keys_;
};

}  // namespace ig
