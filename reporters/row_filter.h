// SPDX-License-Identifier: Apache-2.0
// RowFilter: --filter. Conditions with commas between them, all of which a row has to meet:
//
//   comm==nginx,error!=,latency>=5ms,file~^/etc/
//
// The fields are those that are shown, and workload, container, pod, namespace and image. A value
// with a comma has it after a backslash. Codes compare by name and by number, durations and sizes
// take units, ~ is a regular expression (ECMAScript, found anywhere) and !~ its negation.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/event_schema.h"
#include "store/value.h"
#include "store/workload.h"

namespace ig {

class RowFilter {
 public:
  // Fails for a field that none of the schemas has, and for what cannot be compared.
  static Result<RowFilter> parse(const std::vector<std::string>& texts,
                                 const std::vector<EventSchema>& schemas);

  RowFilter() = default;
  // A data source that lacks a field of a condition has no row that meets it.
  bool matches(const EventSchema& schema, std::span<const Value> row,
               const Workload* workload) const;

  struct Condition;

 private:
  std::vector<std::shared_ptr<const Condition>> conditions_;
};

}  // namespace ig
