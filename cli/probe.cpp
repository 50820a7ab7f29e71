// SPDX-License-Identifier: Apache-2.0
// ig probe: what this kernel lets ig do, by trying it: each feature, and for each gadget the rung
// that it would run on. Programs are loaded and unloaded again; nothing is attached.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/machine.h"
#include "cli/output.h"
#include "recorder/gadget_catalog.h"
#include "recorder/gadget_ladder.h"
#include "recorder/kernel_features.h"
#include "reporters/cell.h"
#include "reporters/text_table.h"

namespace ig {
namespace {

using Json = nlohmann::ordered_json;

struct GadgetProbe {
  std::string gadget;
  bool runs = false;
  std::string variant;       // the rung it would take
  std::string leaves_empty;  // what that rung, and programs that are refused, cannot fill
  std::string reason;        // why it does not run
};

GadgetProbe probe_gadget(const Gadget& gadget) {
  const auto loaded = load_best_variant(gadget, {});
  if (!loaded) {
    return {gadget.name, false, "", "", loaded.error().message};
  }
  auto empty = loaded->leaves_empty;
  for (const auto& program : loaded->refused) {
    if (!program.leaves_empty.empty()) empty.push_back(program.leaves_empty);
  }
  return {gadget.name, true, loaded->variant, join(empty, ", "), ""};
}

std::string features_text(const Style& style) {
  TextTable table({{"FEATURE"}, {"HERE"}, {"WHAT IT IS"}});
  for (const auto& feature : kernel_features()) {
    table.add({std::string(feature.name), has_kernel_feature(feature.name) ? "yes" : "no",
               std::string(feature.meaning)});
  }
  return fmt::format("\n{}\n{}", style.bold("Kernel features"), table.render(style, 2));
}

std::string gadgets_text(const std::vector<GadgetProbe>& probes, const Style& style) {
  TextTable table({{"GADGET"}, {"RUNS"}, {"RUNG"}, {"STAYS EMPTY"}, {"WHY NOT"}});
  for (const auto& probe : probes) {
    table.add(
        {probe.gadget, probe.runs ? "yes" : "no", probe.variant, probe.leaves_empty, probe.reason});
  }
  return fmt::format("\n{}\n{}", style.bold("Gadgets"), table.render(style, 2));
}

Json probe_json(const SessionInfo& machine, const std::vector<GadgetProbe>& probes) {
  Json json = {{"kernel", machine.kernel_release},
               {"architecture", machine.architecture},
               {"btf", machine.btf},
               {"features", Json::object()},
               {"gadgets", Json::array()}};
  for (const auto& feature : kernel_features()) {
    json["features"][std::string(feature.name)] = has_kernel_feature(feature.name);
  }
  for (const auto& probe : probes) {
    json["gadgets"].push_back({{"gadget", probe.gadget},
                               {"runs", probe.runs},
                               {"variant", probe.variant},
                               {"leaves_empty", probe.leaves_empty},
                               {"reason", probe.reason}});
  }
  return json;
}

std::string advice_text(const std::vector<GadgetProbe>& probes) {
  for (const auto& probe : probes) {
    if (probe.runs) return {};
  }
  return "\nNo gadget runs here. `ig record -- COMMAND` records one command by ptrace.\n";
}

}  // namespace

Syntax probe_syntax(const Words&) {
  Syntax syntax;
  syntax.text = "Every answer is a trial: programs are loaded and unloaded, none is attached.";
  syntax.groups = {
      {"Options",
       {output_option(), {"gadget-path", "DIR", "folder of further gadgets; may be repeated"}}}};
  return syntax;
}

Result<int> run_probe(const Arguments& arguments) {
  IG_ASSIGN(const auto catalog, GadgetCatalog::open(arguments.values("gadget-path")));
  const auto machine = describe_machine();
  std::vector<GadgetProbe> probes;
  for (const auto& gadget : catalog.gadgets()) probes.push_back(probe_gadget(gadget));
  if (wants_json(arguments)) {
    fmt::print("{}", json_document(probe_json(machine, probes)));
    return 0;
  }
  const auto style = stdout_style();
  fmt::print("{} Linux {}, {}, BTF: {}\n", style.bold("Kernel"), machine.kernel_release,
             machine.architecture, machine.btf);
  fmt::print("{}{}{}", features_text(style), gadgets_text(probes, style), advice_text(probes));
  return 0;
}

}  // namespace ig
