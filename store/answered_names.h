// SPDX-License-Identifier: Apache-2.0
// AnsweredNames: what DNS answered each workload, read once for all of them: the table of DNS has a
// row for each message and no order by workload, so a question for each would read all of it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/database.h"
#include "store/session_reader.h"

namespace ig {

class AnsweredNames {
 public:
  // `sql` is queries::answers().
  static Result<AnsweredNames> read(Database& database, const std::string& sql);
  // By name and address.
  Result<std::vector<ResolvedName>> of(Database& database, WorkloadId workload) const;

 private:
  struct Answer {
    std::int64_t name, addresses;  // path.id
    std::int64_t first_ns, last_ns;
  };
  std::map<WorkloadId, std::vector<Answer>> answers_;
};

}  // namespace ig
