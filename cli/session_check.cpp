// SPDX-License-Identifier: Apache-2.0
// ig session check: can these files be relied on? Whole files first, then what the recordings say
// of themselves.
#include "store/session_check.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "reporters/cell.h"
#include "reporters/display_text.h"
#include "store/session_reader.h"

namespace ig {
namespace {

constexpr int kNotAll = 3;  // the file is whole; the recording is not

struct Checked {
  std::string file;
  std::string refusal;  // why it could not be read at all
  std::vector<std::string> damage;
  SessionInfo info;
  std::vector<std::string> losses;  // "trace_open: ring full, 300 times"

  bool whole() const { return refusal.empty() && damage.empty(); }
  int status() const { return !whole() ? 1 : info.complete && losses.empty() ? 0 : kNotAll; }
};

// A program that never was attached is said by `ig session info`; here it is about events.
Result<std::vector<std::string>> losses_of(SessionReader& session) {
  IG_ASSIGN(const auto losses, session.losses());
  std::vector<std::string> lines;
  for (const Loss& loss : losses) {
    if (loss.kind == Loss::Kind::kNotAttached) continue;
    if (loss.kind == Loss::Kind::kPruned && loss.workload == 0) {
      lines.push_back(fmt::format("pruned: {}", loss.detail));
      continue;
    }
    lines.push_back(fmt::format("{}: {}, {} times", loss.gadget.empty() ? "all" : loss.gadget,
                                to_string(loss.kind), format_count(loss.count)));
  }
  return lines;
}

Checked check(const std::string& file) {
  Checked checked{file, {}, {}, {}, {}};
  const auto look = [&]() -> Result<> {
    IG_ASSIGN(checked.damage, find_damage(file));
    IG_ASSIGN(const auto session, open_session(file));
    IG_ASSIGN(checked.info, session->info());
    IG_ASSIGN(checked.losses, losses_of(*session));
    return {};
  };
  if (const auto looked = look(); !looked) checked.refusal = looked.error().message;
  return checked;
}

std::string text_of(const Checked& checked) {
  if (!checked.refusal.empty()) return printable(checked.refusal) + '\n';
  if (!checked.damage.empty()) {
    std::string text;
    for (const auto& line : checked.damage) {
      text += fmt::format("{}: damaged: {}\n", printable(checked.file), printable(line));
    }
    return text;
  }
  std::string text = fmt::format("{}: whole, ", printable(checked.file));
  text += checked.info.complete ? "closed in order" : "not closed: running, killed or out of space";
  if (checked.losses.empty()) return text + ", nothing lost\n";
  return text + fmt::format(", lost: {}\n", printable(join(checked.losses, "; ")));
}

nlohmann::ordered_json json_of(const Checked& checked) {
  return {{"file", checked.file},
          {"whole", checked.whole()},
          {"refusal", checked.refusal},
          {"damage", checked.damage},
          {"complete", checked.info.complete},
          {"end_reason", checked.info.end_reason},
          {"losses", checked.losses}};
}

}  // namespace

Syntax session_check_syntax(const Words&) {
  Syntax syntax;
  syntax.operands = {{.name = "FILE", .repeated = true}};
  syntax.text =
      "Reads all of each file: whether SQLite finds every page whole, every table is one of ours, "
      "and every row's workload, process and texts are there; then whether the recording was "
      "closed in order and what it lost.\n"
      "Exit status 1 if a file is damaged or no session; else 3 if a recording was not closed or "
      "lost events; else 0.";
  syntax.groups = {{"Output", {output_option()}}};
  syntax.examples = {"ig session check *.db"};
  return syntax;
}

Result<int> run_session_check(const Arguments& arguments) {
  int status = 0;
  auto array = nlohmann::ordered_json::array();
  for (const auto& file : arguments.operands_from(0)) {
    const auto checked = check(file);
    if (status != 1 && checked.status() != 0) status = checked.status();
    if (wants_json(arguments)) {
      array.push_back(json_of(checked));
    } else {
      put(stdout, text_of(checked));
    }
  }
  if (wants_json(arguments)) put(stdout, json_document(array));
  return status;
}

}  // namespace ig
