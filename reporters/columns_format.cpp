// SPDX-License-Identifier: Apache-2.0
#include "reporters/columns_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "reporters/cell.h"
#include "reporters/column_choice.h"
#include "reporters/histogram.h"

namespace ig {
namespace {

constexpr std::size_t kWorkloadWidth = 16;
constexpr std::size_t kLeastWidth = 4;

std::size_t usual_width(const Column& column) {
  if (column.width > 0) return static_cast<std::size_t>(column.width);
  if (column.process_part == ProcessPart::kComm) return 15;  // TASK_COMM_LEN without its NUL
  switch (column.meaning) {
    case Meaning::kTimestamp:
      return 12;
    case Meaning::kErrno:
    case Meaning::kSignal:
    case Meaning::kProtocol:
      return 10;
    case Meaning::kAddress:
    case Meaning::kSyscall:
      return 16;
    case Meaning::kPath:
    case Meaning::kFlagSet:
    case Meaning::kFileFlags:
      return 32;
    default:
      return column.type == ColumnType::kText ? 16 : 7;
  }
}

bool is_right_aligned(const Column& column) {
  const bool is_number = column.type == ColumnType::kInteger || column.type == ColumnType::kReal;
  return is_amount(column) ||
         (is_number && (column.meaning == Meaning::kPlain || column.meaning == Meaning::kUid ||
                        column.meaning == Meaning::kGid));
}

std::string heading(const Column& column) {
  auto title = column_title(column);
  std::ranges::transform(title, title.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return title;
}

// What is left of the terminal goes to the last column, which most often is the longest text.
void spread(std::vector<std::size_t>& widths, std::size_t room) {
  shrink_to_fit(widths, room, kLeastWidth);
  const auto used = std::accumulate(widths.begin(), widths.end(), 2 * (widths.size() - 1));
  if (room > used) widths.back() += room - used;
}

std::size_t line_count(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

}  // namespace

ColumnsFormat::ColumnsFormat(std::vector<std::string> fields, Style style, std::size_t height,
                             std::FILE* out)
    : fields_(std::move(fields)), style_(style), height_(height), out_(out) {}

void ColumnsFormat::begin(const EventSchema& schema) {
  Layout layout{choose_columns(schema, fields_), {{"WORKLOAD"}}, {kWorkloadWidth}, -1};
  for (const auto index : layout.columns) {
    if (schema.columns[index].meaning == Meaning::kHistogram) {
      layout.histogram = static_cast<int>(index);
    }
  }
  std::erase_if(layout.columns,
                [&](auto index) { return std::cmp_equal(index, layout.histogram); });
  for (const auto index : layout.columns) {
    const auto& column = schema.columns[index];
    const auto title = heading(column);
    layout.widths.push_back(std::max(usual_width(column), title.size()));
    layout.headings.push_back({title, is_right_aligned(column) ? Align::kRight : Align::kLeft});
  }
  if (style_.width > 0) spread(layout.widths, style_.width);
  layouts_[&schema] = std::move(layout);
}

ColumnsFormat::Cells ColumnsFormat::cells(const EventSchema& schema, const RowView& row,
                                          const Layout& layout) const {
  Cells cells = {row.workload == nullptr ? "" : printable(row.workload->name)};
  for (const auto column : layout.columns) {
    cells.push_back(printable(cell_text(schema, column, row.values)));
  }
  return cells;
}

void ColumnsFormat::row(const EventSchema& schema, const RowView& row) {
  const auto& layout = layouts_.at(&schema);
  auto widths = layout.widths;
  const auto line = cells(schema, row, layout);
  if (last_heading_ != &schema) {
    Cells titles;
    for (const auto& heading : layout.headings) titles.push_back(heading.title);
    put(out_, style_.bold(table_line(titles, widths, layout.headings)) + '\n');
    last_heading_ = &schema;
  }
  if (style_.width == 0) {
    // A pipe loses nothing: what is too long for its column pushes the rest aside.
    for (std::size_t i = 0; i < line.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(line[i]));
    }
  }
  put(out_, table_line(line, widths, layout.headings) + '\n');
}

std::string ColumnsFormat::histograms_text(const TableView& table, const Layout& layout) const {
  const auto column = static_cast<std::size_t>(layout.histogram);
  std::string text;
  for (const auto& row : table.rows) {
    const auto words = cells(*table.schema, row, layout);
    if (!text.empty()) text += '\n';
    // Only workloads that are told apart are worth a word.
    for (std::size_t i = words[0] == "host" || words[0].empty() ? 1 : 0; i < words.size(); ++i) {
      text += fmt::format("{} = {}  ", layout.headings[i].title, words[i]);
    }
    while (text.ends_with(' ')) text.pop_back();
    if (!text.empty() && !text.ends_with('\n')) text += '\n';
    text +=
        histogram_text(row.values[column].text, table.schema->columns[column].unit, style_.width);
  }
  return text;
}

std::string ColumnsFormat::table_text(const TableView& table) const {
  const auto& layout = layouts_.at(table.schema);
  if (layout.histogram >= 0) return histograms_text(table, layout);
  TextTable lines(layout.headings);
  for (const auto& row : table.rows) lines.add(cells(*table.schema, row, layout));
  return lines.render(style_);
}

std::string ColumnsFormat::fit_height(std::string text) const {
  const auto room = std::max<std::size_t>(height_, 4) - 2;
  const auto total = line_count(text);
  if (total <= room) return text;
  std::size_t end = 0;
  for (std::size_t i = 0; i + 1 < room; ++i) end = text.find('\n', end) + 1;
  text.resize(end);
  return text + style_.dim(fmt::format("… {} more lines", total - (room - 1))) + '\n';
}

void ColumnsFormat::tables(std::span<const TableView> tables, Occasion occasion) {
  std::string text;
  for (const auto& table : tables) {
    if (tables.size() > 1) {
      text += fmt::format("{}{}:\n", text.empty() ? "" : "\n", table.schema->view);
    }
    text += table_text(table);
    if (table.left_out > 0) {
      text += style_.dim(fmt::format("… {} more rows", table.left_out)) + '\n';
    }
  }
  const bool in_place = occasion == Occasion::kInterval && draws_in_place();
  if (in_place) text = fit_height(std::move(text));
  if (drawn_lines_ > 0) put(out_, fmt::format("\x1b[{}A\x1b[J", drawn_lines_));
  put(out_, text);
  // Where nothing can be drawn over, a blank line ends an interval.
  if (occasion == Occasion::kInterval && !in_place) put(out_, "\n");
  drawn_lines_ = in_place ? line_count(text) : 0;
}

Result<> ColumnsFormat::flush() { return flush_output(out_); }

}  // namespace ig
