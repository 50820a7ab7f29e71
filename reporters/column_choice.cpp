// SPDX-License-Identifier: Apache-2.0
#include "reporters/column_choice.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "store/row_layout.h"

namespace ig {
namespace {

bool is_change(const std::string& field) {
  return field.starts_with('+') || field.starts_with('-');
}

std::string plain(const std::string& field) { return is_change(field) ? field.substr(1) : field; }

std::string_view process_title(ProcessPart part) {
  switch (part) {
    case ProcessPart::kComm:
      return "comm";
    case ProcessPart::kPid:
      return "pid";
    case ProcessPart::kTid:
      return "tid";
    case ProcessPart::kUid:
      return "uid";
    case ProcessPart::kGid:
      return "gid";
    case ProcessPart::kParentComm:
      return "pcomm";
    case ProcessPart::kParentPid:
      return "ppid";
    default:
      return "";
  }
}

std::vector<std::size_t> usual_columns(const EventSchema& schema, Usual usual) {
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < schema.columns.size(); ++i) {
    if (usual == Usual::kAll || usually_shown(schema, schema.columns[i])) chosen.push_back(i);
  }
  return chosen;
}

}  // namespace

std::string column_title(const Column& column) {
  const auto part = process_title(column.process_part);
  if (part.empty()) return sql_name(column.display_name());
  return process_prefix(column.process) + std::string(part);
}

std::optional<std::size_t> find_column(const EventSchema& schema, std::string_view name) {
  for (std::size_t i = 0; i < schema.columns.size(); ++i) {
    const auto& column = schema.columns[i];
    if (name == column_title(column) || name == column.display_name() || name == column.name) {
      return i;
    }
  }
  return std::nullopt;
}

bool is_amount(const Column& column) {
  switch (column.meaning) {
    case Meaning::kPlain:
    case Meaning::kDuration:
    case Meaning::kBytes:
    case Meaning::kCounter:
    case Meaning::kGauge:
      return column.process_part == ProcessPart::kNone &&
             (column.type == ColumnType::kInteger || column.type == ColumnType::kReal);
    default:
      return false;
  }
}

bool usually_shown(const EventSchema& schema, const Column& column) {
  const auto part = column.process_part;
  if (part != ProcessPart::kNone) {
    return !column.hidden && (part == ProcessPart::kComm || part == ProcessPart::kPid);
  }
  switch (column.meaning) {
    case Meaning::kMntnsId:
    case Meaning::kNetnsId:
      return false;
    case Meaning::kTimestamp:
      return !column.hidden && schema.kind != EventSchema::Kind::kTracer;
    default:
      return !column.hidden;
  }
}

std::vector<std::size_t> choose_columns(const EventSchema& schema,
                                        const std::vector<std::string>& fields, Usual usual) {
  const bool changes = std::ranges::all_of(fields, is_change);
  auto chosen = changes ? usual_columns(schema, usual) : std::vector<std::size_t>{};
  for (const auto& field : fields) {
    const auto column = find_column(schema, plain(field));
    if (!column) continue;
    std::erase(chosen, *column);
    if (!field.starts_with('-')) chosen.push_back(*column);
  }
  return chosen;
}

Result<> check_fields(const std::vector<EventSchema>& schemas,
                      const std::vector<std::string>& fields) {
  std::vector<std::string> names;
  for (const auto& schema : schemas) {
    for (const auto& column : schema.columns) names.push_back(column_title(column));
  }
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  for (const auto& field : fields) {
    const auto name = plain(field);
    const bool known = std::ranges::any_of(
        schemas, [&](const EventSchema& schema) { return find_column(schema, name).has_value(); });
    if (known) continue;
    const auto near = nearest_name(name, candidates);
    return fail(
        ErrorCode::kUsage, fmt::format("no field '{}'", name),
        near.empty() ? "ig gadget info lists the fields" : fmt::format("did you mean {}?", near));
  }
  return {};
}

}  // namespace ig
