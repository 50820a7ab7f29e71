// SPDX-License-Identifier: Apache-2.0
#include "reporters/report/report_json.h"

#include <map>
#include <nlohmann/json.hpp>

#include "base/clock.h"

namespace ig {
namespace {

using namespace report;
using Json = nlohmann::ordered_json;

// A number of nanoseconds since 1970 is more than a number of JavaScript holds.
Json time_json(std::int64_t ns) { return ns == 0 ? Json() : Json(format_time_precise(ns)); }

const char* unit_name(Unit unit) {
  switch (unit) {
    case Unit::kText:
      return "text";
    case Unit::kNumber:
      return "number";
    case Unit::kCount:
      return "count";
    case Unit::kBytes:
      return "bytes";
    case Unit::kDuration:
      return "ns";
    case Unit::kTime:
      return "time";
    case Unit::kShare:
      return "share";
  }
  return "text";
}

Json cell_json(const TableColumn& column, const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (const auto* share = std::get_if<double>(&cell)) return *share;
  if (const auto* number = std::get_if<std::int64_t>(&cell)) {
    return column.unit == Unit::kTime ? time_json(*number) : Json(*number);
  }
  return nullptr;
}

Json percentiles_json(const Percentiles& p) {
  return {{"count", p.count},
          {"p50_ns", p.p50},
          {"p90_ns", p.p90},
          {"p99_ns", p.p99},
          {"max_ns", p.max},
          {"at_most", p.at_most},
          {"max_at_most", !p.max_exact}};
}

struct ToJson {
  Json operator()(const Facts& facts) const {
    Json lines = Json::object();
    for (const auto& [name, value] : facts.lines) lines[name] = value;
    return {{"type", "facts"}, {"facts", lines}};
  }

  Json operator()(const Table& table) const {
    Json columns = Json::array(), rows = Json::array();
    for (const auto& column : table.columns) {
      columns.push_back({{"key", column.key}, {"unit", unit_name(column.unit)}});
      if (column.at_most) columns.back()["at_most"] = true;
    }
    for (const auto& row : table.rows) {
      Json object = Json::object();
      for (std::size_t i = 0; i < row.size(); ++i) {
        object[table.columns[i].key] = cell_json(table.columns[i], row[i]);
      }
      rows.push_back(std::move(object));
    }
    return {{"type", "table"},
            {"title", table.title},
            {"columns", columns},
            {"rows", rows},
            {"left_out", table.left_out}};
  }

  Json operator()(const Histogram& one) const {
    return {{"type", "histogram"},
            {"title", one.title},
            {"unit", one.unit},
            {"slots", one.slots},
            {"percentiles", percentiles_json(one.percentiles)}};
  }

  Json operator()(const HeatMap& map) const {
    return {{"type", "heat_map"},         {"title", map.title},
            {"unit", map.unit},           {"from", time_json(map.from_ns)},
            {"to", time_json(map.to_ns)}, {"slices", map.slices}};
  }

  // Names once each; a node is [name, kind, parent, self, total], its kind a letter.
  Json operator()(const FlameGraph& graph) const {
    static constexpr const char* kKinds[] = {"r", "w", "p", "u", "k"};
    std::map<std::string, std::size_t> places;
    Json names = Json::array(), nodes = Json::array();
    for (const auto& node : graph.nodes) {
      const auto [place, is_new] = places.try_emplace(node.name, names.size());
      if (is_new) names.push_back(node.name);
      nodes.push_back({place->second, kKinds[static_cast<std::size_t>(node.kind)], node.parent,
                       node.self, node.total});
    }
    return {{"type", "flame_graph"},
            {"title", graph.title},
            {"frequency", graph.frequency},
            {"names", names},
            {"nodes", nodes}};
  }

  Json operator()(const ProcessTree& tree) const {
    Json nodes = Json::array();
    for (const auto& node : tree.nodes) {
      nodes.push_back({{"name", node.name},
                       {"pid", node.pid},
                       {"time", time_json(node.time_ns)},
                       {"arguments", node.arguments},
                       {"file", node.file},
                       {"workload", node.workload},
                       {"repeated", node.repeated},
                       {"depth", node.depth}});
    }
    return {{"type", "process_tree"},
            {"title", tree.title},
            {"nodes", nodes},
            {"left_out", tree.left_out}};
  }

  Json operator()(const Graph& graph) const {
    Json nodes = Json::array(), edges = Json::array();
    for (const auto& node : graph.nodes) {
      nodes.push_back({{"name", node.name}, {"kind", node.kind}});
    }
    for (const auto& edge : graph.edges) {
      edges.push_back({{"from", edge.from},
                       {"to", edge.to},
                       {"ports", edge.ports},
                       {"count", edge.count},
                       {"sent", edge.sent},
                       {"received", edge.received},
                       {"error", edge.error}});
    }
    return {{"type", "graph"}, {"title", graph.title}, {"nodes", nodes}, {"edges", edges}};
  }

  Json operator()(const Timeline& timeline) const {
    Json series = Json::array(), marks = Json::array();
    for (const auto& one : timeline.series) {
      series.push_back({{"name", one.name}, {"counts", one.counts}});
    }
    for (const auto& mark : timeline.marks) {
      marks.push_back(
          {{"from", time_json(mark.from_ns)}, {"to", time_json(mark.to_ns)}, {"text", mark.text}});
    }
    return {{"type", "timeline"},
            {"title", timeline.title},
            {"from", time_json(timeline.from_ns)},
            {"to", time_json(timeline.to_ns)},
            {"series", series},
            {"marks", marks}};
  }

  Json operator()(const Document& document) const {
    Json evidence = Json::array();
    for (const auto& [rule, fact] : document.evidence) evidence.push_back({rule, fact});
    return {{"type", "document"},          {"title", document.title},     {"body", document.body},
            {"summary", document.summary}, {"caveats", document.caveats}, {"evidence", evidence}};
  }
};

Json section_json(const Section& section) {
  Json blocks = Json::array();
  for (const auto& block : section.blocks) blocks.push_back(std::visit(ToJson{}, block));
  return {{"kind", section.kind},         {"title", section.title}, {"recorded", section.recorded},
          {"headline", section.headline}, {"notes", section.notes}, {"blocks", blocks}};
}

}  // namespace

Json report_json(const Report& report) {
  Json sections = Json::array();
  for (const auto& section : report.sections) sections.push_back(section_json(section));
  const auto& info = report.info;
  return {{"file", report.file},
          {"host", info.host_name},
          {"started", time_json(info.started_ns)},
          {"ended", time_json(info.ended_ns)},
          {"complete", info.complete},
          {"tool_version", info.tool_version},
          {"sections", sections}};
}

}  // namespace ig
