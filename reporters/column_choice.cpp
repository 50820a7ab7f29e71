// SPDX-License-Identifier: Apache-2.0
#include "reporters/column_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace ig {
namespace {

bool is_change(const std::string& field) {
  return field.starts_with('+') || field.starts_with('-');
}

std::string plain(const std::string& field) { return is_change(field) ? field.substr(1) : field; }

std::optional<std::size_t> find_column(const EventSchema& schema, const std::string& name) {
  for (std::size_t i = 0; i < schema.columns.size(); ++i) {
    if (schema.columns[i].name == name || schema.columns[i].display_name() == name) return i;
  }
  return std::nullopt;
}

std::vector<std::size_t> usual_columns(const EventSchema& schema) {
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < schema.columns.size(); ++i) {
    if (!schema.columns[i].hidden) chosen.push_back(i);
  }
  return chosen;
}

}  // namespace

std::vector<std::size_t> choose_columns(const EventSchema& schema,
                                        const std::vector<std::string>& fields) {
  const bool changes = std::ranges::all_of(fields, is_change);
  auto chosen = changes ? usual_columns(schema) : std::vector<std::size_t>{};
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
    for (const auto& column : schema.columns) names.push_back(column.display_name());
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
