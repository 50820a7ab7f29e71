// SPDX-License-Identifier: Apache-2.0
// ig advise: runs one advisor over a session. The policies go to stdout or to files, everything
// that a person must know of them to stderr.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <set>
#include <utility>

#include "advisors/advisor.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/open_sessions.h"
#include "cli/output.h"
#include "cli/selectors.h"
#include "reporters/display_text.h"
#include "reporters/text_table.h"

namespace ig {
namespace {

std::string advisor_lines() {
  std::string text = "Advisors:";
  for (const auto* advisor : advisors()) {
    text += fmt::format("\n  {:<18}{}", advisor->name, advisor->summary);
  }
  return text;
}

Result<const AdvisorInfo*> wanted_advisor(const std::string& name) {
  if (const auto* advisor = find_advisor(name)) return advisor;
  std::vector<std::string_view> names;
  for (const auto* advisor : advisors()) names.push_back(advisor->name);
  const auto near = nearest_name(name, names);
  return fail(
      ErrorCode::kUsage, fmt::format("unknown advisor '{}'", name),
      near.empty() ? "ig advise --help lists the advisors" : fmt::format("did you mean {}?", near));
}

Result<AdviceRequest> parse_request(const AdvisorInfo& advisor, const Arguments& arguments) {
  AdviceRequest request;
  IG_ASSIGN(request.selector, parse_selector(arguments));
  request.tolerate_loss = arguments.has("tolerate-loss");
  request.explain = arguments.has("explain");
  request.format = arguments.text("format");
  if (!request.format.empty() && std::ranges::count(advisor.formats, request.format) == 0) {
    return fail(ErrorCode::kUsage,
                fmt::format("{} cannot be written as '{}'", advisor.name, request.format),
                fmt::format("--format is one of {}", fmt::join(advisor.formats, ", ")));
  }
  for (const auto& option : advisor.options) {
    const std::string name(option.name);
    const bool is_switch = option.value_name.empty();
    request.options[name] = is_switch ? (arguments.has(name) ? "true" : "") : arguments.text(name);
  }
  return request;
}

// That two documents are no document is not what one finds out after the fact in a file that nobody
// takes, so it is an error before anything is printed.
Result<std::string> join_documents(const std::vector<Advice>& advice) {
  if (advice.size() == 1) return advice.front().document;
  const std::string& extension = advice.front().extension;
  if (extension != "yaml" && extension != "nft") {
    return fail(ErrorCode::kUsage,
                fmt::format("{} documents, and a .{} file holds one", advice.size(), extension),
                "choose one with a selector, or write each to a file with --output-dir DIR");
  }
  std::string all;
  for (const auto& one : advice) {
    if (!all.empty() && one.extension == "yaml") all += "---\n";
    all += one.document;
  }
  return all;
}

Result<> write_folder(const std::vector<Advice>& advice, const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return std::unexpected(system_error(error.value(), "make folder " + folder));
  std::set<std::string> taken;
  for (const auto& one : advice) {
    auto path = fmt::format("{}/{}.{}", folder, one.name, one.extension);
    if (!taken.insert(path).second) {
      path = fmt::format("{}/{}-{}.{}", folder, one.name, one.workload.id, one.extension);
    }
    IG_TRY(write_file(path, one.document));
    put(stdout, printable(path) + '\n');
  }
  return {};
}

Result<> write_advice(const std::vector<Advice>& advice, const Arguments& arguments) {
  if (arguments.has("output-dir")) return write_folder(advice, arguments.text("output-dir"));
  IG_ASSIGN(const auto all, join_documents(advice));
  if (arguments.has("output")) return write_file(arguments.text("output"), all);
  if (all.contains('\0') && ::isatty(STDOUT_FILENO) != 0) {
    return fail(ErrorCode::kUsage, "this form is binary, and the output is a terminal",
                "write to a file with --output FILE, or to a pipe");
  }
  put(stdout, all);
  return {};
}

// The summary, and with --explain the evidence, of one document.
void explain(const Advice& advice, bool with_evidence) {
  bool is_heading = true;  // the first line says whose policy it is
  for (const auto& line : advice.summary) {
    log::info("{}{}", std::exchange(is_heading, false) ? "" : "  ", line);
  }
  const auto whose = advice.summary.empty() ? advice.workload.name + ": " : "";
  for (const auto& line : advice.caveats) log::warning("{}{}", whose, line);
  if (!with_evidence) return;
  TextTable table({{"RULE"}, {"EVIDENCE"}});
  for (const auto& evidence : advice.evidence) table.add({evidence.rule, evidence.fact});
  put(stderr, table.render(stderr_style(), 2));
}

Error nothing_to_advise(const Arguments& arguments) {
  return {ErrorCode::kNotFound, "nothing to advise: no evidence of it was recorded",
          fmt::format("ig session info {} shows which gadgets ran", arguments.operand(1))};
}

Error nothing_written() {
  return {ErrorCode::kNotFound, "nothing was written: the warnings say why", ""};
}

}  // namespace

OptionGroup advisor_options(const AdvisorInfo& advisor) {
  OptionGroup group{fmt::format("Options of {}", advisor.name), {}};
  Option format{"format", "NAME", "form of the policy"};
  format.default_value = advisor.formats.front();
  format.choices.assign(advisor.formats.begin(), advisor.formats.end());
  group.options.push_back(std::move(format));
  for (const auto& option : advisor.options) {
    group.options.push_back({std::string(option.name), std::string(option.value_name),
                             std::string(option.help), 0, std::string(option.default_value)});
  }
  return group;
}

Syntax advise_syntax(const Words& words) {
  Syntax syntax;
  syntax.operands = {{"NAME"}, {.name = "FILE", .repeated = true}};
  syntax.text = advisor_lines();
  syntax.groups = {
      {"Evidence",
       {{"tolerate-loss", "",
         "advise although something was lost; the policy then only logs, where its form can"},
        {"explain", "", "print the evidence of every rule on stderr"}}},
      {"Output",
       {{"output", "FILE", "write to a file instead of stdout", 'o'},
        {"output-dir", "DIR", "write one file a workload"}}}};
  const auto* advisor = words.empty() ? nullptr : find_advisor(words.front());
  if (advisor != nullptr) {
    syntax.add(advisor_options(*advisor));
  } else {
    syntax.groups.push_back({"Options of the advisor (ig advise NAME --help shows all)",
                             {{"format", "NAME", "form of the policy"}}});
  }
  syntax.add(selector_options());
  syntax.examples = {"ig advise seccomp-profile web.db --container web > web.json",
                     "ig advise network-policy web.db --output-dir policies"};
  return syntax;
}

Result<int> run_advise(const Arguments& arguments) {
  IG_ASSIGN(const auto* advisor, wanted_advisor(arguments.operand(0)));
  IG_ASSIGN(const auto request, parse_request(*advisor, arguments));
  IG_ASSIGN(const auto sessions, OpenSessions::open(arguments.operands_from(1)));
  IG_ASSIGN(const auto advice, advisor->advise(sessions.recordings(), request));
  if (advice.empty()) return std::unexpected(nothing_to_advise(arguments));
  std::vector<Advice> written;  // the others only have a reason why there is no document
  std::ranges::copy_if(advice, std::back_inserter(written),
                       [](const Advice& one) { return !one.document.empty(); });
  if (!written.empty()) IG_TRY(write_advice(written, arguments));
  std::fflush(stdout);
  for (const auto& one : advice) explain(one, request.explain);
  if (written.empty()) return std::unexpected(nothing_written());
  return 0;
}

}  // namespace ig
