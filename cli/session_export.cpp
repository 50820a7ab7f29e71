// SPDX-License-Identifier: Apache-2.0
// ig session export: what a session holds, for programs that read neither SQLite nor our tables.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/log.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/export_forms.h"
#include "cli/interrupt.h"
#include "cli/open_sessions.h"
#include "cli/output.h"
#include "reporters/display_text.h"
#include "reporters/query_writer.h"
#include "store/data_source_ddl.h"
#include "store/session_reader.h"

namespace ig {
namespace {

// What every session has, beside the views of its gadgets.
constexpr std::string_view kCoreTables[] = {"session",   "gadget_run", "gadget_program",
                                            "workload",  "process",    "loss",
                                            "inventory", "enrichment", "denied_syscall"};

Result<std::vector<std::string>> tables_of(SessionReader& session) {
  std::vector<std::string> tables(std::begin(kCoreTables), std::end(kCoreTables));
  IG_ASSIGN(const auto views, session.tables());
  for (const TableInfo& view : views) tables.push_back(view.view);
  return tables;
}

Result<> write_table(SessionReader& session, const std::string& table, const std::string& format,
                     std::FILE* out) {
  const auto writer = make_query_writer(format, {}, out);
  std::vector<std::string> columns;
  IG_TRY(
      session.query("SELECT * FROM " + quote_identifier(table), columns, [&](const QueryRow& row) {
        writer->row(columns, row);
        return std::ferror(out) == 0;
      }));
  writer->end(columns);
  return flush_output(out);
}

Result<> write_folder(SessionReader& session, const std::vector<std::string>& tables,
                      const std::string& format, const std::string& folder) {
  for (const auto& table : tables) {
    const auto name = fmt::format("{}.{}", table, format == "json" ? "jsonl" : format);
    IG_ASSIGN(const auto file, open_output(folder, name));
    IG_TRY(write_table(session, table, format, file.get()));
    put(stdout, printable(folder + '/' + name) + '\n');
  }
  return {};
}

Result<> export_tables(SessionReader& session, const Arguments& arguments) {
  const auto table = arguments.operand(1);
  IG_ASSIGN(auto tables, tables_of(session));
  if (!table.empty()) {
    IG_TRY(check_table(tables, table));
    tables = {table};
  }
  const auto format = arguments.text("format");
  if (!arguments.has("output-dir")) return write_table(session, table, format, stdout);
  return write_folder(session, tables, format, arguments.text("output-dir"));
}

}  // namespace

Result<OutputFile> open_output(const std::string& folder, const std::string& name) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return std::unexpected(system_error(error.value(), "make folder " + folder));
  const auto path = folder + '/' + name;
  OutputFile file(std::fopen(path.c_str(), "we"));
  if (!file) return std::unexpected(system_error(errno, "write " + path));
  return file;
}

Result<> check_table(const std::vector<std::string>& tables, const std::string& table) {
  if (std::ranges::count(tables, table) > 0) return {};
  const auto near =
      nearest_name(table, std::vector<std::string_view>(tables.begin(), tables.end()));
  return fail(ErrorCode::kNotFound, fmt::format("the session has no table '{}'", table),
              near.empty() ? "ig session info FILE lists the tables"
                           : fmt::format("did you mean {}?", near));
}

Syntax session_export_syntax(const Words&) {
  Syntax syntax;
  syntax.operands = {{"FILE"}, {.name = "TABLE", .optional = true}};
  syntax.text =
      "One table to stdout, or all of them as files of a folder. JSON is one object a line; otlp "
      "is "
      "OTLP/JSON, events and losses as logs, histograms and counters as metrics; pcapng is the "
      "packets that the gadget tcpdump recorded, for Wireshark. DuckDB, pandas and sqlite3 read a "
      "session as it is: ATTACH 'web.db' (TYPE sqlite).";
  syntax.groups = {
      {"Output",
       {{"format", "NAME", "form of the rows", 0, "json", {"json", "csv", "tsv", "otlp", "pcapng"}},
        {"output-dir", "DIR", "every table, or TABLE, as a file of its own"}}}};
  syntax.examples = {"ig session export web.db trace_exec > programs.jsonl",
                     "ig session export web.db --format csv --output-dir web/",
                     "ig session export web.db --format pcapng > web.pcapng"};
  return syntax;
}

Result<int> run_session_export(const Arguments& arguments) {
  const auto format = arguments.text("format");
  // Packets are one file whatever table they are in.
  if (arguments.operand(1).empty() && !arguments.has("output-dir") && format != "pcapng") {
    return fail(ErrorCode::kUsage, "a session has several tables, and stdout holds one",
                "name a TABLE, or write all with --output-dir DIR");
  }
  const Interrupts interrupts;
  const auto should_stop = [] { return Interrupts::count() > 0; };
  if (format != "otlp" && format != "pcapng") {
    IG_ASSIGN(const auto session, open_session(arguments.operand(0)));
    session->stop_when(should_stop);
    IG_TRY(export_tables(*session, arguments));
    return 0;
  }
  IG_ASSIGN(const auto sessions, OpenSessions::open({arguments.operand(0)}));
  for (const auto& recording : sessions.recordings()) recording.session->stop_when(should_stop);
  IG_TRY((format == "otlp" ? export_otlp : export_packets)(sessions.recordings(), arguments));
  return 0;
}

}  // namespace ig
