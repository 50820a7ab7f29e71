// SPDX-License-Identifier: Apache-2.0
#include "reporters/text_table.h"

#include <algorithm>
#include <numeric>

namespace ig {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kLeastWidth = 6;

}  // namespace

void shrink_to_fit(std::vector<std::size_t>& widths, std::size_t room, std::size_t least) {
  if (widths.empty()) return;
  auto total = std::accumulate(widths.begin(), widths.end(), kGap * (widths.size() - 1));
  while (total > room) {
    const auto widest = std::ranges::max_element(widths);
    if (*widest <= least) return;
    --*widest;
    --total;
  }
}

std::string table_line(const std::vector<std::string>& cells,
                       const std::vector<std::size_t>& widths,
                       const std::vector<TextTable::Heading>& headings) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line.append(kGap, ' ');
    line += fit(cells[i], widths[i], headings[i].align);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

TextTable::TextTable(std::vector<Heading> headings) : headings_(std::move(headings)) {}

void TextTable::add(std::vector<std::string> cells) {
  cells.resize(headings_.size());
  for (auto& cell : cells) cell = printable(cell);
  rows_.push_back(std::move(cells));
}

std::vector<std::size_t> TextTable::widths(std::size_t room) const {
  std::vector<std::size_t> widths;
  for (const auto& heading : headings_) widths.push_back(display_width(heading.title));
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(row[i]));
    }
  }
  if (room > 0) shrink_to_fit(widths, room, kLeastWidth);
  return widths;
}

TextTable TextTable::without_empty_columns() const {
  TextTable table({});
  table.rows_.resize(rows_.size());
  for (std::size_t i = 0; i < headings_.size(); ++i) {
    const bool empty = std::ranges::all_of(rows_, [i](const auto& row) { return row[i].empty(); });
    if (empty && headings_[i].optional) continue;
    table.headings_.push_back(headings_[i]);
    for (std::size_t row = 0; row < rows_.size(); ++row) {
      table.rows_[row].push_back(rows_[row][i]);
    }
  }
  return table;
}

std::string TextTable::render(const Style& style, std::size_t indent) const {
  return without_empty_columns().render_all(style, indent);
}

std::string TextTable::render_all(const Style& style, std::size_t indent) const {
  const auto columns = widths(style.width > indent ? style.width - indent : style.width);
  const std::string blanks(indent, ' ');
  std::vector<std::string> titles;
  for (const auto& heading : headings_) titles.push_back(heading.title);
  std::string out = blanks + style.bold(table_line(titles, columns, headings_)) + '\n';
  for (const auto& row : rows_) out += blanks + table_line(row, columns, headings_) + '\n';
  return out;
}

}  // namespace ig
