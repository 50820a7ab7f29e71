// SPDX-License-Identifier: Apache-2.0
#include "recorder/source/task_filter.h"

#include <algorithm>
#include <cstdlib>

namespace ig {
namespace {

struct Number {
  const char* key;
  const char* column;
  std::int64_t any;  // as filter.h has it
};
constexpr Number kNumbers[] = {{"pid", "proc.pid", 0},
                               {"tid", "proc.tid", 0},
                               {"uid", "proc.creds.uid", UINT32_MAX},
                               {"gid", "proc.creds.gid", UINT32_MAX}};

const Value* find(const EventSchema& schema, std::span<const Value> row, std::string_view column) {
  const int index = schema.find(column);
  return index < 0 ? nullptr : &row[static_cast<std::size_t>(index)];
}

}  // namespace

TaskFilter::TaskFilter(const std::map<std::string, std::string>& given) {
  for (const auto& [key, column, any] : kNumbers) {
    const auto it = given.find(key);
    if (it == given.end()) continue;
    const auto number = std::strtoll(it->second.c_str(), nullptr, 0);
    if (number != any) numbers_.emplace(column, number);
  }
  if (const auto it = given.find("comm"); it != given.end()) comm_ = it->second;
}

bool TaskFilter::passes(const EventSchema& schema, std::span<const Value> row) const {
  const bool same = std::ranges::all_of(numbers_, [&](const auto& wanted) {
    const auto* value = find(schema, row, wanted.first);
    return value == nullptr || value->integer == wanted.second;
  });
  if (!same || comm_.empty()) return same;
  const auto* comm = find(schema, row, "proc.comm");
  return comm == nullptr || comm->text == comm_;
}

}  // namespace ig
