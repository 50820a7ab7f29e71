// SPDX-License-Identifier: Apache-2.0
// ig diff network-policy: what two sets of policies allow that the other does not. That something
// new is allowed is exit status 3.
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/policy_files.h"
#include "reporters/network_diff_report.h"

namespace ig {
namespace {

constexpr int kSomethingNew = 3;

Result<PolicyFiles> read_side(const std::string& path) {
  if (is_session_file(path)) {
    return fail(ErrorCode::kUsage, path + " is a session",
                "write its policies first: ig advise network-policy " + path);
  }
  return PolicyFiles::read({path});
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
      "Each is a file of network policies, of any kind that `ig verify network-policy` reads, or a "
      "folder of such files; an empty folder restricts nothing. They are compared for what they "
      "mean: which pods may reach, or be reached by, whom on which ports. Two that are written "
      "differently and mean the same have no difference.\n"
      "Exit status 3 if something is allowed that was not; 0 if not, even if something no longer "
      "is; with --exact 0 means no difference.";
  syntax.add({"Comparing",
              {{"exact", "", "any difference is exit status 3"},
               {"output",
                "FORMAT",
                "how to print",
                'o',
                "columns",
                {"columns", "json", "sarif", "markdown"}}}});
  syntax.examples = {"ig diff network-policy old.yaml new.yaml",
                     "ig diff network-policy main/policies/ policies/ -o sarif > network.sarif"};
  return syntax;
}

Result<int> run_diff_network(const Arguments& arguments) {
  IG_ASSIGN(const auto before, read_side(arguments.operand(0)));
  IG_ASSIGN(auto after, read_side(arguments.operand(1)));
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
