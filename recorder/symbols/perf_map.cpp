// SPDX-License-Identifier: Apache-2.0
#include "recorder/symbols/perf_map.h"

#include <charconv>

#include "base/text.h"

namespace ig {
namespace {

bool take_number(std::string_view& line, std::uint64_t& number) {
  if (line.starts_with("0x")) line.remove_prefix(2);
  const auto* end = line.data() + line.size();
  const auto result = std::from_chars(line.data(), end, number, 16);
  if (result.ec != std::errc{} || result.ptr == end || *result.ptr != ' ') return false;
  line.remove_prefix(static_cast<std::size_t>(result.ptr - line.data()) + 1);
  return true;
}

}  // namespace

SymbolTable parse_perf_map(std::string_view text) {
  SymbolTable table;
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    std::uint64_t address = 0, size = 0;
    if (!take_number(line, address) || !take_number(line, size)) continue;
    if (size > 0 && !line.empty()) table.add(address, size, line);
  }
  table.finish();
  return table;
}

}  // namespace ig
