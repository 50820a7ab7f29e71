// SPDX-License-Identifier: Apache-2.0
// Who may talk to whom: as a table, as JSON, as a picture for Graphviz.
#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "advisors/advice_text.h"
#include "base/text.h"
#include "reporters/cell.h"
#include "reporters/network_verify_report.h"
#include "reporters/text_table.h"

namespace ig {
namespace {

using nlohmann::ordered_json;

// A quoted string of DOT knows one escape, \", and gives \ to the label's own.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : one_line(text)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string seen_text(const ConnectivityEdge& edge) {
  return edge.count == 0 ? "never" : count_text(edge.count, "connection");
}

}  // namespace

std::string connectivity_table(const Connectivity& connectivity, const Style& style) {
  TextTable table({{"SOURCE"}, {"DESTINATION"}, {"PORTS"}, {"RECORDED"}});
  for (const auto& edge : connectivity.edges) {
    table.add(
        {join(edge.sources, "; "), join(edge.destinations, "; "), edge.ports, seen_text(edge)});
  }
  return table.empty() ? "" : table.render(style);
}

std::string connectivity_json(const Connectivity& connectivity) {
  ordered_json out = {{"units", ordered_json::array()}, {"edges", ordered_json::array()}};
  for (const auto& unit : connectivity.units) {
    out["units"].push_back({{"name", unit.name}, {"namespace", unit.group}});
  }
  for (const auto& edge : connectivity.edges) {
    out["edges"].push_back({{"sources", edge.sources},
                            {"destinations", edge.destinations},
                            {"ports", edge.ports},
                            {"recorded", edge.count}});
  }
  out["free_egress"] = connectivity.free_egress;
  out["free_ingress"] = connectivity.free_ingress;
  out["caveats"] = connectivity.caveats;
  return json_document(out);
}

std::string connectivity_dot(const Connectivity& connectivity) {
  std::string out = "digraph connectivity {\n  rankdir=LR;\n  node [shape=box];\n";
  std::map<std::string, std::set<std::string>> groups;
  std::set<std::string> sums;
  std::set<std::string> units;
  for (const auto& unit : connectivity.units) {
    groups[unit.group].insert(unit.name);
    units.insert(unit.name);
  }
  for (const auto& edge : connectivity.edges) {
    for (const auto* side : {&edge.sources, &edge.destinations}) {
      for (const auto& name : *side) {
        if (!units.contains(name)) sums.insert(name);
      }
    }
  }
  std::size_t index = 0;
  for (const auto& [group, members] : groups) {
    if (!group.empty()) {
      out += fmt::format("  subgraph cluster_{} {{\n    label={};\n", index++, quoted(group));
    }
    for (const auto& unit : members) {
      const bool prefixed = !group.empty() && unit.starts_with(group + '/');
      const auto label = prefixed ? unit.substr(group.size() + 1) : unit;
      out += fmt::format("{}  {} [label={}];\n", group.empty() ? "" : "  ", quoted(unit),
                         quoted(label));
    }
    if (!group.empty()) out += "  }\n";
  }
  for (const auto& sum : sums) out += fmt::format("  {} [shape=ellipse];\n", quoted(sum));
  for (const auto& edge : connectivity.edges) {
    for (const auto& from : edge.sources) {
      for (const auto& to : edge.destinations) {
        out +=
            fmt::format("  {} -> {} [label={}];\n", quoted(from), quoted(to), quoted(edge.ports));
      }
    }
  }
  return out + "}\n";
}

}  // namespace ig
