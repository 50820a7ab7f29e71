// SPDX-License-Identifier: Apache-2.0
#include "reporters/row_filter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <compare>
#include <optional>
#include <regex>

#include "base/text.h"
#include "reporters/cell.h"
#include "reporters/column_choice.h"

namespace ig {
namespace {

enum class Operator {
  kEqual,
  kUnequal,
  kLessEqual,
  kGreaterEqual,
  kUnlike,
  kLess,
  kGreater,
  kLike
};

struct Spelling {
  std::string_view text;
  Operator meaning;
};
// A longer one before the one that it begins with.
constexpr std::array kSpellings = {
    Spelling{"==", Operator::kEqual},     Spelling{"!=", Operator::kUnequal},
    Spelling{"<=", Operator::kLessEqual}, Spelling{">=", Operator::kGreaterEqual},
    Spelling{"!~", Operator::kUnlike},    Spelling{"<", Operator::kLess},
    Spelling{">", Operator::kGreater},    Spelling{"~", Operator::kLike},
};

bool holds(std::strong_ordering order, Operator is) {
  switch (is) {
    case Operator::kEqual:
      return order == 0;
    case Operator::kUnequal:
      return order != 0;
    case Operator::kLess:
      return order < 0;
    case Operator::kLessEqual:
      return order <= 0;
    case Operator::kGreater:
      return order > 0;
    case Operator::kGreaterEqual:
      return order >= 0;
    default:
      return false;
  }
}

std::optional<std::string> workload_text(const std::string& field, const Workload* workload) {
  constexpr std::pair<std::string_view, std::string Workload::*> kFields[] = {
      {"workload", &Workload::name},
      {"container", &Workload::container},
      {"pod", &Workload::pod},
      {"namespace", &Workload::kube_namespace},
      {"image", &Workload::image}};
  for (const auto& [name, member] : kFields) {
    if (field == name) return workload == nullptr ? std::string() : workload->*member;
  }
  return std::nullopt;
}

// "a==b,c==d\,e" → "a==b", "c==d,e"
std::vector<std::string> split_conditions(std::string_view text) {
  std::vector<std::string> parts(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == ',') {
      parts.back() += text[++i];
    } else if (text[i] == ',') {
      parts.emplace_back();
    } else {
      parts.back() += text[i];
    }
  }
  std::erase(parts, "");
  return parts;
}

std::optional<std::int64_t> plain_number(std::string_view text) {
  std::int64_t number = 0;
  const auto end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

// A bare number is the number that JSON shows: nanoseconds, bytes.
std::optional<std::int64_t> number_of(std::string_view text, Meaning meaning) {
  if (const auto number = plain_number(text)) return number;
  if (meaning == Meaning::kDuration) {
    if (const auto duration = parse_duration(text)) return duration->count();
  }
  if (meaning == Meaning::kBytes) {
    if (const auto size = parse_size(text)) return static_cast<std::int64_t>(*size);
  }
  if (meaning == Meaning::kBool && (text == "true" || text == "false")) return text == "true";
  return std::nullopt;
}

}  // namespace

struct RowFilter::Condition {
  std::string field, value;
  Operator is = Operator::kEqual;
  std::optional<std::regex> pattern;

  bool matches_text(const std::string& text) const {
    if (is == Operator::kLike) return std::regex_search(text, *pattern);
    if (is == Operator::kUnlike) return !std::regex_search(text, *pattern);
    return holds(text <=> value, is);
  }

  bool matches_cell(const EventSchema& schema, std::size_t index,
                    std::span<const Value> row) const {
    const auto& cell = row[index];
    const bool by_name = cell.kind != Value::Kind::kInteger && cell.kind != Value::Kind::kReal;
    if (by_name || pattern) return matches_text(cell_text(schema, index, row));
    const auto number = number_of(value, schema.columns[index].meaning);
    if (!number) return matches_text(cell_text(schema, index, row));
    if (cell.kind == Value::Kind::kInteger) return holds(cell.integer <=> *number, is);
    const auto wanted = static_cast<double>(*number);
    return holds(cell.real < wanted   ? std::strong_ordering::less
                 : cell.real > wanted ? std::strong_ordering::greater
                                      : std::strong_ordering::equal,
                 is);
  }

  bool matches(const EventSchema& schema, std::span<const Value> row,
               const Workload* workload) const {
    // A field of the gadget's own goes before the workload's.
    if (const auto index = find_column(schema, field)) return matches_cell(schema, *index, row);
    const auto text = workload_text(field, workload);
    return text && matches_text(*text);
  }
};

namespace {

Result<RowFilter::Condition> parse_condition(const std::string& text) {
  const auto at = text.find_first_of("=!<>~");
  const auto rest = at == text.npos ? std::string_view() : std::string_view(text).substr(at);
  const auto found = std::ranges::find_if(
      kSpellings, [&](const Spelling& spelling) { return rest.starts_with(spelling.text); });
  if (at == 0 || found == kSpellings.end()) {
    return fail(ErrorCode::kUsage, fmt::format("--filter: '{}' is no condition", text),
                "write FIELD OPERATOR VALUE with one of == != < <= > >= ~ !~, e.g. comm==nginx");
  }
  RowFilter::Condition condition{text.substr(0, at), std::string(rest.substr(found->text.size())),
                                 found->meaning, std::nullopt};
  if (condition.is != Operator::kLike && condition.is != Operator::kUnlike) return condition;
  try {
    condition.pattern.emplace(condition.value);
  } catch (const std::regex_error&) {
    return fail(
        ErrorCode::kUsage, fmt::format("--filter: '{}' is no regular expression", condition.value),
        "~ takes one of ECMAScript's; a backslash before [ ( * + ? . takes them as they are");
  }
  return condition;
}

}  // namespace

Result<RowFilter> RowFilter::parse(const std::vector<std::string>& texts,
                                   const std::vector<EventSchema>& schemas) {
  RowFilter filter;
  for (const auto& text : texts) {
    for (const auto& part : split_conditions(text)) {
      IG_ASSIGN(auto condition, parse_condition(part));
      if (!workload_text(condition.field, nullptr)) {
        IG_TRY(check_fields(schemas, {condition.field}));
      }
      filter.conditions_.push_back(std::make_shared<const Condition>(std::move(condition)));
    }
  }
  return filter;
}

bool RowFilter::matches(const EventSchema& schema, std::span<const Value> row,
                        const Workload* workload) const {
  return std::ranges::all_of(conditions_, [&](const auto& condition) {
    return condition->matches(schema, row, workload);
  });
}

}  // namespace ig
