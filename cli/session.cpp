// SPDX-License-Identifier: Apache-2.0
// ig session info, list and query: what a session file holds.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/selectors.h"
#include "reporters/cell.h"
#include "reporters/query_writer.h"
#include "reporters/session_overview.h"
#include "store/named_queries.h"

namespace ig {
namespace {

bool may_be_session(const std::filesystem::directory_entry& entry) {
  return entry.is_regular_file() && entry.path().extension() == ".db";
}

Result<std::vector<std::string>> session_paths(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (may_be_session(entry)) paths.push_back(entry.path().string());
  }
  if (error) return std::unexpected(system_error(error.value(), "read folder " + folder));
  std::ranges::sort(paths);
  return paths;
}

Result<SessionOverview> read_file(const std::string& path, const Selector& selector) {
  IG_ASSIGN(const auto session, open_session(path));
  return read_overview(*session, path, selector);
}

std::string query_lines() {
  std::string text;
  for (const auto& query : named_queries()) {
    text += fmt::format("\n  {:<18}{}", query.name, query.summary);
  }
  return text;
}

Result<> print_named_queries(const Arguments& arguments) {
  const auto writer = make_query_writer(arguments.text("output"), stdout_style(), stdout);
  const std::vector<std::string> columns = {"name", "from", "answers"};
  const std::vector<Value::Kind> kinds(columns.size(), Value::Kind::kText);
  for (const auto& query : named_queries()) {
    const std::vector<std::string> cells = {std::string(query.name), std::string(query.view),
                                            std::string(query.summary)};
    writer->row(columns, {cells, kinds});
  }
  writer->end(columns);
  return {};
}

// A single word is the name of a question.
Result<std::string> sql_of(const std::string& text, SessionReader& session,
                           const std::string& file) {
  if (text.find_first_of(" \n\t;") != text.npos) return text;
  const auto* query = find_named_query(text);
  if (query == nullptr) {
    std::vector<std::string_view> names;
    for (const auto& one : named_queries()) names.push_back(one.name);
    const auto near = nearest_name(text, names);
    return fail(ErrorCode::kUsage,
                text.empty() ? "SQL is missing" : fmt::format("no question is called '{}'", text),
                near.empty() ? "write SQL, or a name that ig session query --list shows"
                             : fmt::format("did you mean {}?", near));
  }
  IG_ASSIGN(const auto tables, session.tables());
  if (query->view.empty() || std::ranges::count(tables, query->view, &TableInfo::view) > 0) {
    return std::string(query->sql);
  }
  return fail(ErrorCode::kNotFound, fmt::format("{} was not recorded in {}", query->view, file),
              fmt::format("ig record --gadgets +{}", query->gadget));
}

}  // namespace

Syntax session_info_syntax(const Words&) {
  Syntax syntax;
  syntax.operands = {{"FILE"}};
  syntax.groups = {{"Output", {output_option()}}, selector_options()};
  syntax.examples = {"ig session info web.db", "ig session info web.db -o json"};
  return syntax;
}

Result<int> run_session_info(const Arguments& arguments) {
  IG_ASSIGN(const auto selector, parse_selector(arguments));
  IG_ASSIGN(const auto overview, read_file(arguments.operand(0), selector));
  if (wants_json(arguments)) {
    put(stdout, json_document(overview_json(overview)));
  } else {
    put(stdout, overview_text(overview, stdout_style()));
  }
  return 0;
}

Syntax session_list_syntax(const Words&) {
  Syntax syntax;
  syntax.operands = {{"DIR", true}};
  syntax.text = "Reads every *.db of the folder, or of the working folder.";
  syntax.groups = {{"Output", {output_option()}}};
  return syntax;
}

Result<int> run_session_list(const Arguments& arguments) {
  const auto folder = arguments.operand(0).empty() ? "." : arguments.operand(0);
  IG_ASSIGN(const auto paths, session_paths(folder));
  std::vector<SessionOverview> sessions;
  for (const auto& path : paths) {
    auto overview = read_file(path, {});
    if (overview) {
      overview->file = std::filesystem::path(path).filename();
      sessions.push_back(std::move(*overview));
    } else {
      log::warning("{}: {}", path, overview.error().message);
    }
  }
  if (wants_json(arguments)) {
    put(stdout, json_document(session_list_json(sessions)));
  } else if (sessions.empty()) {
    log::info("no session files in {}", folder);
  } else {
    put(stdout, session_list_text(sessions, stdout_style()));
  }
  return 0;
}

Syntax session_query_syntax(const Words&) {
  Syntax syntax;
  syntax.operands = {{"FILE", true}, {"SQL", true}};
  syntax.text =
      "The question may only read. `ig session info FILE` lists the tables; `ig gadget info` "
      "explains the fields of one. These come with ig and are asked by name:" +
      query_lines();
  auto output = output_option();
  output.choices = query_formats();
  syntax.groups = {
      {"Output",
       {output, {"list", "", "instead: the questions that have a name, and their source"}}}};
  syntax.examples = {"ig session query web.db failed-opens",
                     "ig session query web.db 'SELECT * FROM trace_exec LIMIT 10'",
                     "ig session query web.db 'SELECT comm, count(*) FROM trace_open GROUP BY 1' "
                     "-o csv"};
  return syntax;
}

Result<int> run_session_query(const Arguments& arguments) {
  if (arguments.has("list")) {
    IG_TRY(print_named_queries(arguments));
    return 0;
  }
  if (arguments.operand(0).empty()) {
    return fail(ErrorCode::kUsage, "FILE is missing", "name what ig record wrote");
  }
  IG_ASSIGN(const auto session, open_session(arguments.operand(0)));
  IG_ASSIGN(const auto sql, sql_of(arguments.operand(1), *session, arguments.operand(0)));
  const auto writer = make_query_writer(arguments.text("output"), stdout_style(), stdout);
  std::vector<std::string> columns;
  const Interrupts interrupts;
  session->stop_when([] { return Interrupts::count() > 0; });
  auto answered = session->query(sql, columns, [&](const QueryRow& row) {
    writer->row(columns, row);
    return true;
  });
  if (!answered && answered.error().hint.empty()) {
    answered.error().hint = "it is asked as a SELECT; ig session info FILE lists the tables";
  }
  if (!answered) return std::unexpected(std::move(answered.error()));
  writer->end(columns);
  return 0;
}

}  // namespace ig
