// SPDX-License-Identifier: Apache-2.0
// network-policy: from the connections that workloads made and took to the policy that allows
// those, as a Kubernetes NetworkPolicy or as an nftables table.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "advisors/advice_text.h"
#include "advisors/advisor.h"
#include "advisors/loss_gate.h"
#include "advisors/network/network_policy.h"
#include "advisors/network/policy_subject.h"
#include "advisors/workload_choice.h"

namespace ig {
namespace {

constexpr const char* kGadget = "advise_networkpolicy";
constexpr std::string_view kNftables = "nftables";
// Without them a failed exchange looks like one that worked: wider, never narrower.
constexpr std::array<std::string_view, 1> kDispensable = {"error of UDP flows"};

Result<std::uint64_t> host_network(SessionReader& session) {
  Selector only_host;
  only_host.host = true;
  IG_ASSIGN(const auto hosts, session.workloads(only_host));
  for (const Workload& workload : hosts) {
    if (workload.kind == WorkloadKind::kHost) return workload.netns_id;
  }
  return 0;
}

// Where it is not known: containers have a network namespace of their own, others do not.
bool on_host_network(const Workload& workload, std::uint64_t host_netns_id) {
  if (workload.netns_id == 0 || host_netns_id == 0) {
    return workload.kind != WorkloadKind::kContainer;
  }
  return workload.netns_id == host_netns_id;
}

// The path as nftables takes it; "" where there is none, or none that could stand in a rule.
std::string cgroup_for_nftables(const Workload& workload) {
  std::string path = workload.cgroup_path;
  path.erase(0, std::min(path.find_first_not_of('/'), path.size()));
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_.:@/").find(c) != std::string_view::npos;
  };
  return std::ranges::all_of(path, fits) ? path : "";
}

void warn_of_kubernetes(NetworkPolicy& policy, const PolicySubject& subject, bool on_host) {
  const Workload& first = subject.workloads.front();
  if (first.pod.empty()) {
    policy.caveats.push_back(
        "it did not run in Kubernetes: --format nftables gives the same rules for a host");
  } else {
    if (on_host) {
      policy.caveats.push_back(
          "it uses the host's network, where Kubernetes does not apply a NetworkPolicy");
    }
    policy.caveats.push_back(
        "peers are addresses as recorded: where one is a Service or a pod, select its pods "
        "instead");
  }
  if (policy.labels.empty()) {
    policy.caveats.push_back("the pod's labels were not recorded: podSelector needs them");
  }
  if (policy.lossy) {
    policy.caveats.push_back(
        "a NetworkPolicy cannot log instead of denying: it denies what was lost");
  }
}

std::vector<Evidence> evidence_of(const NetworkPolicy& policy) {
  std::vector<Evidence> evidence;
  const auto add = [&](std::string_view direction, const std::vector<PolicyPeer>& peers) {
    for (const PolicyPeer& peer : peers) {
      for (const PolicyPort& port : peer.ports) {
        evidence.push_back({fmt::format("{} {} {} port {}", direction, port.protocol,
                                        peer.address.text(), port.port),
                            port.evidence()});
      }
    }
  };
  add("ingress", policy.ingress);
  add("egress", policy.egress);
  return evidence;
}

// Everything about the subject but its document.
Result<NetworkPolicy> make_policy(SessionReader& session, const SessionInfo& info,
                                  const PolicySubject& subject, const LossGate& gate,
                                  const AdviceRequest& request) {
  NetworkPolicy policy;
  policy.kube_namespace = subject.workloads.front().kube_namespace;
  policy.labels = subject.labels;
  policy.window = window_text(info);
  std::vector<Flow> flows;
  bool partial = false;
  for (const Workload& workload : subject.workloads) {
    policy.title += (policy.title.empty() ? "" : " and ") + workload_text(workload);
    partial |= workload.partial;
    IG_ASSIGN(const auto own, session.flows(workload.id));
    flows.insert(flows.end(), own.begin(), own.end());
    IG_ASSIGN(const EvidenceState state, gate.judge(workload, request.tolerate_loss));
    policy.lossy |= state.lossy;
    for (const std::string& caveat : state.caveats) {
      if (std::ranges::find(policy.caveats, caveat) == policy.caveats.end()) {
        policy.caveats.push_back(caveat);
      }
    }
  }
  add_flows(policy, flows, {.dns_over_tcp = request.option("no-dns-over-tcp").empty()});
  if (partial) {
    policy.caveats.push_back(
        "it was running before the recording: connections that ended before are not known");
  }
  return policy;
}

void write_nftables(Advice& advice, NetworkPolicy& policy, const PolicySubject& subject,
                    bool on_host) {
  NftOptions options{.log_only = policy.lossy};
  if (policy.lossy) policy.caveats.push_back("it logs instead of dropping, because of the loss");
  if (on_host) {
    options.cgroup = cgroup_for_nftables(subject.workloads.front());
    if (options.cgroup.empty()) {
      policy.caveats.push_back(
          "no policy: it shares the host's network and no cgroup of it is known, so a table would "
          "cut off the host");
      return;
    }
    policy.caveats.push_back(
        "it shares the host's network: the rules hold for its cgroup, which must exist when they "
        "are loaded");
  }
  if (!policy.empty()) advice.document = to_nftables(policy, options);
}

void say_why_nothing(NetworkPolicy& policy) {
  policy.caveats.push_back(policy.empty() && policy.left_out.empty()
                               ? "no policy: no connection of it was recorded"
                               : "no policy: nothing that was recorded can make a rule");
}

void summarise(Advice& advice, const NetworkPolicy& policy) {
  const auto ports = [](const std::vector<PolicyPeer>& peers) {
    std::size_t count = 0;
    for (const PolicyPeer& peer : peers) count += peer.ports.size();
    return count;
  };
  advice.summary.push_back(fmt::format("{}, {}", policy.title, policy.window));
  advice.summary.push_back(fmt::format(
      "ingress: {} of {}; egress: {} to {}", count_text(ports(policy.ingress), "port"),
      count_text(policy.ingress.size(), "peer"), count_text(ports(policy.egress), "port"),
      count_text(policy.egress.size(), "peer")));
  for (const std::string& flow : policy.left_out) advice.summary.push_back("no rule for " + flow);
}

Result<std::vector<Advice>> advise_network(Recordings recordings, const AdviceRequest& request) {
  IG_ASSIGN(SessionReader* const reader, only_session(recordings));
  SessionReader& session = *reader;
  IG_ASSIGN(const LossGate gate, LossGate::open(session, {kGadget, "network flows", kDispensable}));
  IG_ASSIGN(const SessionInfo info, session.info());
  IG_ASSIGN(const auto workloads, choose_workloads(session, request.selector));
  IG_ASSIGN(const std::uint64_t host_netns_id, host_network(session));
  const bool nftables = request.format == kNftables;
  std::vector<Advice> advice;
  NameGiver names;
  for (const PolicySubject& subject :
       nftables ? group_by_network(workloads) : group_by_pods(workloads)) {
    IG_ASSIGN(NetworkPolicy policy, make_policy(session, info, subject, gate, request));
    policy.name = names.give(subject.name);
    Advice one;
    one.workload = subject.workloads.front();
    one.name = policy.name;
    one.extension = nftables ? "nft" : "yaml";
    const bool on_host = on_host_network(subject.workloads.front(), host_netns_id);
    if (nftables) {
      write_nftables(one, policy, subject, on_host);
    } else {
      warn_of_kubernetes(policy, subject, on_host);
      leave_out_what_kubernetes_cannot_say(policy);
      one.document = to_kubernetes_yaml(policy);
    }
    if (one.document.empty()) say_why_nothing(policy);
    summarise(one, policy);
    one.evidence = evidence_of(policy);
    one.caveats = std::move(policy.caveats);
    advice.push_back(std::move(one));
  }
  return advice;
}

}  // namespace

extern const AdvisorInfo kNetworkPolicyAdvisor;
const AdvisorInfo kNetworkPolicyAdvisor = {
    .name = "network-policy",
    .summary = "Policies that allow the connections a workload made and took",
    .gadgets = {kGadget},
    .formats = {"kubernetes", kNftables},
    .options = {{"no-dns-over-tcp", "", "",
                 "no rule for DNS over TCP where only DNS over UDP was recorded"}},
    .advise = advise_network,
};

}  // namespace ig
