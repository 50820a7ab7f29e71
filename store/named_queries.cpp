// SPDX-License-Identifier: Apache-2.0
#include "store/named_queries.h"

#include <algorithm>
#include <vector>

#include "base/check.h"
#include "base/embedded.h"
#include "base/text.h"

namespace ig {

extern const std::span<const EmbeddedFile> kQueryFiles;

namespace {

constexpr std::string_view kFrom = "from: ";
constexpr std::string_view kEverySession = "every session";

// The text of the file's n-th line, which is a comment.
std::string_view comment(std::string_view text, std::size_t line) {
  constexpr std::string_view kMark = "-- ";
  const auto lines = split(text, '\n');
  IG_CHECK(line < lines.size() && lines[line].starts_with(kMark));
  return lines[line].substr(kMark.size());
}

NamedQuery read_query(const EmbeddedFile& file) {
  const auto from = comment(file.bytes, 2);
  IG_CHECK(from.starts_with(kFrom));
  const auto source = from.substr(kFrom.size());
  if (source == kEverySession) return {file.name, comment(file.bytes, 1), "", "", file.bytes};
  const auto words = split(source, ' ');
  return {file.name, comment(file.bytes, 1), words.front(), words.back(), file.bytes};
}

}  // namespace

std::span<const NamedQuery> named_queries() {
  static const auto kQueries = [] {
    std::vector<NamedQuery> queries;
    std::ranges::transform(kQueryFiles, std::back_inserter(queries), read_query);
    return queries;
  }();
  return kQueries;
}

const NamedQuery* find_named_query(std::string_view name) {
  const auto found = std::ranges::find(named_queries(), name, &NamedQuery::name);
  return found == named_queries().end() ? nullptr : &*found;
}

}  // namespace ig
