// SPDX-License-Identifier: Apache-2.0
// LatestRows: the rows of map data sources, which are delivered again each time they are read;
// the last reading of each key is the one that counts.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "store/event_sink.h"

namespace ig {

// The key columns and the workload of a row, as text that sorts by number.
std::string row_key(const Event& event);

template <typename Row>
class LatestRows {
 public:
  struct Table {
    const EventSchema* schema = nullptr;
    std::map<std::string, Row> rows;  // by row_key()
  };

  void set(const Event& event, Row row) {
    auto& table = tables_[event.schema.view];
    table.schema = &event.schema;
    table.rows.insert_or_assign(row_key(event), std::move(row));
  }
  const std::map<std::string, Table>& tables() const { return tables_; }

 private:
  std::map<std::string, Table> tables_;  // by view, so that the order is always the same
};

}  // namespace ig
