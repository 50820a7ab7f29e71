// SPDX-License-Identifier: Apache-2.0
#include "reporters/report/stack_formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "reporters/cell.h"
#include "reporters/report/stack_walk.h"

namespace ig {

using namespace report;
using Json = nlohmann::ordered_json;

std::string folded_stacks(std::span<const Report> reports) {
  std::map<std::string, std::uint64_t> stacks;
  for (const auto& report : reports) {
    const auto* graph = flame_graph_of(report);
    if (graph == nullptr) continue;
    each_stack(*graph, [&](const std::vector<std::string>& frames, std::uint64_t samples) {
      stacks[fmt::format("{}", fmt::join(frames, ";"))] += samples;
    });
  }
  std::string out;
  for (const auto& [stack, samples] : stacks) out += fmt::format("{} {}\n", stack, samples);
  return out;
}

std::string speedscope_json(std::span<const Report> reports) {
  Json frames = Json::array(), profiles = Json::array();
  std::map<std::string, std::size_t> places;
  for (const auto& report : reports) {
    const auto* graph = flame_graph_of(report);
    if (graph == nullptr) continue;
    Json samples = Json::array(), weights = Json::array();
    const double seconds = 1 / std::max(graph->frequency, 1.0);
    double all = 0;
    each_stack(*graph, [&](const std::vector<std::string>& names, std::uint64_t count) {
      Json sample = Json::array();
      for (const auto& name : names) {
        const auto [place, is_new] = places.try_emplace(name, frames.size());
        if (is_new) frames.push_back({{"name", name}});
        sample.push_back(place->second);
      }
      samples.push_back(std::move(sample));
      weights.push_back(static_cast<double>(count) * seconds);
      all += static_cast<double>(count) * seconds;
    });
    profiles.push_back({{"type", "sampled"},
                        {"name", report.file},
                        {"unit", "seconds"},
                        {"startValue", 0},
                        {"endValue", all},
                        {"samples", samples},
                        {"weights", weights}});
  }
  return json_line({{"$schema", "https://www.speedscope.app/file-format-schema.json"},
                    {"exporter", "ig"},
                    {"shared", {{"frames", frames}}},
                    {"profiles", profiles}});
}

}  // namespace ig
