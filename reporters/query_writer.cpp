// SPDX-License-Identifier: Apache-2.0
#include "reporters/query_writer.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "base/check.h"
#include "reporters/cell.h"
#include "reporters/text_table.h"

namespace ig {
namespace {

class ColumnsWriter : public QueryWriter {
 public:
  ColumnsWriter(Style style, std::FILE* out) : style_(style), out_(out) {}

  void row(const std::vector<std::string>& columns, const QueryRow& row) override {
    if (!table_) begin(columns);
    table_->add(row.text);
  }

  void end(const std::vector<std::string>& columns) override {
    if (!table_) begin(columns);
    put(out_, table_->render(style_));
  }

 private:
  void begin(const std::vector<std::string>& columns) {
    std::vector<TextTable::Heading> headings;
    for (const auto& column : columns) headings.push_back({printable(column)});
    table_.emplace(std::move(headings));
  }

  Style style_;
  std::FILE* out_;
  std::optional<TextTable> table_;
};

// What would break a line or a field is escaped, so each row is one line.
std::string tsv_cell(std::string_view cell) { return printable(cell); }

// RFC 4180.
std::string csv_cell(std::string_view cell) {
  if (cell.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(cell);
  std::string out = "\"";
  for (const char c : cell) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string terminal_csv_cell(std::string_view cell) { return csv_cell(printable(cell)); }

class SeparatedWriter : public QueryWriter {
 public:
  SeparatedWriter(char separator, std::string (*encode)(std::string_view), std::FILE* out)
      : separator_(separator), encode_(encode), out_(out) {}

  void row(const std::vector<std::string>& columns, const QueryRow& row) override {
    heading(columns);
    line(row.text);
  }

  void end(const std::vector<std::string>& columns) override { heading(columns); }

 private:
  void heading(const std::vector<std::string>& columns) {
    if (!std::exchange(has_heading_, true)) line(columns);
  }

  void line(const std::vector<std::string>& cells) {
    std::string text;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) text += separator_;
      text += encode_(cells[i]);
    }
    put(out_, text + '\n');
  }

  char separator_;
  std::string (*encode_)(std::string_view);
  std::FILE* out_;
  bool has_heading_ = false;
};

// One object a line.
class JsonWriter : public QueryWriter {
 public:
  explicit JsonWriter(std::FILE* out) : out_(out) {}

  void row(const std::vector<std::string>& columns, const QueryRow& row) override {
    nlohmann::ordered_json json;
    for (std::size_t i = 0; i < columns.size(); ++i) json[columns[i]] = cell(row, i);
    put(out_, json_line(json) + '\n');
  }

  void end(const std::vector<std::string>&) override {}

 private:
  static nlohmann::ordered_json cell(const QueryRow& row, std::size_t i) {
    switch (row.kinds[i]) {
      case Value::Kind::kNull:
        return nullptr;
      case Value::Kind::kInteger:
      case Value::Kind::kReal: {
        // SQLite's own digits; infinity, which JSON does not have, becomes null.
        auto number = nlohmann::ordered_json::parse(row.text[i], nullptr, false);
        return number.is_discarded() ? nullptr : number;
      }
      default:
        return row.text[i];
    }
  }

  std::FILE* out_;
};

}  // namespace

std::vector<std::string> query_formats() { return {"columns", "tsv", "csv", "json"}; }

std::unique_ptr<QueryWriter> make_query_writer(std::string_view format, Style style,
                                               std::FILE* out) {
  if (format == "tsv") return std::make_unique<SeparatedWriter>('\t', tsv_cell, out);
  if (format == "csv") {
    // A program gets the bytes as they were recorded, a terminal never.
    const auto encode = style.width > 0 ? terminal_csv_cell : csv_cell;
    return std::make_unique<SeparatedWriter>(',', encode, out);
  }
  if (format == "json") return std::make_unique<JsonWriter>(out);
  IG_CHECK(format == "columns");
  return std::make_unique<ColumnsWriter>(style, out);
}

}  // namespace ig
