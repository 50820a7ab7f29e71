// SPDX-License-Identifier: Apache-2.0
#include "store/table_copy.h"

#include <fmt/format.h>

#include "base/text.h"
#include "store/data_source_ddl.h"

namespace ig {
namespace {

constexpr std::uint64_t kRowsBetween = 4096;  // two questions of should_stop

struct Plan {
  std::string insert;
  std::vector<std::int64_t> bases;  // by column; 0 where it is copied as it is
};

Plan make_plan(const TableCopy& copy, const Statement& select, const NumberBases& bases) {
  Plan plan;
  std::vector<std::string> names, marks;
  for (int i = 0; i < select.column_count(); ++i) {
    const auto name = select.column_name(i);
    const auto reference = copy.references.find(name);
    plan.bases.push_back(reference == copy.references.end() ? 0 : bases.at(reference->second));
    names.push_back(quote_identifier(name));
    marks.emplace_back("?");
  }
  plan.insert =
      fmt::format("INSERT {}INTO {} ({}) VALUES ({})", copy.keep_first ? "OR IGNORE " : "",
                  quote_identifier(copy.table), join(names, ", "), join(marks, ", "));
  return plan;
}

Result<Value> moved(Value value, std::int64_t base) {
  if (value.kind != Value::Kind::kInteger || value.integer == 0) return value;
  if (!__builtin_add_overflow(value.integer, base, &value.integer)) return value;
  return fail(ErrorCode::kInvalid, "a row's number is out of range",
              "the session is damaged or was tampered with");
}

}  // namespace

Result<std::uint64_t> TableCopy::run(Database& from, Database& to, const NumberBases& bases,
                                     const std::function<bool()>& should_stop) const {
  IG_ASSIGN(auto select, from.prepare("SELECT * FROM " + quote_identifier(table)));
  const auto plan = make_plan(*this, select, bases);
  IG_ASSIGN(auto insert, to.prepare(plan.insert, true));
  for (std::uint64_t rows = 0;; ++rows) {
    IG_ASSIGN(const bool row, select.step());
    if (!row) return rows;
    if (rows % kRowsBetween == 0 && should_stop()) {
      return fail(ErrorCode::kFailed, "interrupted", "nothing was written");
    }
    for (std::size_t i = 0; i < plan.bases.size(); ++i) {
      IG_ASSIGN(const auto value, moved(select.value(static_cast<int>(i)), plan.bases[i]));
      insert.bind(static_cast<int>(i) + 1, value);
    }
    IG_TRY(insert.run());
  }
}

}  // namespace ig
