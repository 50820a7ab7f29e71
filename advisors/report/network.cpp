// SPDX-License-Identifier: Apache-2.0
// Who talked to whom, with both ends named as the network advisor names them.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "advisors/advice_text.h"
#include "advisors/network/resolver/cluster_ends.h"
#include "advisors/network/resolver/traffic_resolver.h"
#include "advisors/report/kinds.h"
#include "advisors/report/measures.h"
#include "base/text.h"

namespace ig::report {
namespace {

using End = TrafficEnd::Kind;

constexpr std::size_t kMostNodes = 80;  // more is no picture
constexpr std::size_t kMostPorts = 6;   // named on an edge

GraphNode node_of(const TrafficEnd& end) {
  const std::string address = end.address ? end.address->text() : "an unknown address";
  switch (end.kind) {
    case End::kPod:
      if (end.pod.empty()) return {end.workload, "workload"};
      return {unit_of(end), "pod"};
    case End::kHost:
      if (!end.workload.empty()) return {end.workload, "workload"};
      return {"node " + (end.node.empty() ? address : end.node), "host"};
    case End::kService:
      return {"service " + end.service, "service"};
    case End::kOutside:
    case End::kUnknown:
      return {end.names.empty() ? address : end.names.front(),
              end.kind == End::kOutside ? "outside" : "address"};
    case End::kLoopback:
      return {"itself", "loopback"};
  }
  return {address, "address"};
}

struct Edge {
  std::map<std::string, std::set<std::uint16_t>> ports;
  std::uint64_t count = 0, sent = 0, received = 0;
};

std::string ports_text(const Edge& edge) {
  std::string text;
  for (const auto& [protocol, ports] : edge.ports) {
    text += (text.empty() ? "" : "; ") + protocol;
    std::size_t shown = 0;
    for (const auto port : ports) {
      if (port == 0) continue;
      if (shown++ == kMostPorts) {
        text += fmt::format(" and {} more", ports.size() - kMostPorts);
        break;
      }
      text += fmt::format("{}{}", shown == 1 ? " " : ", ", port);
    }
  }
  return text;
}

class GraphMaker {
 public:
  void add(const Traffic& traffic) {
    const auto from = node_of(traffic.source);
    auto to = traffic.destination.kind == End::kLoopback ? from : node_of(traffic.destination);
    auto& edge = edges_[{place(from), place(to), traffic.error}];
    edge.ports[traffic.protocol].insert(traffic.port);
    edge.count += traffic.count;
    edge.sent += traffic.bytes_sent;
    edge.received += traffic.bytes_received;
  }

  Graph finish(std::string title) && {
    Graph graph{std::move(title), std::move(nodes_), {}};
    for (const auto& [key, edge] : edges_) {
      const auto& [from, to, error] = key;
      graph.edges.push_back(
          {from, to, ports_text(edge), edge.count, edge.sent, edge.received, error});
    }
    std::ranges::stable_sort(graph.edges, [](const GraphEdge& a, const GraphEdge& b) {
      return std::tuple(b.error.empty(), b.sent + b.received, b.count) <
             std::tuple(a.error.empty(), a.sent + a.received, a.count);
    });
    return graph;
  }

 private:
  std::size_t place(const GraphNode& node) {
    const auto [found, is_new] = places_.try_emplace({node.kind, node.name}, nodes_.size());
    if (is_new) nodes_.push_back(node);
    return found->second;
  }

  std::vector<GraphNode> nodes_;
  std::map<std::pair<std::string, std::string>, std::size_t> places_;
  std::map<std::tuple<std::size_t, std::size_t, std::string>, Edge> edges_;
};

// The nodes of the heaviest edges; all else is in the table.
Graph picture_of(const Graph& graph) {
  Graph picture{"Who talked to whom", {}, {}};
  std::map<std::size_t, std::size_t> places;
  for (const auto& edge : graph.edges) {
    const auto further = std::size_t{places.count(edge.from) == 0} +
                         std::size_t{edge.to != edge.from && places.count(edge.to) == 0};
    if (picture.nodes.size() + further > kMostNodes) continue;
    auto kept = edge;
    for (auto* end : {&kept.from, &kept.to}) {
      const auto [place, is_new] = places.try_emplace(*end, picture.nodes.size());
      if (is_new) picture.nodes.push_back(graph.nodes[*end]);
      *end = place->second;
    }
    picture.edges.push_back(std::move(kept));
  }
  return picture;
}

Table flow_table(const Graph& graph, std::size_t most) {
  Table table{"Connections",
              {{"from"},
               {"to"},
               {"ports"},
               {"times", Unit::kCount},
               {"sent", Unit::kBytes},
               {"received", Unit::kBytes},
               {"error"}},
              {}};
  for (const auto& edge : graph.edges) {
    if (table.rows.size() == most) break;
    table.rows.push_back({graph.nodes[edge.from].name,
                          edge.from == edge.to ? "itself" : graph.nodes[edge.to].name, edge.ports,
                          cell(edge.count), cell(edge.sent), cell(edge.received), edge.error});
  }
  table.left_out = graph.edges.size() - table.rows.size();
  return table;
}

}  // namespace

Result<> fill_network(Source& source, Section& section) {
  const Recordings recordings(&source.recording(), 1);
  IG_ASSIGN(const auto resolver, TrafficResolver::open(recordings));
  std::vector<RecordedWorkload> workloads;
  for (const auto& workload : source.workloads()) workloads.push_back({0, workload});
  IG_ASSIGN(const auto traffic, resolver.traffic(workloads));
  GraphMaker maker;
  std::uint64_t connections = 0, failed = 0, sent = 0, received = 0;
  for (const auto& one : traffic) {
    if (one.first_ns > source.to_ns() || one.last_ns < source.from_ns()) continue;
    // What never left counts at the end that opened it.
    if (one.source.kind == End::kLoopback) continue;
    maker.add(one);
    (one.error.empty() ? connections : failed) += one.count;
    sent += one.bytes_sent;
    received += one.bytes_received;
  }
  const auto graph = std::move(maker).finish("");
  if (graph.edges.empty()) {
    section.headline = "nobody talked to anybody";
    return {};
  }
  section.headline =
      fmt::format("{} among {}, {} sent, {} received", count_text(connections, "connection"),
                  count_text(graph.nodes.size(), "end"), format_size(sent), format_size(received));
  if (failed > 0) section.headline += fmt::format("; {} came to nothing", format_count(failed));
  if (resolver.cluster().empty()) {
    section.notes.emplace_back(
        "no inventory: whose an address is, is not known (`ig session enrich --inventory` adds "
        "one)");
  }
  auto picture = picture_of(graph);
  if (picture.nodes.size() < graph.nodes.size()) {
    section.notes.push_back(fmt::format("the graph has {} of {} ends, those with most traffic",
                                        picture.nodes.size(), graph.nodes.size()));
  }
  section.blocks.emplace_back(std::move(picture));
  section.blocks.emplace_back(
      flow_table(graph, std::max(source.question().most_rows, std::size_t{20})));
  return {};
}

}  // namespace ig::report
