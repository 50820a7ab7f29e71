// SPDX-License-Identifier: Apache-2.0
#include "reporters/row_order.h"

#include <algorithm>
#include <compare>

#include "reporters/cell.h"
#include "reporters/column_choice.h"

namespace ig {
namespace {

std::weak_ordering compare(const EventSchema& schema, std::size_t column, const RowView& left,
                           const RowView& right) {
  const auto &a = left.values[column], &b = right.values[column];
  if (is_amount(schema.columns[column]) || schema.columns[column].meaning == Meaning::kTimestamp) {
    if (a.integer != b.integer) return a.integer <=> b.integer;
    return a.real < b.real
               ? std::weak_ordering::less
               : (a.real > b.real ? std::weak_ordering::greater : std::weak_ordering::equivalent);
  }
  return cell_text(schema, column, left.values) <=> cell_text(schema, column, right.values);
}

}  // namespace

Result<RowOrder> RowOrder::parse(const std::vector<std::string>& fields,
                                 const std::vector<EventSchema>& schemas) {
  IG_TRY(check_fields(schemas, fields));
  RowOrder order;
  for (const auto& field : fields) {
    const bool signed_name = field.starts_with('-') || field.starts_with('+');
    order.keys_.push_back({signed_name ? field.substr(1) : field, field.starts_with('-')});
  }
  return order;
}

void RowOrder::sort(const EventSchema& schema, std::vector<RowView>& rows) const {
  // By the least important key first.
  for (auto key = keys_.rbegin(); key != keys_.rend(); ++key) {
    const auto column = find_column(schema, key->field);
    if (!column) continue;
    std::ranges::stable_sort(rows, [&](const RowView& a, const RowView& b) {
      return key->descending ? compare(schema, *column, b, a) < 0
                             : compare(schema, *column, a, b) < 0;
    });
  }
}

}  // namespace ig
