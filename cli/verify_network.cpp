// SPDX-License-Identifier: Apache-2.0
// ig verify network-policy: puts what sessions recorded to network policies, ours or anybody's. A
// policy that would deny an established flow is exit status 3.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "advisors/advice_text.h"
#include "advisors/loss_gate.h"
#include "advisors/network/evaluator/policy_services.h"
#include "advisors/network/resolver/cluster_ends.h"
#include "advisors/network/resolver/traffic_resolver.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/open_sessions.h"
#include "cli/output.h"
#include "cli/policy_files.h"
#include "cli/selectors.h"
#include "reporters/network_verify_report.h"

namespace ig {
namespace {

constexpr int kWouldDeny = 3;

// All that recordings say, named by their inventories.
struct Recorded {
  std::size_t workloads = 0;
  std::vector<Traffic> traffic;
  std::vector<TrafficEnd> pods;
  std::vector<std::string> caveats;
};

Result<std::vector<std::string>> loss_caveats(const Recording& recording,
                                              std::span<const RecordedWorkload> workloads,
                                              std::size_t index) {
  IG_ASSIGN(const LossGate gate,
            LossGate::open(*recording.session, {"advise_networkpolicy", "network flows", {}}));
  std::vector<std::string> caveats;
  for (const auto& recorded : workloads) {
    if (recorded.recording != index) continue;
    IG_ASSIGN(const auto state, gate.judge(recorded.workload, true));
    for (const auto& caveat : state.caveats) {
      auto text = fmt::format("{}: {}", recording.name, caveat);
      if (std::ranges::find(caveats, text) == caveats.end()) caveats.push_back(std::move(text));
    }
  }
  return caveats;
}

// What a selector leaves out is still a peer; only what a namespace is asked for narrows the pods.
bool is_chosen(const TrafficEnd& pod, const Selector& selector) {
  Workload workload;
  workload.name = pod.pod;
  workload.pod = pod.pod;
  workload.kube_namespace = pod.kube_namespace;
  workload.labels = pod.labels;
  Selector only_pods;
  only_pods.kube_namespace = selector.kube_namespace;
  return only_pods.empty() || only_pods.matches(workload);
}

// What the inventories say of services that policies name goes into the policies.
Result<Recorded> read_recorded(PolicyFiles& files, const Selector& selector) {
  IG_ASSIGN(const auto sessions, OpenSessions::open(files.session_paths));
  const auto recordings = sessions.recordings();
  Recorded recorded;
  IG_ASSIGN(const auto workloads, choose_recorded(recordings, selector));
  recorded.workloads = workloads.size();
  for (std::size_t i = 0; i < recordings.size(); ++i) {
    IG_ASSIGN(const auto caveats, loss_caveats(recordings[i], workloads, i));
    recorded.caveats.insert(recorded.caveats.end(), caveats.begin(), caveats.end());
  }
  IG_ASSIGN(const auto resolver, TrafficResolver::open(recordings));
  IG_ASSIGN(recorded.traffic, resolver.traffic(workloads));
  resolve_services(files.policies, resolver.cluster(), resolver.window());
  recorded.pods = pod_ends(resolver.cluster(), resolver.window());
  std::erase_if(recorded.pods, [&](const TrafficEnd& pod) { return !is_chosen(pod, selector); });
  for (const auto& source : resolver.cluster().inventory().sources) {
    for (const auto& caveat : source.caveats) {
      recorded.caveats.push_back(
          fmt::format("inventory of {}: {}", one_line(source.source), one_line(caveat)));
    }
  }
  if (!knows_cluster(resolver.cluster().inventory())) {
    recorded.caveats.emplace_back(
        "no session has an inventory of a cluster: which pod has an address is not known, and "
        "rules by labels stay undecided (`ig session enrich --inventory` adds one)");
  }
  return recorded;
}

void print_caveats(const std::vector<std::string>& caveats) {
  for (const auto& line : caveats) log::warning("{}", line);
}

Result<int> print_connectivity(const PolicyFiles& files, const Recorded& recorded,
                               const std::string& output) {
  Connectivity connectivity;
  if (files.policies.empty()) {
    connectivity = connectivity_recorded(recorded.traffic);
  } else {
    IG_ASSIGN(connectivity, connectivity_by(files.policies, recorded.pods, recorded.traffic));
  }
  put(stdout, output == "dot"    ? connectivity_dot(connectivity)
              : output == "json" ? connectivity_json(connectivity)
                                 : connectivity_table(connectivity, stdout_style()));
  std::fflush(stdout);
  print_caveats(recorded.caveats);
  print_caveats(files.caveats);
  print_caveats(connectivity.caveats);
  if (!files.policies.empty()) {
    const auto words = [](const auto& units) {
      return units.empty() ? "nobody" : join(units, "; ");
    };
    log::info("no policy restricts what comes from {}", words(connectivity.free_egress));
    log::info("no policy restricts what goes to {}", words(connectivity.free_ingress));
  }
  log::info("{} among {}{}", count_text(connectivity.edges.size(), "connection"),
            count_text(connectivity.units.size(), "end"),
            files.policies.empty() ? ", as recorded" : "");
  return 0;
}

void print_report(const NetworkVerifyReport& report, const Arguments& arguments,
                  std::size_t workloads) {
  const auto& result = report.result;
  if (arguments.text("output") == "json") {
    put(stdout, network_verify_json(report));
  } else {
    auto text = network_flows_table(report, arguments.has("all"), stdout_style());
    if (arguments.has("rules")) {
      if (!text.empty()) text += '\n';
      text += network_rules_table(report, stdout_style());
    }
    put(stdout, text);
  }
  std::fflush(stdout);
  print_caveats(network_verify_warnings(report));
  log::info("{} of {} put to {}: {} would be denied, {} undecided",
            count_text(result.flows.size(), "flow"), count_text(workloads, "workload"),
            report.policies == 1 ? "1 policy" : fmt::format("{} policies", report.policies),
            result.count(FlowVerdict::kDenied), result.count(FlowVerdict::kUndecided));
  if (result.failed > 0) {
    log::info("{} came to nothing and need no permission", count_text(result.failed, "flow"));
  }
  if (const auto text = over_permission_text(result); !text.empty()) log::info("{}", text);
}

std::unexpected<Error> no_policies(const PolicyFiles& files) {
  const auto is_folder = [](const std::string& path) {
    std::error_code ignored;
    return std::filesystem::is_directory(path, ignored);
  };
  const auto folder = std::ranges::find_if(files.policy_paths, is_folder);
  if (files.texts.empty() && folder != files.policy_paths.end()) {
    return fail(ErrorCode::kUsage, fmt::format("{} has no .yaml, .yml or .json file", *folder),
                "name the files of the policies, or the folder they are in");
  }
  return fail(ErrorCode::kUsage, "no file holds a network policy",
              "name the files or folders of the policies beside the sessions");
}

Result<int> verify(const PolicyFiles& files, Recorded recorded, const Arguments& arguments) {
  NetworkVerifyReport report{
      .policy_files = files.policy_paths,
      .sessions = files.session_paths,
      .policies = files.policies.size(),
      .result = verify_network(files.policies, recorded.traffic, recorded.pods),
      .caveats = std::move(recorded.caveats)};
  report.caveats.insert(report.caveats.end(), files.caveats.begin(), files.caveats.end());
  print_report(report, arguments, recorded.workloads);
  return report.result.count(FlowVerdict::kDenied) == 0 ? 0 : kWouldDeny;
}

}  // namespace

Syntax verify_network_syntax(const Words&) {
  Syntax syntax;
  syntax.operands = {{.name = "FILE", .repeated = true}};
  syntax.text =
      "The files are policies and sessions, in any order: they are told apart by their content. "
      "Policies are YAML or JSON as kubectl takes it: NetworkPolicy of Kubernetes, "
      "CiliumNetworkPolicy, NetworkPolicy and GlobalNetworkPolicy of Calico (staged ones are "
      "reported and not enforced), AdminNetworkPolicy, BaselineAdminNetworkPolicy and "
      "ClusterNetworkPolicy; a folder stands for the files in it. Every recorded flow is put to "
      "all of them at both of its ends, and every rule is asked what it admits that nobody used. "
      "Exit status 3 if an established flow would be denied. docs/network-policy-verification.md "
      "says what is known and what is not.";
  syntax.add({"Output",
              {{"all", "", "list allowed flows, too"},
               {"rules", "", "list all rules: how often used, and what they admit beyond that"},
               {"connectivity", "",
                "instead: who may talk to whom by the policies, or without policies who did"},
               {"output",
                "FORMAT",
                "how to print; dot (Graphviz) with --connectivity only",
                'o',
                "columns",
                {"columns", "json", "dot"}}}});
  syntax.add(selector_options());
  syntax.examples = {"ig verify network-policy web.yaml web.db",
                     "ig verify network-policy policies/ node1.db node2.db --rules",
                     "ig verify network-policy --connectivity policies/ web.db -o dot | dot -Tsvg"};
  return syntax;
}

Result<int> run_verify_network(const Arguments& arguments) {
  const auto output = arguments.text("output");
  const bool connectivity = arguments.has("connectivity");
  if (output == "dot" && !connectivity) {
    return fail(ErrorCode::kUsage, "only --connectivity can be printed as dot",
                "add --connectivity, or take -o json");
  }
  IG_ASSIGN(const auto selector, parse_selector(arguments));
  IG_ASSIGN(auto files, PolicyFiles::read(arguments.operands_from(0)));
  if (files.session_paths.empty()) {
    return fail(ErrorCode::kUsage, "no file is a session",
                "name what `ig record` wrote beside the policies");
  }
  if (files.policies.empty() && !(connectivity && files.policy_paths.empty())) {
    return no_policies(files);
  }
  IG_ASSIGN(auto recorded, read_recorded(files, selector));
  return connectivity ? print_connectivity(files, recorded, output)
                      : verify(files, std::move(recorded), arguments);
}

}  // namespace ig
