// SPDX-License-Identifier: Apache-2.0
#include "store/statement.h"

#include <utility>

#include "store/database.h"

namespace ig {

void Statement::bind_other(int parameter, const Value& value) {
  switch (value.kind) {
    case Value::Kind::kNull:
      return bind_null(parameter);
    case Value::Kind::kInteger:
      return bind(parameter, value.integer);
    case Value::Kind::kReal:
      return bind(parameter, value.real);
    case Value::Kind::kText:
      return bind(parameter, value.text);
    case Value::Kind::kBlob:
      return note(sqlite3_bind_blob64(statement_.get(), parameter,
                                      value.text.data() ? value.text.data() : "", value.text.size(),
                                      SQLITE_STATIC));
  }
}

Error Statement::error(int status) const {
  return sqlite_error(sqlite3_db_handle(statement_.get()), status);
}

Result<bool> Statement::step() {
  if (bind_status_ != SQLITE_OK) return std::unexpected(error(std::exchange(bind_status_, 0)));
  const int status = sqlite3_step(statement_.get());
  if (status == SQLITE_ROW) return true;
  if (status == SQLITE_DONE) return false;
  Error failure = error(status);
  reset();
  return std::unexpected(std::move(failure));
}

Result<> Statement::run() {
  while (true) {
    const auto row = step();
    if (!row) return std::unexpected(row.error());
    if (!*row) break;
  }
  reset();
  return {};
}

std::string Statement::text(int column) const {
  // The type is asked for first: a cell of a hostile file may be of any.
  const auto* bytes = sqlite3_column_text(statement_.get(), column);
  if (bytes == nullptr) return {};
  return {reinterpret_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

Value::Kind Statement::kind(int column) const {
  switch (sqlite3_column_type(statement_.get(), column)) {
    case SQLITE_INTEGER:
      return Value::Kind::kInteger;
    case SQLITE_FLOAT:
      return Value::Kind::kReal;
    case SQLITE_TEXT:
      return Value::Kind::kText;
    case SQLITE_BLOB:
      return Value::Kind::kBlob;
    default:
      return Value::Kind::kNull;
  }
}

// By sqlite3_value_*(), as looking the column up again for its type, its bytes and their number
// costs more than all else; connections are not shared between threads, so that is safe.
Value Statement::value(int column) const {
  sqlite3_value* cell = sqlite3_column_value(statement_.get(), column);
  const auto bytes = [&](const void* start) {
    const auto length = sqlite3_value_bytes(cell);
    return std::string_view(static_cast<const char*>(start), static_cast<std::size_t>(length));
  };
  switch (sqlite3_value_type(cell)) {
    case SQLITE_INTEGER:
      return Value::of(std::int64_t{sqlite3_value_int64(cell)});
    case SQLITE_FLOAT:
      return Value::of(sqlite3_value_double(cell));
    case SQLITE_TEXT:
      return Value::of(bytes(sqlite3_value_text(cell)));
    case SQLITE_BLOB:
      return Value::blob(bytes(sqlite3_value_blob(cell)));
    default:
      return {};
  }
}

std::string Statement::column_name(int column) const {
  const char* name = sqlite3_column_name(statement_.get(), column);
  return name == nullptr ? "" : name;
}

}  // namespace ig
