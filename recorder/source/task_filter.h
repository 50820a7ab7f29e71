// SPDX-License-Identifier: Apache-2.0
// The parameters pid, tid, uid, gid and comm for rows that are made in user space, as
// bpf/include/gadget/filter.h has them for the kernel's.
#pragma once

#include <map>
#include <span>
#include <string>

#include "store/event_schema.h"
#include "store/value.h"

namespace ig {

class TaskFilter {
 public:
  // `given`: by key; values were checked by the types of the gadget's variables.
  explicit TaskFilter(const std::map<std::string, std::string>& given);
  // A row without the column in question passes.
  bool passes(const EventSchema& schema, std::span<const Value> row) const;

 private:
  std::map<std::string, std::int64_t, std::less<>> numbers_;  // by column
  std::string comm_;
};

}  // namespace ig
