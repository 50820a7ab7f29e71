// SPDX-License-Identifier: Apache-2.0
// ig probe: what this kernel lets ig do, by trying it: each feature, and for each gadget the rung
// that it would run on. Programs are loaded and unloaded again; nothing is attached.
#include "recorder/probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/machine.h"
#include "cli/output.h"
#include "recorder/gadget/gadget_catalog.h"
#include "recorder/gadget/kernel_features.h"
#include "reporters/cell.h"
#include "reporters/text_table.h"

namespace ig {
namespace {

using Json = nlohmann::ordered_json;

void fact(std::string& out, std::string_view name, std::string_view value) {
  out += fmt::format("  {:<12}{}\n", name, value);
}

std::string machine_text(const SessionInfo& machine, const MachineProbe& probe,
                         const Style& style) {
  auto out = style.bold("Machine") + '\n';
  fact(out, "kernel", fmt::format("Linux {}, {}", machine.kernel_release, machine.architecture));
  fact(out, "BTF", probe.has_btf ? "yes" : "no: the kernel does not describe its types");
  fact(out, "BPF", probe.can_use_bpf ? "permitted" : "not permitted: " + probe.bpf_error);
  if (!probe.lacking_capabilities.empty()) {
    fact(out, "missing", join(probe.lacking_capabilities, ", "));
  }
  fact(out, "cgroup v2", probe.cgroup2_root.empty() ? "not mounted" : probe.cgroup2_root);
  if (!probe.lockdown.empty()) fact(out, "lockdown", probe.lockdown);
  return out;
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
  TextTable table({{"GADGET"},
                   {"RUNS"},
                   {"RUNG", Align::kLeft, true},
                   {"STAYS EMPTY", Align::kLeft, true},
                   {"WHY NOT", Align::kLeft, true}});
  for (const auto& probe : probes) {
    table.add(
        {probe.gadget, probe.runs ? "yes" : "no", probe.variant, probe.leaves_empty, probe.reason});
  }
  return fmt::format("\n{}\n{}", style.bold("Gadgets"), table.render(style, 2));
}

Json probe_json(const SessionInfo& machine, const MachineProbe& probe,
                const std::vector<GadgetProbe>& gadgets) {
  Json json = {{"kernel", machine.kernel_release},
               {"architecture", machine.architecture},
               {"btf", probe.has_btf},
               {"bpf", probe.can_use_bpf},
               {"bpf_error", probe.bpf_error},
               {"lacking_capabilities", probe.lacking_capabilities},
               {"cgroup2_root", probe.cgroup2_root},
               {"lockdown", probe.lockdown},
               {"features", Json::object()},
               {"gadgets", Json::array()}};
  for (const auto& feature : kernel_features()) {
    json["features"][std::string(feature.name)] = has_kernel_feature(feature.name);
  }
  for (const auto& gadget : gadgets) {
    json["gadgets"].push_back({{"gadget", gadget.gadget},
                               {"runs", gadget.runs},
                               {"variant", gadget.variant},
                               {"leaves_empty", gadget.leaves_empty},
                               {"reason", gadget.reason}});
  }
  return json;
}

std::string probe_text(const SessionInfo& machine, const MachineProbe& probe,
                       const std::vector<GadgetProbe>& gadgets, const Style& style) {
  auto text =
      machine_text(machine, probe, style) + features_text(style) + gadgets_text(gadgets, style);
  if (std::ranges::none_of(gadgets, &GadgetProbe::runs)) {
    text += "\nNo gadget runs here. `ig record -- COMMAND` records one command by ptrace.\n";
  }
  return text;
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
  const auto probe = probe_machine();
  const auto gadgets = probe_gadgets(catalog);
  put(stdout, wants_json(arguments) ? json_document(probe_json(machine, probe, gadgets))
                                    : probe_text(machine, probe, gadgets, stdout_style()));
  return 0;
}

}  // namespace ig
