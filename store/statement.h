// SPDX-License-Identifier: Apache-2.0
// Statement: one prepared SQL statement. Text is bound without a copy, so it has to live until the
// next step(); a failed bind shows at that step. Parameters count from 1, columns from 0, as in
// SQLite.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/handle.h"
#include "base/result.h"
#include "store/value.h"

namespace ig {

class Statement {
 public:
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  void bind(int parameter, std::int64_t number) {
    note(sqlite3_bind_int64(statement_.get(), parameter, number));
  }
  void bind(int parameter, double number) {
    note(sqlite3_bind_double(statement_.get(), parameter, number));
  }
  void bind(int parameter, std::string_view text) {
    // A null pointer would bind NULL, not ''.
    note(sqlite3_bind_text64(statement_.get(), parameter, text.data() ? text.data() : "",
                             text.size(), SQLITE_STATIC, SQLITE_UTF8));
  }
  void bind_null(int parameter) { note(sqlite3_bind_null(statement_.get(), parameter)); }
  void bind(int parameter, const Value& value) {
    if (value.kind == Value::Kind::kInteger) return bind(parameter, value.integer);  // most are
    bind_other(parameter, value);
  }

  // True when there is a row.
  Result<bool> step();
  // Steps to the end and makes it ready for the next use.
  Result<> run();
  void reset() { sqlite3_reset(statement_.get()); }

  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
  std::uint64_t unsigned_integer(int column) const {
    return static_cast<std::uint64_t>(integer(column));
  }
  std::string text(int column) const;
  Value::Kind kind(int column) const;  // before text(), which may convert
  // The cell as it is stored; of a text a view that is good until the next step().
  Value value(int column) const;
  int column_count() const { return sqlite3_column_count(statement_.get()); }
  std::string column_name(int column) const;
  bool read_only() const { return sqlite3_stmt_readonly(statement_.get()) != 0; }

 private:
  void bind_other(int parameter, const Value& value);
  void note(int status) { bind_status_ |= status; }
  Error error(int status) const;

  Handle<sqlite3_stmt, sqlite3_finalize> statement_;
  int bind_status_ = SQLITE_OK;
};

}  // namespace ig
