// SPDX-License-Identifier: Apache-2.0
// A session with something of everything in it, and what an input changes of it.
#pragma once

#include <fmt/format.h>

#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "store/data_source_ddl.h"
#include "tests/support/hostile_shop.h"

namespace ig {

using Input = std::span<const std::uint8_t>;

// The bytes of its file.
inline const std::string& sound_session() {
  static const std::string bytes = [] {
    test::ReportSession session;
    test::fill_hostile_shop(session);
    return session.bytes();
  }();
  return bytes;
}

// Takes up to `most` bytes off the front of the input.
inline Input take(Input& input, std::size_t most) {
  const auto taken = input.first(std::min(most, input.size()));
  input = input.subspan(taken.size());
  return taken;
}

// An input that begins as SQLite files do is the file; else it says which bytes of the sound one
// are others: place (4 bytes), how many (1), these.
inline std::string with_bytes(Input input) {
  constexpr std::string_view kMagic = "SQLite format 3";
  const std::string text(input.begin(), input.end());
  if (text.starts_with(kMagic)) return text;
  auto bytes = sound_session();
  while (input.size() > 5) {
    std::uint32_t place = 0;
    std::memcpy(&place, take(input, sizeof place).data(), sizeof place);
    const auto changed = take(input, take(input, 1)[0]);
    place %= static_cast<std::uint32_t>(bytes.size());
    std::copy_n(changed.begin(), std::min(changed.size(), bytes.size() - place),
                bytes.begin() + place);
  }
  return bytes;
}

// An input says which cells of the sound session hold what: column of a table (2 bytes), row (1),
// kind of value (1), length (1), value.
inline std::string with_cells(Input input) {
  auto database = Database::deserialize(sound_session());
  static const auto columns = [&] {
    std::vector<std::pair<std::string, std::string>> all;
    auto rows = database->prepare(
        "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c "
        "WHERE t.type = 'table' ORDER BY t.name, c.cid");
    while (*rows->step()) all.emplace_back(rows->text(0), rows->text(1));
    return all;
  }();
  while (input.size() > 5) {
    const auto head = take(input, 5);
    const auto value = take(input, head[4]);
    const auto& [table, column] = columns[(head[0] + 256U * head[1]) % columns.size()];
    const std::string_view text(reinterpret_cast<const char*>(value.data()), value.size());
    std::int64_t number = 0;
    std::memcpy(&number, value.data(), std::min(value.size(), sizeof number));
    auto update = database->prepare(fmt::format(
        "UPDATE {0} SET {1} = {2} WHERE rowid = (SELECT rowid FROM {0} LIMIT 1 OFFSET {3})",
        quote_identifier(table), quote_identifier(column),
        head[3] % 4 == 0   ? "NULL"
        : head[3] % 4 == 1 ? "CAST(? AS BLOB)"
                           : "?",
        head[2]));
    if (!update) continue;
    if (head[3] % 4 == 3) update->bind(1, number);
    if (head[3] % 4 == 1 || head[3] % 4 == 2) update->bind(1, text);
    static_cast<void>(update->run());  // what a table does not take it does not get
  }
  return *database->serialize();
}

}  // namespace ig
