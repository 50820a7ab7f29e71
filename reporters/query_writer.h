// SPDX-License-Identifier: Apache-2.0
// The ways in which `ig session query` prints rows: columns for people; tsv, csv and json for
// programs. All but the first are written row by row, so an answer may be larger than memory.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "reporters/terminal.h"
#include "store/session_reader.h"

namespace ig {

class QueryWriter {
 public:
  virtual ~QueryWriter() = default;
  virtual void row(const std::vector<std::string>& columns, const QueryRow& row) = 0;
  // After the last row; `columns` again, since there may have been none.
  virtual void end(const std::vector<std::string>& columns) = 0;
};

std::vector<std::string> query_formats();  // "columns", "tsv", "csv", "json"
std::unique_ptr<QueryWriter> make_query_writer(std::string_view format, Style style,
                                               std::FILE* out);

}  // namespace ig
