// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/evaluator/connectivity.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "advisors/network/evaluator/address_atoms.h"
#include "advisors/network/evaluator/policy_evaluator.h"
#include "advisors/network/evaluator/policy_match.h"
#include "advisors/network/evaluator/port_space.h"
#include "advisors/network/resolver/cluster_ends.h"

namespace ig {
namespace {

using Kind = TrafficEnd::Kind;
using Names = std::set<std::string>;

constexpr std::size_t kMostUnits = 1000;

// Pods of one owner that differ in labels are asked each; what one of them may, the unit may.
struct Unit {
  std::string name;
  std::string group;  // its namespace; "" outside
  std::vector<TrafficEnd> ends;
  std::optional<IpNetwork> network = {};  // of a block
};

std::vector<Unit> units_of(std::span<const TrafficEnd> pods, std::span<const Traffic> traffic,
                           std::span<const Policy> policies) {
  std::map<std::string, Unit> units;
  const auto add = [&](const TrafficEnd& end) {
    if (end.kind == Kind::kLoopback || end.kind == Kind::kService) return;
    auto& unit = units[unit_of(end)];
    unit.name = unit_of(end);
    unit.group = end.kind == Kind::kPod ? end.kube_namespace : "";
    const bool known = std::ranges::any_of(unit.ends, [&](const TrafficEnd& had) {
      return had.labels == end.labels && had.ports == end.ports;
    });
    if (known) return;
    unit.ends.push_back(end);
    // What passes between a pod and its own node passes whatever a policy says.
    if (end.kind == Kind::kPod) unit.ends.back().node.clear();
  };
  for (const auto& pod : pods) add(pod);
  for (const auto& flow : traffic) {
    for (const auto* end : {&flow.source, &flow.destination}) {
      // Single addresses outside are parts of the blocks below.
      if (end->kind == Kind::kPod || end->kind == Kind::kHost) add(*end);
    }
  }
  std::vector<Unit> all;
  for (auto& [name, unit] : units) all.push_back(std::move(unit));
  for (const auto& atom : address_atoms(networks_of(policies))) {
    TrafficEnd end;
    end.kind = Kind::kOutside;
    end.address = atom.address;
    all.push_back({atom.name, "", {end}, atom.network});
  }
  return all;
}

// "all of shop" for all units of a namespace, "everyone" for all there are.
class Summary {
 public:
  explicit Summary(const std::vector<Unit>& units) {
    for (const auto& unit : units) {
      all_.insert(unit.name);
      if (!unit.group.empty()) groups_[unit.group].insert(unit.name);
    }
  }

  std::vector<std::string> operator()(const Names& names) const {
    if (names == all_) return {"everyone"};
    std::vector<std::string> words;
    Names rest = names;
    for (const auto& [group, members] : groups_) {
      if (members.size() < 2 || !std::ranges::includes(names, members)) continue;
      words.push_back("all of " + group);
      for (const auto& member : members) rest.erase(member);
    }
    words.insert(words.end(), rest.begin(), rest.end());
    return words;
  }

 private:
  Names all_;
  std::map<std::string, Names> groups_;
};

class Asker {
 public:
  Asker(std::span<const Policy> policies, const std::vector<Unit>& units)
      : policies_(policies), evaluator_(policies) {
    for (const auto& policy : policies) space_.add(policy);
    for (const auto& unit : units) {
      for (const auto& end : unit.ends) {
        for (const auto& port : end.ports) space_.add(port.protocol, port.port);
      }
    }
  }

  std::string ask(const Unit& from, const Unit& to) const {
    return ports_text(space_.where([&](const PortRange& range) { return may(from, to, range); }));
  }

  bool has_say(const Unit& unit, bool egress) const {
    return std::ranges::any_of(policies_, [&](const Policy& policy) {
      const bool speaks = egress ? policy.is_egress || !policy.egress.empty()
                                 : policy.is_ingress || !policy.ingress.empty();
      return speaks && std::ranges::any_of(unit.ends, [&](const TrafficEnd& end) {
               return !selects(policy, end).is_no();
             });
    });
  }

 private:
  bool may(const Unit& from, const Unit& to, const PortRange& range) const {
    Traffic traffic;
    traffic.protocol = range.protocol;
    traffic.port = range.first;
    for (const auto& source : from.ends) {
      for (const auto& destination : to.ends) {
        traffic.source = source;
        traffic.destination = destination;
        // Not a pod with itself, but one with another of its owner.
        if (&from == &to) {
          traffic.source.pod_uid = "one";
          traffic.destination.pod_uid = "other";
        }
        if (evaluator_.judge(traffic).allowed()) return true;
      }
    }
    return false;
  }

  std::span<const Policy> policies_;
  PolicyEvaluator evaluator_;
  PortSpace space_;
};

bool is_outside(const Unit& unit) { return unit.ends.front().kind == Kind::kOutside; }

// For each destination who may reach it alike; then destinations that are reached alike.
std::vector<ConnectivityEdge> summed_up(const std::vector<Unit>& units, const Asker& asker,
                                        const Names& free_egress, const Names& free_ingress) {
  const Summary summary(units);
  std::map<std::pair<Names, std::string>, Names> edges;
  for (const auto& to : units) {
    std::map<std::string, Names> sources;
    for (const auto& from : units) {
      const bool free = free_egress.contains(from.name) && free_ingress.contains(to.name);
      if (free || (is_outside(from) && is_outside(to))) continue;
      if (auto ports = asker.ask(from, to); !ports.empty()) {
        sources[std::move(ports)].insert(from.name);
      }
    }
    for (const auto& [ports, names] : sources) edges[{names, ports}].insert(to.name);
  }
  std::vector<ConnectivityEdge> out;
  for (const auto& [key, destinations] : edges) {
    out.push_back({summary(key.first), summary(destinations), key.second, 0});
  }
  return out;
}

// A single address is a part of the smallest block that holds it.
std::string unit_among(const std::vector<Unit>& units, const TrafficEnd& end) {
  const Unit* block = nullptr;
  for (const auto& unit : units) {
    if (unit.name == unit_of(end)) return unit.name;
    if (!unit.network || !end.address || !unit.network->contains(*end.address)) continue;
    if (!block || block->network->length() < unit.network->length()) block = &unit;
  }
  return block ? block->name : unit_of(end);
}

void count_recorded(std::vector<ConnectivityEdge>& edges, const std::vector<Unit>& units,
                    std::span<const Traffic> traffic) {
  std::map<std::string, std::string> groups;
  for (const auto& unit : units) groups[unit.name] = unit.group;
  const auto has = [&](const std::vector<std::string>& names, const std::string& unit) {
    const auto& group = groups[unit];
    return std::ranges::any_of(names, [&](const std::string& name) {
      return name == unit || name == "everyone" || (!group.empty() && name == "all of " + group);
    });
  };
  for (const auto& flow : traffic) {
    if (!flow.error.empty()) continue;
    const auto from = unit_among(units, flow.source), to = unit_among(units, flow.destination);
    for (auto& edge : edges) {
      if (has(edge.sources, from) && has(edge.destinations, to)) edge.count += flow.count;
    }
  }
}

}  // namespace

Result<Connectivity> connectivity_by(std::span<const Policy> policies,
                                     std::span<const TrafficEnd> pods,
                                     std::span<const Traffic> traffic) {
  const auto units = units_of(pods, traffic, policies);
  if (units.size() > kMostUnits) {
    return fail(ErrorCode::kFailed,
                fmt::format("{} workloads and blocks are too many for a picture of all pairs",
                            units.size()),
                "choose some by --namespace or --selector");
  }
  const Asker asker(policies, units);
  Names free_egress, free_ingress;
  for (const auto& unit : units) {
    if (!asker.has_say(unit, true)) free_egress.insert(unit.name);
    if (!asker.has_say(unit, false)) free_ingress.insert(unit.name);
  }
  const Summary summary(units);
  Connectivity result;
  for (const auto& unit : units) result.units.push_back({unit.name, unit.group});
  result.edges = summed_up(units, asker, free_egress, free_ingress);
  result.free_egress = summary(free_egress);
  result.free_ingress = summary(free_ingress);
  count_recorded(result.edges, units, traffic);
  if (pods.empty()) {
    result.caveats.emplace_back("the sessions have no inventory: only recorded pods are shown");
  }
  return result;
}

Connectivity connectivity_recorded(std::span<const Traffic> traffic) {
  struct Seen {
    std::set<std::pair<std::string, std::uint16_t>> ports;
    std::uint64_t count = 0;
  };
  std::map<std::pair<std::string, std::string>, Seen> pairs;
  std::map<std::string, std::string> units;
  const auto group_of = [](const TrafficEnd& end) {
    return end.kind == Kind::kPod ? end.kube_namespace : "";
  };
  for (const auto& flow : traffic) {
    if (!flow.error.empty() || flow.destination.kind == Kind::kLoopback) continue;
    const auto from = unit_of(flow.source), to = unit_of(flow.destination);
    auto& seen = pairs[{from, to}];
    seen.ports.emplace(flow.protocol, flow.protocol.starts_with("ICMP") ? 0 : flow.port);
    seen.count += flow.count;
    units.emplace(from, group_of(flow.source));
    units.emplace(to, group_of(flow.destination));
  }
  Connectivity result;
  for (const auto& [name, group] : units) result.units.push_back({name, group});
  for (const auto& [pair, seen] : pairs) {
    std::vector<PortRange> ranges;
    for (const auto& [protocol, port] : seen.ports) ranges.push_back({protocol, port, port, {}});
    result.edges.push_back({{pair.first}, {pair.second}, ports_text(ranges), seen.count});
  }
  return result;
}

}  // namespace ig
