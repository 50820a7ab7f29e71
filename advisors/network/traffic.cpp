// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/traffic.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <tuple>

#include "advisors/advice_text.h"
#include "advisors/network/flow_resolver.h"
#include "advisors/network/inventory_index.h"
#include "advisors/workload_choice.h"

namespace ig {
namespace {

using Kind = TrafficEnd::Kind;

// What makes two ends the same one, so that what both recorded is one flow.
std::string identity(const TrafficEnd& end) {
  const std::string address = end.address ? end.address->text() : "";
  if (end.kind == Kind::kPod && !end.pod_uid.empty()) return "pod " + end.pod_uid;
  if (end.kind == Kind::kPod && !end.pod.empty())
    return "pod " + end.kube_namespace + '/' + end.pod;
  if (end.kind == Kind::kHost) return "host " + end.node + ' ' + address;
  return fmt::format("{} {}", static_cast<int>(end.kind), address);
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
  if (end.labels.empty()) end.labels = more.labels;
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
    const Workload& workload;
    const TrafficEnd& own;
    const std::vector<ResolvedName>& names;
  };

  void add(const Flow& flow, const FlowResolver::Peer& peer, bool shared, const From& from) {
    const TrafficEnd& source = flow.egress ? from.own : peer.end;
    const TrafficEnd& destination = flow.egress ? peer.end : from.own;
    const Key key = {identity_of_end(flow.egress, from, source),
                     identity_of_end(!flow.egress, from, destination), flow.protocol, peer.port,
                     flow.error};
    const auto [place, is_new] = drafts_.try_emplace(key);
    Draft& draft = place->second;
    Traffic& traffic = draft.traffic;
    if (is_new) {
      traffic.source = source;
      traffic.destination = destination;
      traffic.protocol = flow.protocol;
      traffic.port = peer.port;
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
  using Key = std::tuple<std::string, std::string, std::string, std::uint16_t, std::string>;

  // Of an end without address and pod only its workload's name is left.
  static std::string identity_of_end(bool is_own, const From& from, const TrafficEnd& end) {
    const std::string text = identity(end);
    return is_own && !end.address && end.pod.empty() ? text + from.workload.name : text;
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

// One recording with what resolves its flows.
struct Resolved {
  const InventoryIndex* index = nullptr;
  std::vector<Translation> translations;
  FlowResolver::Machine machine;
};

Result<FlowResolver::Machine> machine_of(SessionReader& session) {
  FlowResolver::Machine machine;
  IG_ASSIGN(const SessionInfo info, session.info());
  machine.host_name = info.host_name;
  Selector only_host;
  only_host.host = true;
  IG_ASSIGN(const auto hosts, session.workloads(only_host));
  for (const Workload& workload : hosts) {
    if (workload.kind == WorkloadKind::kHost) machine.host_netns_id = workload.netns_id;
  }
  return machine;
}

// One index for each recording that has an inventory, and one of all for those that have none.
class Indexes {
 public:
  static Result<Indexes> read(Recordings recordings) {
    Indexes indexes;
    Inventory all;
    for (const Recording& recording : recordings) {
      IG_ASSIGN(Inventory own, recording.session->inventory());
      add_inventory(all, own);
      indexes.own_.push_back(own.empty() ? nullptr
                                         : std::make_unique<InventoryIndex>(std::move(own)));
    }
    indexes.all_ = std::make_unique<InventoryIndex>(std::move(all));
    return indexes;
  }
  const InventoryIndex& of(std::size_t recording) const {
    return own_[recording] ? *own_[recording] : *all_;
  }

 private:
  std::vector<std::unique_ptr<InventoryIndex>> own_;
  std::unique_ptr<InventoryIndex> all_;
};

Result<> add_flows(TrafficTable& table, SessionReader& session, const std::string& recording,
                   const Workload& workload, const FlowResolver& resolver) {
  IG_ASSIGN(const auto flows, session.flows(workload.id));
  IG_ASSIGN(const auto names, session.resolved_names(workload.id));
  for (const Flow& flow : flows) {
    const TrafficEnd own = resolver.own_end(workload, flow);
    const auto peers = resolver.peers(own, flow);
    for (const FlowResolver::Peer& peer : peers) {
      table.add(flow, peer, peers.size() > 1, {recording, workload, own, names});
    }
  }
  return {};
}

}  // namespace

void add_inventory(Inventory& to, const Inventory& more) {
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

std::string end_text(const TrafficEnd& end) {
  const std::string address = end.address ? end.address->text() : "an unknown address";
  switch (end.kind) {
    case Kind::kPod:
      if (end.pod.empty()) return "this workload";
      return one_line(end.owner.kind.empty()
                          ? fmt::format("pod {}/{}", end.kube_namespace, end.pod)
                          : fmt::format("pod {}/{} ({} {})", end.kube_namespace, end.pod,
                                        end.owner.kind, end.owner.name));
    case Kind::kHost:
      return one_line(fmt::format("node {}{}", end.node.empty() ? address : end.node,
                                  end.pod.empty() ? "" : ", pod " + end.pod));
    case Kind::kService:
      return one_line(fmt::format("service {} ({})", end.service, address));
    case Kind::kOutside:
    case Kind::kUnknown:
      return address;
    case Kind::kLoopback:
      return "itself";
  }
  return address;
}

Result<std::vector<RecordedWorkload>> choose_recorded(Recordings recordings,
                                                      const Selector& selector) {
  std::vector<RecordedWorkload> chosen;
  Error nobody;
  for (std::size_t i = 0; i < recordings.size(); ++i) {
    auto workloads = choose_workloads(*recordings[i].session, selector);
    if (!workloads && workloads.error().code != ErrorCode::kNotFound) {
      return std::unexpected(workloads.error());
    }
    if (!workloads) {
      nobody = workloads.error();
      continue;
    }
    for (Workload& workload : *workloads) chosen.push_back({i, std::move(workload)});
  }
  if (chosen.empty()) return std::unexpected(nobody);
  return chosen;
}

Result<std::vector<Traffic>> resolve_traffic(Recordings recordings,
                                             std::span<const RecordedWorkload> workloads,
                                             Resolving resolving) {
  IG_ASSIGN(const Indexes indexes, Indexes::read(recordings));
  const InventoryIndex nothing{Inventory{}};
  const bool by_inventory = resolving == Resolving::kInventory;
  std::vector<Resolved> resolved;
  for (std::size_t i = 0; i < recordings.size(); ++i) {
    SessionReader& session = *recordings[i].session;
    Resolved one{by_inventory ? &indexes.of(i) : &nothing, {}, {}};
    if (by_inventory) {
      IG_ASSIGN(one.translations, session.translations());
    }
    IG_ASSIGN(one.machine, machine_of(session));
    resolved.push_back(std::move(one));
  }
  TrafficTable table;
  for (const RecordedWorkload& recorded : workloads) {
    const Resolved& with = resolved[recorded.recording];
    const FlowResolver resolver(*with.index, with.translations, with.machine);
    const Recording& recording = recordings[recorded.recording];
    IG_TRY(add_flows(table, *recording.session, recording.name, recorded.workload, resolver));
  }
  return std::move(table).finish();
}

Result<std::vector<Traffic>> resolve_traffic(Recordings recordings, const Selector& selector) {
  IG_ASSIGN(const auto workloads, choose_recorded(recordings, selector));
  return resolve_traffic(recordings, workloads);
}

}  // namespace ig
