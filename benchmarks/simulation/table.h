// SPDX-License-Identifier: Apache-2.0
// Table: one table of a built-in gadget, filled as a recording fills it: rows are made by
// the names that people see, and go through the session's own writer.
#pragma once

#include <fmt/format.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "recorder/gadget/gadget_catalog.h"
#include "store/session_writer.h"

namespace ig::simulation {

template <typename T>
T must(Result<T> result) {
  if (!result) {
    fmt::print(stderr, "error: {}\n", result.error().message);
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

class Table {
 public:
  Table(SessionWriter& writer, EventSchema schema)
      : writer_(writer), schema_(std::move(schema)), values_(schema_.columns.size()) {
    for (std::size_t i = 0; i < values_.size(); ++i) {
      columns_.emplace(schema_.columns[i].display_name(), i);
      const bool text = schema_.columns[i].type == ColumnType::kText;
      values_[i] = text ? Value::of(std::string_view()) : Value::of(std::int64_t{0});
    }
    must(writer_.data_source(schema_));
  }
  Table(const Table&) = delete;  // the writer knows the schema by its address
  Table& operator=(const Table&) = delete;

  // A column keeps its value until it gets another one. A text must live until write().
  void set(std::string_view name, std::int64_t number) { values_[at(name)] = Value::of(number); }
  void set(std::string_view name, std::string_view text) { values_[at(name)] = Value::of(text); }
  // A value of a column with names, by its name.
  void name(std::string_view column, std::string_view name) {
    const auto& names = schema_.enums[schema_.columns[at(column)].type_name];
    for (const auto& [number, text] : names) {
      if (text == name) return set(column, number);
    }
    must<void>(fail(ErrorCode::kInvalid, fmt::format("no {} is called {}", column, name)));
  }
  bool has(std::string_view name) const { return columns_.contains(name); }
  void write(WorkloadId workload) {
    must(writer_.event({.schema = schema_, .workload = workload, .values = values_}));
  }

 private:
  struct TextHash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::size_t at(std::string_view name) const {
    const auto found = columns_.find(name);
    if (found == columns_.end()) {
      must<void>(fail(ErrorCode::kInvalid, fmt::format("{} has no {}", schema_.view, name)));
    }
    return found->second;
  }

  SessionWriter& writer_;
  EventSchema schema_;
  std::vector<Value> values_;
  std::unordered_map<std::string, std::size_t, TextHash, std::equal_to<>> columns_;
};

}  // namespace ig::simulation
