// SPDX-License-Identifier: Apache-2.0
#include "reporters/report/report_text.h"

#include <fmt/format.h>

#include "advisors/report/latency.h"
#include "base/text.h"
#include "reporters/display_text.h"
#include "reporters/histogram.h"

namespace ig {
namespace {

using namespace report;

std::string facts_text(const Facts& facts) {
  std::string out;
  for (const auto& [name, value] : facts.lines) {
    out += fmt::format("  {:<10}{}\n", name, printable(value));
  }
  return out;
}

std::string distribution_text(const Histogram& histogram, const Style& style) {
  const auto drawn = histogram_text(histogram.slots, histogram.unit, style.width);
  if (drawn.empty()) return {};
  return fmt::format("{}: {}\n{}", style.bold(printable(histogram.title)),
                     percentiles_text(histogram.percentiles), drawn);
}

std::string document_text(const Document& document, const Style& style) {
  auto out = style.bold(printable(document.title)) + '\n';
  for (const auto& line : document.summary) out += "  " + printable(line) + '\n';
  for (const auto& line : document.caveats) out += "  caveat: " + printable(line) + '\n';
  return out;
}

struct Draw {
  const Style& style;

  std::string operator()(const Facts& facts) const { return facts_text(facts); }
  std::string operator()(const Table& table) const { return table_text(table, style); }
  std::string operator()(const Histogram& one) const { return distribution_text(one, style); }
  std::string operator()(const HeatMap& map) const { return heat_map_text(map, style); }
  std::string operator()(const FlameGraph& graph) const { return flame_text(graph, style); }
  std::string operator()(const ProcessTree& tree) const { return process_tree_text(tree, style); }
  std::string operator()(const Graph&) const { return {}; }  // its table says the same
  std::string operator()(const Timeline& timeline) const { return timeline_text(timeline, style); }
  std::string operator()(const Document& one) const { return document_text(one, style); }
};

}  // namespace

std::string cut_line(std::string_view line, const Style& style) {
  auto text = style.width > 0 && display_width(line) > style.width ? fit(line, style.width)
                                                                   : std::string(line);
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

std::string report_text(const Report& report, const Style& style) {
  std::string out;
  for (const auto& section : report.sections) {
    if (!out.empty()) out += '\n';
    out += fmt::format("{}: {}\n", style.bold(section.title), printable(section.headline));
    for (const auto& block : section.blocks) {
      const auto drawn = std::visit(Draw{style}, block);
      if (drawn.empty()) continue;
      if (!std::holds_alternative<Facts>(block)) out += '\n';
      out += drawn;
    }
    if (!section.notes.empty()) out += '\n';
    for (const auto& note : section.notes) out += "note: " + printable(note) + '\n';
  }
  return out;
}

}  // namespace ig
