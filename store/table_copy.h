// SPDX-License-Identifier: Apache-2.0
// TableCopy: the rows of a table of one session added to the same table of another. What refers to
// a row of the first by its number is moved to the number that the row has in the second.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/database.h"

namespace ig {

// By table: what is added to numbers of its rows.
using NumberBases = std::map<std::string, std::int64_t, std::less<>>;

struct TableCopy {
  std::string table;
  // Column → the table whose rows it numbers; 0 and NULL name none.
  std::map<std::string, std::string, std::less<>> references;
  bool keep_first = false;  // of rows with the same key, as in dictionaries; else it is an error

  // How many were copied.
  Result<std::uint64_t> run(Database& from, Database& to, const NumberBases& bases,
                            const std::function<bool()>& should_stop) const;
};

}  // namespace ig
