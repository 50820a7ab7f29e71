// SPDX-License-Identifier: Apache-2.0
// RowFormat: how `ig run` prints rows: columns, JSON or YAML. LivePrinter decides which rows and
// when.
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "reporters/row_order.h"
#include "store/event_schema.h"

namespace ig {

struct TableView {
  const EventSchema* schema = nullptr;
  std::vector<RowView> rows;
  std::size_t left_out = 0;  // rows that --max-rows took away
};

// On which occasion tables are printed.
enum class Occasion {
  kOnce,      // a snapshot, or the end: they stay
  kInterval,  // others will follow; on a terminal they take the place of the last ones
};

class RowFormat {
 public:
  virtual ~RowFormat() = default;

  virtual void begin(const EventSchema& schema) = 0;
  // One row of a stream.
  virtual void row(const EventSchema& schema, const RowView& row) = 0;
  virtual void tables(std::span<const TableView> tables, Occasion occasion) = 0;
  // Whether a table that is not complete yet is worth printing: it is drawn over.
  virtual bool draws_in_place() const { return false; }
  virtual Result<> flush() = 0;
};

}  // namespace ig
