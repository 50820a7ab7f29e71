// SPDX-License-Identifier: Apache-2.0
// network-policy: from the connections that workloads made and took to the policy that allows
// those, for Kubernetes, Cilium and Calico, or as an nftables table.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "advisors/advice_text.h"
#include "advisors/advisor.h"
#include "advisors/loss_gate.h"
#include "advisors/network/drafts/network_draft.h"
#include "advisors/network/drafts/policy_names.h"
#include "advisors/network/drafts/unseen_needs.h"
#include "advisors/network/writers/policy_writer.h"

namespace ig {
namespace {

constexpr const char* kGadget = "advise_networkpolicy";
// Without them a failed exchange looks like one that worked: wider, never narrower.
constexpr std::array<std::string_view, 1> kDispensable = {"error of UDP flows"};

struct Source {
  SessionReader* session = nullptr;
  LossGate gate;
  SessionInfo info;
};

Result<std::vector<Source>> open_sources(Recordings recordings) {
  std::vector<Source> sources;
  for (const Recording& recording : recordings) {
    IG_ASSIGN(LossGate gate,
              LossGate::open(*recording.session, {kGadget, "network flows", kDispensable}));
    IG_ASSIGN(SessionInfo info, recording.session->info());
    sources.push_back({recording.session, std::move(gate), std::move(info)});
  }
  return sources;
}

Result<std::size_t> parse_budget(const std::string& text) {
  if (text.empty()) return 0;
  std::size_t budget = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), budget);
  if (error == std::errc() && end == text.data() + text.size() && budget > 0) return budget;
  return fail(ErrorCode::kUsage, fmt::format("'{}' is no number of blocks", text),
              "--aggregate 8 joins addresses outside of the cluster to 8 blocks a direction");
}

Result<NetworkOptions> parse_options(const AdviceRequest& request) {
  NetworkOptions options;
  if (request.format == "cilium") options.dialect = PolicyDialect::kCilium;
  if (request.format == "calico") options.dialect = PolicyDialect::kCalico;
  if (request.format == "nftables") options.dialect = PolicyDialect::kNftables;
  options.include_failed = !request.option("include-failed").empty();
  options.fqdn = !request.option("fqdn").empty();
  options.staged = !request.option("staged").empty();
  if (options.staged && options.dialect != PolicyDialect::kCalico) {
    return fail(ErrorCode::kUsage, "only Calico has staged policies",
                "--staged goes with --format calico");
  }
  IG_ASSIGN(options.blocks, parse_blocks(request.option("blocks")));
  IG_ASSIGN(options.budget, parse_budget(request.option("aggregate")));
  return options;
}

// What is known of a subject's recordings.
struct Setting {
  std::string title, window;
  bool lossy = false, partial = false;
  std::set<std::string> caveats;
  std::vector<ResolvedName> names;
};

// In the order in which they came, each once.
std::string joined(const std::vector<std::string>& items, std::string_view separator) {
  std::vector<std::string_view> once;
  for (const std::string& item : items) {
    if (std::ranges::count(once, item) == 0) once.push_back(item);
  }
  return fmt::format("{}", fmt::join(once, separator));
}

Result<Setting> setting_of(const NetworkSubject& subject, const std::vector<Source>& sources,
                           const AdviceRequest& request) {
  Setting setting;
  std::set<std::string> pods;
  std::vector<std::string> titles, windows;
  for (const auto& [recording, workload] : subject.workloads) {
    const Source& source = sources[recording];
    if (subject.owner) {
      pods.insert(one_line(workload.pod.empty() ? workload.name : workload.pod));
    } else {
      titles.push_back(workload_text(workload));
    }
    windows.push_back(window_text(source.info));
    setting.partial |= workload.partial;
    IG_ASSIGN(const EvidenceState state, source.gate.judge(workload, request.tolerate_loss));
    setting.lossy |= state.lossy;
    setting.caveats.insert(state.caveats.begin(), state.caveats.end());
    IG_ASSIGN(const auto names, source.session->resolved_names(workload.id));
    setting.names.insert(setting.names.end(), names.begin(), names.end());
  }
  setting.title = joined(titles, " and ");
  setting.window = joined(windows, "; ");
  if (subject.owner) {
    setting.title =
        fmt::format("{} ({} recorded)", subject.owner->text(), count_text(pods.size(), "pod"));
  }
  if (setting.partial) {
    setting.caveats.insert(
        "it was running before the recording: connections that ended before are not known");
  }
  return setting;
}

void warn_without_inventory(PolicyDraft& draft, const NetworkSubject& subject,
                            const InventoryIndex& cluster) {
  if (subject.owner || subject.on_node_network) return;
  if (!subject.in_kubernetes) {
    draft.caveats.insert(
        "it did not run in Kubernetes: --format nftables gives the same rules for a host");
  } else if (cluster.empty()) {
    draft.caveats.insert(
        "no inventory: peers are addresses as recorded, which are a service's or a pod's for as "
        "long as that lives (`ig session enrich FILE --inventory`)");
  } else {
    draft.caveats.insert(
        "the inventory does not know this pod: it is selected by the labels that its runtime "
        "knew");
  }
}

std::string written(const Policy& policy, PolicyDialect dialect) {
  if (dialect == PolicyDialect::kCilium) return write_cilium_policy(policy);
  if (dialect == PolicyDialect::kCalico) return write_calico_policy(policy);
  return write_kubernetes_policy(policy);
}

void finish(Advice& advice, PolicyDraft& draft, const Setting& setting) {
  const auto ports = [](const std::vector<PolicyRule>& rules) {
    std::size_t count = 0;
    for (const PolicyRule& rule : rules) count += rule.ports.size();
    return count;
  };
  const auto peers = [](const std::vector<PolicyRule>& rules) {
    std::set<std::string> keys;
    for (const PolicyRule& rule : rules) {
      std::string key;
      for (const PeerRule& peer : rule.peers) key += peer_key(peer) + '\n';
      keys.insert(std::move(key));
    }
    return keys.size();
  };
  const auto& [ingress, egress] = std::tie(draft.policy.ingress, draft.policy.egress);
  advice.summary.push_back(fmt::format("{}, {}", setting.title, setting.window));
  if (!ingress.empty() || !egress.empty()) {
    advice.summary.push_back(
        fmt::format("ingress: {} of {}; egress: {} to {}", count_text(ports(ingress), "port"),
                    count_text(peers(ingress), "peer"), count_text(ports(egress), "port"),
                    count_text(peers(egress), "peer")));
  }
  for (const std::string& flow : draft.left_out) advice.summary.push_back("no rule for " + flow);
  advice.caveats.assign(draft.caveats.begin(), draft.caveats.end());
  advice.evidence = std::move(draft.evidence);
}

std::vector<std::string> head_comments(const PolicyDraft& draft, const Setting& setting) {
  std::vector<std::string> comments = {fmt::format("{}, {}", setting.title, setting.window)};
  for (const std::string& caveat : draft.caveats) comments.push_back("caveat: " + caveat);
  for (const std::string& flow : draft.left_out) comments.push_back("no rule for " + flow);
  return comments;
}

// Whatever else there was to say is about a policy that there is not.
void say_why_nothing(PolicyDraft& draft) {
  std::erase_if(draft.caveats,
                [](const std::string& text) { return !text.starts_with("no policy:"); });
  if (!draft.caveats.empty()) return;
  draft.caveats.insert(draft.left_out.empty()
                           ? "no policy: no connection of it was recorded"
                           : "no policy: nothing that was recorded can make a rule");
}

Result<std::vector<Advice>> advise_pods(Recordings recordings,
                                        std::span<const RecordedWorkload> workloads,
                                        const std::vector<Source>& sources,
                                        const NetworkOptions& options,
                                        const AdviceRequest& request) {
  IG_ASSIGN(const TrafficResolver resolver, TrafficResolver::open(recordings));
  IG_ASSIGN(const auto traffic, resolver.traffic(workloads));
  OwnerSelectors selectors(resolver.cluster(), resolver.window());
  const SubjectKeys keys(selectors);
  NetworkEvidence evidence = NetworkEvidence::of(selectors, keys, traffic);
  const auto subjects = subjects_by_owner(workloads, resolver, keys);
  PolicyNames names(selectors, subjects);
  std::vector<Advice> advice;
  for (const NetworkSubject& subject : subjects) {
    IG_ASSIGN(const Setting setting, setting_of(subject, sources, request));
    NetworkOptions own = options;
    own.staged |= setting.lossy && options.dialect == PolicyDialect::kCalico;
    const PolicyName name = names.of(subject);
    PolicyDraft draft = draft_for_pods(subject, name.object, evidence, setting.names, own);
    const bool nothing = draft.policy.ingress.empty() && draft.policy.egress.empty();
    if (nothing) {
      say_why_nothing(draft);
    } else {
      warn_without_inventory(draft, subject, resolver.cluster());
    }
    draft.caveats.insert(setting.caveats.begin(), setting.caveats.end());
    if (setting.lossy && !nothing) {
      draft.caveats.insert(own.staged
                               ? "it is staged, because of the loss: it reports and denies nothing"
                               : "such a policy cannot log instead of denying: it denies what was "
                                 "lost");
    }
    Advice one;
    one.workload = subject.workloads.front().workload;
    one.name = name.file;
    one.extension = "yaml";
    draft.policy.comments = head_comments(draft, setting);
    one.document = written(draft.policy, options.dialect);
    finish(one, draft, setting);
    advice.push_back(std::move(one));
  }
  return advice;
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

std::string write_table(PolicyDraft& draft, const NetworkSubject& subject, const Setting& setting,
                        bool on_host) {
  NftOptions options{.log_only = setting.lossy};
  if (setting.lossy) draft.caveats.insert("it logs instead of dropping, because of the loss");
  if (on_host) {
    options.cgroup = cgroup_for_nftables(subject.workloads.front().workload);
    if (options.cgroup.empty()) {
      draft.caveats.insert(
          "no policy: it shares the host's network and no cgroup of it is known, so a table would "
          "cut off the host");
      return "";
    }
    draft.caveats.insert(
        "it shares the host's network: the rules hold for its cgroup, which must exist when they "
        "are loaded");
  }
  draft.policy.comments = head_comments(draft, setting);
  return write_nftables(draft.policy, options);
}

Result<std::vector<Advice>> advise_tables(Recordings recordings,
                                          std::span<const RecordedWorkload> workloads,
                                          const std::vector<Source>& sources,
                                          const NetworkOptions& options,
                                          const AdviceRequest& request) {
  IG_ASSIGN(const TrafficResolver resolver,
            TrafficResolver::open(recordings, TrafficResolver::By::kNothing));
  std::vector<Advice> advice;
  NameGiver names;
  for (const NetworkSubject& subject : subjects_by_network(workloads)) {
    IG_ASSIGN(const auto traffic, resolver.traffic(subject.workloads));
    IG_ASSIGN(const Setting setting, setting_of(subject, sources, request));
    PolicyDraft draft = draft_of_addresses(traffic, resolver.cluster().inventory(), options);
    draft.policy.name = names.give(subject.name);
    draft.caveats.insert(setting.caveats.begin(), setting.caveats.end());
    const bool on_host =
        resolver.own_end(subject.workloads.front()).kind == TrafficEnd::Kind::kHost;
    Advice one;
    one.workload = subject.workloads.front().workload;
    one.name = draft.policy.name;
    one.extension = "nft";
    one.document = write_table(draft, subject, setting, on_host);
    if (one.document.empty()) {
      say_why_nothing(draft);
      draft.caveats.insert(setting.caveats.begin(), setting.caveats.end());
    }
    finish(one, draft, setting);
    advice.push_back(std::move(one));
  }
  return advice;
}

Result<std::vector<Advice>> advise_network(Recordings recordings, const AdviceRequest& request) {
  IG_ASSIGN(NetworkOptions options, parse_options(request));
  options.name_recordings = recordings.size() > 1;
  IG_ASSIGN(const auto sources, open_sources(recordings));
  IG_ASSIGN(const auto workloads, choose_recorded(recordings, request.selector));
  return options.dialect == PolicyDialect::kNftables
             ? advise_tables(recordings, workloads, sources, options, request)
             : advise_pods(recordings, workloads, sources, options, request);
}

}  // namespace

extern const AdvisorInfo kNetworkPolicyAdvisor;
const AdvisorInfo kNetworkPolicyAdvisor = {
    .name = "network-policy",
    .summary = "Policies that allow the connections a workload made and took",
    .gadgets = {kGadget},
    .formats = {"kubernetes", "cilium", "calico", "nftables"},
    .options =
        {{"blocks", "LIST", kDefaultBlocks,
          "what is needed and was not seen: dns (names over UDP and TCP), probes (the kubelets'), "
          "api-server (all its endpoints), metrics (scrapes), webhooks (called by the API server), "
          "ipv6 (peers' other family); all or none"},
         {"aggregate", "N", "",
          "join addresses outside of the cluster to N blocks a direction, never over others'"},
         {"include-failed", "", "", "rules for failed connections too"},
         {"fqdn", "", "", "peers outside of the cluster by DNS name, where the form can say it"},
         {"staged", "", "", "Calico only: a policy that reports and denies nothing"}},
    .advise = advise_network,
};

}  // namespace ig
