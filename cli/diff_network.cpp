// SPDX-License-Identifier: Apache-2.0
// ig diff network-policy: what two sets of policies allow that the other does not. That something
// new is allowed is exit status 3.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "advisors/advisor.h"
#include "advisors/network/readers/policy_reader.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/open_sessions.h"
#include "cli/output.h"
#include "cli/policy_files.h"
#include "cli/selectors.h"
#include "reporters/network_diff_report.h"

namespace ig {
namespace {

constexpr int kSomethingNew = 3;

Result<AdviceRequest> parse_request(const AdvisorInfo& advisor, const Arguments& arguments) {
  AdviceRequest request;
  IG_ASSIGN(request.selector, parse_selector(arguments));
  request.tolerate_loss = arguments.has("tolerate-loss");
  for (const auto& option : advisor.options) {
    request.options[std::string(option.name)] = option.default_value;
  }
  return request;
}

// A session stands for the policies that are advised from it.
Result<PolicyFiles> advised(const std::string& path, const Arguments& arguments) {
  const AdvisorInfo& advisor = *find_advisor("network-policy");
  IG_ASSIGN(const auto request, parse_request(advisor, arguments));
  IG_ASSIGN(const auto sessions, OpenSessions::open({path}));
  IG_ASSIGN(const auto advice, advisor.advise(sessions.recordings(), request));
  PolicyFiles files;
  PolicyReader reader;
  for (const Advice& one : advice) {
    if (one.document.empty()) continue;
    const auto name = fmt::format("{}: {}", path, one.name);
    IG_TRY(reader.add(one.document, name));
    for (const auto& caveat : one.caveats) {
      files.caveats.push_back(fmt::format("{}: {}", name, caveat));
    }
  }
  IG_ASSIGN(files.policies, reader.finish());
  if (files.policies.empty()) files.caveats.push_back(path + ": no policy can be made of it");
  return files;
}

Result<PolicyFiles> read_side(const std::string& path, const Arguments& arguments) {
  return is_session_file(path) ? advised(path, arguments) : PolicyFiles::read({path});
}

void print(const NetworkDiffReport& report, const std::string& format) {
  const auto as_text = [](const nlohmann::ordered_json& json) {
    return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
  };
  if (format == "json") {
    put(stdout, as_text(network_diff_json(report)));
  } else if (format == "sarif") {
    put(stdout, as_text(network_diff_sarif(report, kVersion)));
  } else if (format == "markdown") {
    put(stdout, network_diff_markdown(report));
  } else {
    put(stdout, network_diff_text(report, stdout_style()));
  }
}

}  // namespace

Syntax diff_network_syntax(const Words&) {
  Syntax syntax;
  syntax.operands = {{"BEFORE"}, {"AFTER"}};
  syntax.text =
      "Each is a file of network policies, of any kind that `ig verify network-policy` reads, a "
      "folder of such files (an empty one restricts nothing), or a session, which stands for what "
      "`ig advise network-policy` makes of it. They are compared for what they "
      "mean: which pods may reach, or be reached by, whom on which ports. Two that are written "
      "differently and mean the same have no difference.\n"
      "Exit status 3 if something is allowed that was not; 0 if not, even if something no longer "
      "is; with --exact 0 means no difference.";
  syntax.add({"Comparing",
              {{"exact", "", "any difference is exit status 3"},
               {"tolerate-loss", "", "compare even if a session lost records of connections"},
               {"output",
                "FORMAT",
                "how to print",
                'o',
                "columns",
                {"columns", "json", "sarif", "markdown"}}}});
  syntax.add(selector_options());
  syntax.examples = {"ig diff network-policy old.yaml new.yaml",
                     "ig diff network-policy web.yaml web-new.db --namespace shop",
                     "ig diff network-policy main/policies/ policies/ -o sarif > network.sarif"};
  return syntax;
}

Result<int> run_diff_network(const Arguments& arguments) {
  IG_ASSIGN(const auto before, read_side(arguments.operand(0), arguments));
  IG_ASSIGN(auto after, read_side(arguments.operand(1), arguments));
  IG_ASSIGN(auto diff, diff_network(before.policies, after.policies));
  NetworkDiffReport report{.diff = std::move(diff),
                           .before = arguments.operand(0),
                           .after = arguments.operand(1),
                           .texts = std::move(after.texts)};
  report.texts.insert(before.texts.begin(), before.texts.end());
  auto& caveats = report.diff.caveats;
  caveats.insert(caveats.end(), before.caveats.begin(), before.caveats.end());
  caveats.insert(caveats.end(), after.caveats.begin(), after.caveats.end());
  for (const auto& caveat : report.diff.caveats) log::warning("{}", caveat);
  print(report, arguments.text("output"));
  std::fflush(stdout);
  log::info("{}", summary_text(report.diff));
  const bool stop = arguments.has("exact") ? !report.diff.changes.empty() : report.diff.gains();
  return stop ? kSomethingNew : 0;
}

}  // namespace ig
