// SPDX-License-Identifier: Apache-2.0
// The shop's session after somebody has written into every text of it what would steer a terminal,
// or pass for a line of its own; and how to see that in an output.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "store/data_source_ddl.h"
#include "tests/support/report_shop.h"

namespace ig::test {

// Escape sequences by ESC and by one character of C1 (in UTF-8, and as a byte), bell, backspace,
// carriage return, DEL, what turns the direction of text, and a line that nobody wrote.
inline constexpr std::string_view kHostile =
    "x\x1b]0;owned\x07\x1b[31m\xc2\x9b"
    "2J\x9b"
    "2J\b\r\x7f\xe2\x80\xae\nINJECTED: yes\t";

// What of `text` a terminal would obey, or a reader take for the tool's own word; "" = nothing.
inline std::string what_steers(std::string_view text) {
  if (text.starts_with("INJECTED") || text.find("\nINJECTED") != text.npos) return "a line";
  if (text.find("\xe2\x80\xae") != text.npos) return "a mark of direction";
  unsigned char before = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool is_c1 = c >= 0x80 && c < 0xa0 && (before < 0x80 || before == 0xc2);
    if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f || is_c1) {
      return fmt::format("\\x{:02x} after: {}", c, text.substr(i < 60 ? 0 : i - 60, 60));
    }
    before = c;
  }
  return {};
}

// Every gadget of the shop, one that flight recorders fill, and one that is hostile itself.
inline void fill_hostile_shop(ReportSession& session) {
  fill_shop(session);
  auto& web = session.workload("flight");
  auto& calls = session.table(
      "traceloop", {"timestamp_raw:time", "+", "seq", "duration", "retval", "syscall_raw",
                    "arch_raw:enum", "tid", "cpu", "finished", "parameters:path", "ret:path"});
  calls.enums = {{"arch_raw", {{1, "x86_64"}}}};
  session.declare(calls);
  session.row(calls, web,
              {{"timestamp_raw", at(3)},
               {"proc.comm", "nginx"},
               {"syscall_raw", std::int64_t{1}},
               {"arch_raw", std::int64_t{1}},
               {"finished", std::int64_t{1}},
               {"parameters", "1, \"hello\", 5"},
               {"ret", "5"}});
  const std::string evil(kHostile.substr(0, kHostile.find('\x9b')));  // JSON is UTF-8
  auto& gadget = session.table("evil_gadget", {"timestamp_raw:time", evil + ":path", "kind:enum"});
  gadget.description = evil;
  gadget.columns[1].description = gadget.columns[1].unit = evil;
  gadget.enums = {{"kind", {{1, evil}}}};
  session.declare(gadget);
  session.row(gadget, web, {{"timestamp_raw", at(4)}, {evil, "text"}, {"kind", std::int64_t{1}}});
  Loss loss;
  loss.detail = loss.gadget = "trace_exec";
  expect_ok(session.writer().loss(loss));
}

// Writes it to `path`. Texts that are ours (kinds, names of tables) stay as they are, so that the
// rest is shown at all.
inline void write_hostile_shop(const std::string& path) {
  ReportSession session;
  fill_hostile_shop(session);
  auto database = Database::deserialize(session.bytes());
  expect_ok(database);
  constexpr std::array kOurs = {"data_source", "enum_name", "syscall_name"};
  std::vector<std::pair<std::string, std::string>> columns;
  auto rows = database->prepare(
      "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c "
      "WHERE t.type = 'table' AND c.type = 'TEXT' AND c.name NOT IN ('kind', 'architecture', "
      "'gadget', 'origin')");
  expect_ok(rows);
  while (*rows->step()) columns.emplace_back(rows->text(0), rows->text(1));
  for (const auto& [table, column] : columns) {
    if (std::ranges::count(kOurs, table) > 0) continue;
    const auto name = quote_identifier(column);
    expect_ok(database->execute(fmt::format(
        "UPDATE {0} SET {1} = {1} || CAST(x'{2:02x}' AS TEXT) WHERE {1} <> ''",
        quote_identifier(table), name, fmt::join(std::as_bytes(std::span(kHostile)), ""))));
  }
  std::ofstream(path, std::ios::binary) << *database->serialize();
}

}  // namespace ig::test
