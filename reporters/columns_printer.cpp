// SPDX-License-Identifier: Apache-2.0
#include "reporters/columns_printer.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/clock.h"
#include "base/text.h"
#include "reporters/cell.h"
#include "reporters/column_choice.h"

namespace ig {
namespace {

constexpr std::size_t kWorkloadWidth = 16;
constexpr std::size_t kLeastWidth = 4;
constexpr std::int64_t kRedrawNs = 1'000'000'000;

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

bool is_amount(const Column& column) {
  switch (column.meaning) {
    case Meaning::kPlain:
    case Meaning::kDuration:
    case Meaning::kBytes:
    case Meaning::kCounter:
    case Meaning::kGauge:
    case Meaning::kUid:
    case Meaning::kGid:
      return column.type == ColumnType::kInteger || column.type == ColumnType::kReal;
    default:
      return false;
  }
}

// What is left of the terminal goes to the last column, which most often is the longest text.
void spread(std::vector<std::size_t>& widths, std::size_t room) {
  shrink_to_fit(widths, room, kLeastWidth);
  const auto used = std::accumulate(widths.begin(), widths.end(), 2 * (widths.size() - 1));
  if (room > used) widths.back() += room - used;
}

std::string first_lines(std::string_view text, std::size_t count, std::size_t& left_out) {
  const auto total = static_cast<std::size_t>(std::ranges::count(text, '\n'));
  if (total <= count) return std::string(text);
  std::size_t end = 0;
  for (std::size_t i = 0; i + 1 < count; ++i) end = text.find('\n', end) + 1;
  left_out = total - (count - 1);
  return std::string(text.substr(0, end));
}

}  // namespace

ColumnsPrinter::ColumnsPrinter(std::vector<std::string> fields, Style style, std::size_t height,
                               std::FILE* out)
    : fields_(std::move(fields)), style_(style), height_(height), out_(out) {}

Result<> ColumnsPrinter::data_source(const EventSchema& schema) {
  Layout layout{choose_columns(schema, fields_), {{"WORKLOAD"}}, {kWorkloadWidth}};
  for (const auto index : layout.columns) {
    const auto& column = schema.columns[index];
    auto title = column_title(column);
    std::ranges::transform(title, title.begin(), [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    layout.widths.push_back(std::max(usual_width(column), title.size()));
    layout.headings.push_back({title, is_amount(column) ? Align::kRight : Align::kLeft});
  }
  if (style_.width > 0) spread(layout.widths, style_.width);
  layouts_[&schema] = std::move(layout);
  return {};
}

Result<> ColumnsPrinter::workload(const Workload& workload) {
  workloads_[workload.id] = printable(workload.name);
  return {};
}

ColumnsPrinter::Cells ColumnsPrinter::cells(const Event& event, const Layout& layout) const {
  const auto name = workloads_.find(event.workload);
  Cells cells = {name == workloads_.end() ? "" : name->second};
  for (const auto column : layout.columns) {
    cells.push_back(printable(cell_text(event.schema, column, event.values)));
  }
  return cells;
}

void ColumnsPrinter::print_line(const Event& event, const Layout& layout) {
  auto widths = layout.widths;
  const auto row = cells(event, layout);
  if (last_heading_ != &event.schema) {
    Cells titles;
    for (const auto& heading : layout.headings) titles.push_back(heading.title);
    put(out_, style_.bold(table_line(titles, widths, layout.headings)) + '\n');
    last_heading_ = &event.schema;
  }
  if (style_.width == 0) {
    // A pipe loses nothing: what is too long for its column pushes the rest aside.
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(row[i]));
    }
  }
  put(out_, table_line(row, widths, layout.headings) + '\n');
}

Result<> ColumnsPrinter::event(const Event& event) {
  const auto& layout = layouts_.at(&event.schema);
  switch (event.schema.kind) {
    case EventSchema::Kind::kTracer:
      print_line(event, layout);
      break;
    case EventSchema::Kind::kIterator:
      snapshots_[&event.schema].push_back(cells(event, layout));
      break;
    case EventSchema::Kind::kMap:
      sums_.set(event, cells(event, layout));
      break;
  }
  return {};
}

void ColumnsPrinter::print_snapshots() {
  for (auto& [schema, rows] : std::exchange(snapshots_, {})) {
    TextTable table(layouts_.at(schema).headings);
    for (auto& row : rows) table.add(std::move(row));
    put(out_, table.render(style_));
  }
}

std::string ColumnsPrinter::sums_text() const {
  std::string text;
  for (const auto& [view, sums] : sums_.tables()) {
    if (sums_.tables().size() > 1) text += fmt::format("{}{}:\n", text.empty() ? "" : "\n", view);
    TextTable table(layouts_.at(sums.schema).headings);
    for (const auto& [key, row] : sums.rows) table.add(row);
    text += table.render(style_);
  }
  return text;
}

void ColumnsPrinter::redraw() {
  if (style_.width == 0 || sums_.tables().empty()) return;
  const auto now = boot_time_ns();
  if (now - last_draw_ns_ < kRedrawNs) return;
  last_draw_ns_ = now;
  std::size_t left_out = 0;
  auto text = first_lines(sums_text(), std::max<std::size_t>(height_, 4) - 2, left_out);
  if (left_out > 0) text += style_.dim(fmt::format("… {} more lines at the end", left_out)) + '\n';
  if (drawn_lines_ > 0) put(out_, fmt::format("\x1b[{}A\x1b[J", drawn_lines_));
  put(out_, text);
  drawn_lines_ = static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

Result<> ColumnsPrinter::flush() {
  print_snapshots();
  redraw();
  return flush_output(out_);
}

Result<> ColumnsPrinter::finish() {
  print_snapshots();
  if (drawn_lines_ > 0) put(out_, fmt::format("\x1b[{}A\x1b[J", drawn_lines_));
  put(out_, sums_text());
  return flush_output(out_);
}

}  // namespace ig
