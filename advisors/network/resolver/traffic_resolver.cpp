// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/resolver/traffic_resolver.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

namespace ig {
namespace {

using Kind = TrafficEnd::Kind;

// What makes two ends the same one, so that what both recorded is one flow.
std::string identity(const TrafficEnd& end) {
  const std::string address = end.address ? end.address->text() : "";
  if (end.kind == Kind::kPod && !end.pod_uid.empty()) return "pod " + end.pod_uid;
  if (end.kind == Kind::kPod && !end.pod.empty())
    return "pod " + end.kube_namespace + '/' + end.pod;
  // From the other end a node's workloads cannot be told apart. Its addresses can: what it sends to
  // a service may come from another one, as probes do, and rules are about those that arrive.
  if (end.kind == Kind::kHost && !end.node.empty()) {
    return fmt::format("node {} {}", end.node, address);
  }
  if (end.kind == Kind::kHost) return fmt::format("host {} {}", address, end.workload);
  return fmt::format("{} {} {}", static_cast<int>(end.kind), address, end.workload);
}

// Counts of one end; of a destination's, what it sent is what the source received.
struct Counts {
  std::uint64_t count = 0, sent = 0, received = 0;

  void add(const Flow& flow) {
    count += flow.count;
    sent += flow.egress ? flow.bytes_sent : flow.bytes_received;
    received += flow.egress ? flow.bytes_received : flow.bytes_sent;
  }
};

// A traffic that is being put together.
struct Draft {
  Traffic traffic;
  Counts alone, shared, at_destination;
  std::set<std::string> processes, recordings, source_names, destination_names;

  Traffic finish() && {
    const bool known_alone = shared.count == 0 || at_destination.count > 0;
    Counts counts = alone;
    if (alone.count == 0 && at_destination.count > 0) {
      counts = at_destination;
    } else if (at_destination.count == 0) {
      counts = {alone.count + shared.count, alone.sent + shared.sent,
                alone.received + shared.received};
    }
    traffic.count = counts.count;
    traffic.bytes_sent = counts.sent;
    traffic.bytes_received = counts.received;
    traffic.count_shared = !known_alone;
    traffic.processes.assign(processes.begin(), processes.end());
    traffic.recordings.assign(recordings.begin(), recordings.end());
    traffic.source.names.assign(source_names.begin(), source_names.end());
    traffic.destination.names.assign(destination_names.begin(), destination_names.end());
    return std::move(traffic);
  }
};

// Fills what this end lacks of what the other flow's knows.
void complete(TrafficEnd& end, const TrafficEnd& more) {
  if (!end.address) end.address = more.address;
  if (end.service.empty()) end.service = more.service;
  if (end.doubt.empty()) end.doubt = more.doubt;
  if (!end.labels_known && (more.labels_known || end.labels.empty())) {
    end.labels = more.labels;
    end.labels_known = more.labels_known;
  }
  if (!end.namespace_known && more.namespace_known) {
    end.namespace_labels = more.namespace_labels;
    end.namespace_known = true;
  }
  if (!end.ports_known && more.ports_known) {
    end.ports = more.ports;
    end.ports_known = true;
  }
  if (end.owner.kind.empty()) end.owner = more.owner;
  if (end.pod.empty()) {
    end.pod = more.pod;
    end.kube_namespace = more.kube_namespace;
    end.pod_uid = more.pod_uid;
  }
}

class TrafficTable {
 public:
  struct From {
    const std::string& recording;
    const TrafficEnd& own;
    const std::vector<ResolvedName>& names;
  };

  void add(const Flow& flow, const FlowResolver::Peer& peer, bool shared, const From& from) {
    const TrafficEnd& source = flow.egress ? from.own : peer.end;
    const TrafficEnd& destination = flow.egress ? peer.end : from.own;
    const Key key = {identity(source), identity(destination), flow.protocol,
                     peer.port,        peer.port_name,        flow.error,
                     is_v6(flow)};
    const auto [place, is_new] = drafts_.try_emplace(key);
    Draft& draft = place->second;
    Traffic& traffic = draft.traffic;
    if (is_new) {
      traffic.source = source;
      traffic.destination = destination;
      traffic.protocol = flow.protocol;
      traffic.port = peer.port;
      traffic.port_name = peer.port_name;
      traffic.error = flow.error;
      traffic.first_ns = peer.seen.from_ns;
      traffic.last_ns = peer.seen.to_ns;
    }
    complete(traffic.source, source);
    complete(traffic.destination, destination);
    (flow.egress ? traffic.seen_at_source : traffic.seen_at_destination) = true;
    if (traffic.dialed_port == 0) traffic.dialed_port = peer.dialed_port;
    traffic.first_ns = std::min(traffic.first_ns, peer.seen.from_ns);
    traffic.last_ns = std::max(traffic.last_ns, peer.seen.to_ns);
    traffic.before_start |= flow.before_start;
    (!flow.egress ? draft.at_destination : shared ? draft.shared : draft.alone).add(flow);
    if (!flow.process.empty()) draft.processes.insert(flow.process);
    draft.recordings.insert(from.recording);
    add_names(draft, flow, from.names);
  }

  std::vector<Traffic> finish() && {
    std::vector<Traffic> out;
    for (auto& [key, draft] : drafts_) out.push_back(std::move(draft).finish());
    return out;
  }

 private:
  // By family too: a block of addresses is of one only.
  using Key = std::tuple<std::string, std::string, std::string, std::uint16_t, std::string,
                         std::string, bool>;

  static bool is_v6(const Flow& flow) {
    const auto peer = IpAddress::parse(flow.peer);
    return peer && peer->is_v6();
  }

  static void add_names(Draft& draft, const Flow& flow, const std::vector<ResolvedName>& names) {
    for (const ResolvedName& name : names) {
      if (!flow.egress || name.first_ns > flow.last_ns ||
          IpAddress::parse(name.address) != IpAddress::parse(flow.peer)) {
        continue;
      }
      draft.destination_names.insert(name.name);
    }
  }

  std::map<Key, Draft> drafts_;
};

Result<FlowResolver::Machine> machine_of(SessionReader& session, const SessionInfo& info) {
  FlowResolver::Machine machine;
  machine.host_name = info.host_name;
  Selector only_host;
  only_host.host = true;
  IG_ASSIGN(const auto hosts, session.workloads(only_host));
  for (const Workload& workload : hosts) {
    if (workload.kind == WorkloadKind::kHost) machine.host_netns_id = workload.netns_id;
  }
  return machine;
}

// The node that this machine is: the one of its name, else, where the cluster calls it otherwise,
// that on which the cluster has the pods that were recorded here.
Result<std::string> node_of(SessionReader& session, const InventoryIndex& index,
                            const std::string& host_name) {
  const auto is_it = [&](const KubeNode& node) { return node.name == host_name; };
  if (index.empty() || std::ranges::any_of(index.inventory().nodes, is_it)) return host_name;
  std::set<std::string> nodes;
  IG_ASSIGN(const auto workloads, session.workloads({}));
  for (const Workload& workload : workloads) {
    const KubePod* pod = index.pod_of(workload, {workload.first_seen_ns, workload.last_seen_ns});
    if (pod != nullptr && !pod->node.empty()) nodes.insert(pod->node);
  }
  return nodes.size() == 1 ? *nodes.begin() : host_name;
}

// What tells clusters apart: every cluster has this namespace, and makes it once.
std::string cluster_id(const Inventory& inventory) {
  for (const KubeNamespace& space : inventory.namespaces) {
    if (space.name == "kube-system" && !space.uid.empty()) return space.uid;
  }
  return "";
}

void append_inventory(Inventory& to, const Inventory& more) {
  const auto append = [](auto& list, const auto& other) {
    list.insert(list.end(), other.begin(), other.end());
  };
  append(to.sources, more.sources);
  append(to.pods, more.pods);
  append(to.services, more.services);
  append(to.endpoints, more.endpoints);
  append(to.namespaces, more.namespaces);
  append(to.nodes, more.nodes);
  append(to.owners, more.owners);
}

Result<> add_flows(TrafficTable& table, const Recording& recording, const Workload& workload,
                   const FlowResolver& resolver) {
  IG_ASSIGN(const auto flows, recording.session->flows(workload.id));
  IG_ASSIGN(const auto names, recording.session->resolved_names(workload.id));
  for (const Flow& flow : flows) {
    const TrafficEnd own = resolver.own_end(workload, flow);
    const auto peers = resolver.peers(own, flow);
    for (const FlowResolver::Peer& peer : peers) {
      table.add(flow, peer, peers.size() > 1, {recording.name, own, names});
    }
  }
  return {};
}

}  // namespace

Result<TrafficResolver> TrafficResolver::open(Recordings recordings, By by) {
  TrafficResolver resolver;
  resolver.recordings_ = recordings;
  Inventory all;
  std::map<std::string, std::string> clusters;  // the first recording of each
  for (const Recording& recording : recordings) {
    Source source;
    IG_ASSIGN(const SessionInfo info, recording.session->info());
    IG_ASSIGN(source.machine, machine_of(*recording.session, info));
    if (by == By::kInventory) {
      IG_ASSIGN(const auto translations, recording.session->translations());
      source.translations = TranslationIndex(translations);
      IG_ASSIGN(Inventory own, recording.session->inventory());
      if (const auto id = cluster_id(own); !id.empty()) clusters.emplace(id, recording.name);
      append_inventory(all, own);
      if (!own.empty()) source.own = std::make_unique<InventoryIndex>(std::move(own));
    }
    resolver.sources_.push_back(std::move(source));
    Validity& window = resolver.window_;
    const std::int64_t end = info.ended_ns == 0 ? Validity::kOpenEnd : info.ended_ns;
    const bool first = resolver.sources_.size() == 1;
    window.from_ns = first ? info.started_ns : std::min(window.from_ns, info.started_ns);
    window.to_ns = first ? end : std::max(window.to_ns, end);
  }
  if (clusters.size() > 1) {
    return fail(ErrorCode::kUsage,
                fmt::format("{} and {} are of two clusters", clusters.begin()->second,
                            std::next(clusters.begin())->second),
                "what has one name in both is not the same: take the sessions of one at a time");
  }
  resolver.cluster_ = std::make_unique<InventoryIndex>(std::move(all));
  for (std::size_t i = 0; i < recordings.size(); ++i) {
    Source& source = resolver.sources_[i];
    IG_ASSIGN(source.machine.host_name,
              node_of(*recordings[i].session, resolver.index_of(source), source.machine.host_name));
  }
  return resolver;
}

FlowResolver TrafficResolver::resolver_of(std::size_t recording) const {
  const Source& source = sources_[recording];
  return {index_of(source), source.translations, source.machine};
}

TrafficEnd TrafficResolver::own_end(const RecordedWorkload& recorded) const {
  Flow life;
  life.first_ns = recorded.workload.first_seen_ns;
  life.last_ns = recorded.workload.last_seen_ns;
  return resolver_of(recorded.recording).own_end(recorded.workload, life);
}

Result<std::vector<Traffic>> TrafficResolver::traffic(
    std::span<const RecordedWorkload> workloads) const {
  TrafficTable table;
  for (const RecordedWorkload& recorded : workloads) {
    IG_TRY(add_flows(table, recordings_[recorded.recording], recorded.workload,
                     resolver_of(recorded.recording)));
  }
  return std::move(table).finish();
}

}  // namespace ig
