// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <chrono>

#include "base/clock.h"
#include "base/text.h"
#include "reporters/report/report_text.h"
#include "reporters/text_table.h"

namespace ig {
namespace {

using namespace report;

std::string heading(const TableColumn& column) {
  std::string title = column.key;
  for (char& c : title) {
    c = c == '_' ? ' ' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return title;
}

std::string number_text(const TableColumn& column, std::int64_t number) {
  const auto amount = static_cast<std::uint64_t>(std::max<std::int64_t>(number, 0));
  switch (column.unit) {
    case Unit::kCount:
      return format_count(amount);
    case Unit::kBytes:
      return number == 0 ? "0" : format_size(amount);
    case Unit::kDuration:
      return (column.at_most ? "≤" : "") + format_duration(std::chrono::nanoseconds(number));
    case Unit::kTime:
      return format_time_precise(number).substr(11, 12);
    default:
      return std::to_string(number);
  }
}

}  // namespace

std::string cell_text(const TableColumn& column, const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (const auto* number = std::get_if<std::int64_t>(&cell)) return number_text(column, *number);
  if (const auto* share = std::get_if<double>(&cell)) return fmt::format("{:.1f} %", *share * 100);
  return {};
}

std::string table_text(const Table& table, const Style& style) {
  if (table.rows.empty()) return fmt::format("{} none\n", style.bold(table.title));
  std::vector<TextTable::Heading> headings;
  for (const auto& column : table.columns) {
    const auto align = column.unit == Unit::kText ? Align::kLeft : Align::kRight;
    headings.push_back({heading(column), align, true});
  }
  TextTable drawn(std::move(headings));
  for (const auto& row : table.rows) {
    std::vector<std::string> cells;
    for (std::size_t i = 0; i < row.size(); ++i) {
      cells.push_back(cell_text(table.columns[i], row[i]));
    }
    drawn.add(std::move(cells));
  }
  auto out = style.bold(table.title) + '\n' + drawn.render(style, 2);
  if (table.left_out > 0) {
    out += fmt::format("  and {} more (--max-rows)\n", format_count(table.left_out));
  }
  return out;
}

}  // namespace ig
