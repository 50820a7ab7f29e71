// SPDX-License-Identifier: Apache-2.0
// ig probe: what this kernel lets ig do, by trying it: each feature, and for each gadget the rung
// that it would run on. Programs are loaded and unloaded again; nothing is attached.
// ig probe config: what the kernel was built with.
#include "recorder/probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/machine.h"
#include "cli/output.h"
#include "cli/recording_run.h"
#include "recorder/gadget/gadget_catalog.h"
#include "recorder/kernel/kernel_config.h"
#include "recorder/kernel/kernel_features.h"
#include "reporters/cell.h"
#include "reporters/text_table.h"

namespace ig {
namespace {

using Json = nlohmann::ordered_json;

void fact(std::string& out, std::string_view name, std::string_view value) {
  if (!value.empty()) out += fmt::format("  {:<18}{}\n", name, value);
}

std::string lockdown_text(const std::string& mode) {
  if (mode == "confidentiality")
    return "confidentiality: programs may not read the kernel's memory";
  if (mode == "integrity") return "integrity: programs may read the kernel's memory, not change it";
  return mode.empty() ? "cannot be told" : mode;
}

std::string secure_boot_text(const std::string& state) {
  if (state == "on")
    return "on: many kernels lock down then; lockdown= on the command line says how far";
  return state.empty() ? "cannot be told" : state;
}

std::string number_text(const std::optional<long>& number,
                        std::initializer_list<std::string_view> meanings) {
  if (!number) return "";
  if (*number < 0 || std::cmp_greater_equal(*number, meanings.size()))
    return fmt::format("{}", *number);
  return fmt::format("{} ({})", *number, *(meanings.begin() + *number));
}

std::string machine_text(const SessionInfo& machine, const MachineProbe& probe,
                         const Style& style) {
  const auto& security = probe.security;
  std::string out;
  if (security.lockdown == "confidentiality") {
    out += style.bold("This kernel is locked down (confidentiality): most gadgets cannot run.") +
           "\n\n";
  }
  out += style.bold("Machine") + '\n';
  fact(out, "kernel", fmt::format("Linux {}, {}", machine.kernel_release, machine.architecture));
  fact(out, "BTF", probe.btf.found.empty() ? "no: " + probe.btf_error : probe.btf.found);
  fact(out, "BPF", probe.can_use_bpf ? "permitted" : "not permitted: " + probe.bpf_error);
  fact(out, "missing", join(security.lacking_capabilities, ", "));
  fact(out, "lockdown", lockdown_text(security.lockdown));
  fact(out, "secure boot", secure_boot_text(security.secure_boot));
  fact(out, "security modules", security.lsms);
  fact(out, "unprivileged BPF",
       number_text(security.unprivileged_bpf_disabled,
                   {"permitted", "refused until the next boot", "refused"}));
  fact(out, "BPF JIT", number_text(security.bpf_jit, {"off", "on", "on, and it tells addresses"}));
  fact(out, "kernel addresses",
       number_text(security.kptr_restrict,
                   {"shown to everybody", "shown to root", "hidden: stacks have no kernel names"}));
  fact(out, "locked memory",
       security.memlock ? format_size(*security.memlock) : std::string("unlimited"));
  fact(out, "cgroup",
       security.cgroup + (probe.cgroup2_root.empty() ? "" : ", v2 at " + probe.cgroup2_root));
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

Json optional_json(const auto& number) { return number ? Json(*number) : Json(nullptr); }

Json machine_json(const SessionInfo& machine, const MachineProbe& probe) {
  const auto& security = probe.security;
  return {{"kernel", machine.kernel_release},
          {"architecture", machine.architecture},
          {"btf", probe.btf.found},
          {"btf_error", probe.btf_error},
          {"bpf", probe.can_use_bpf},
          {"bpf_error", probe.bpf_error},
          {"lacking_capabilities", security.lacking_capabilities},
          {"lockdown", security.lockdown},
          {"secure_boot", security.secure_boot},
          {"security_modules", security.lsms},
          {"unprivileged_bpf_disabled", optional_json(security.unprivileged_bpf_disabled)},
          {"bpf_jit_enable", optional_json(security.bpf_jit)},
          {"perf_event_paranoid", optional_json(security.perf_event_paranoid)},
          {"kptr_restrict", optional_json(security.kptr_restrict)},
          {"memlock", optional_json(security.memlock)},
          {"cgroup", security.cgroup},
          {"cgroup2_root", probe.cgroup2_root}};
}

Json probe_json(const SessionInfo& machine, const MachineProbe& probe,
                const std::vector<GadgetProbe>& gadgets) {
  auto json = machine_json(machine, probe);
  json["features"] = Json::object();
  for (const auto& feature : kernel_features()) {
    json["features"][std::string(feature.name)] = has_kernel_feature(feature.name);
  }
  json["gadgets"] = Json::array();
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

std::string config_text(const KernelConfig& config, const Style& style) {
  TextTable table({{"OPTION"}, {"VALUE"}, {"WHAT NEEDS IT"}});
  for (const auto& option : kernel_options()) {
    table.add({std::string(option.name), config.value(option.name), std::string(option.use)});
  }
  return fmt::format("From {}\n\n{}", config.path, table.render(style));
}

Json config_json(const KernelConfig& config) {
  Json json = {{"path", config.path}, {"options", Json::object()}};
  for (const auto& option : kernel_options()) {
    json["options"][std::string(option.name)] = config.value(option.name);
  }
  return json;
}

}  // namespace

Syntax probe_syntax(const Words&) {
  Syntax syntax;
  syntax.text = "Every answer is a trial: programs are loaded and unloaded, none is attached.";
  syntax.groups = {{"Options",
                    {output_option(),
                     btf_option(),
                     {"gadget-path", "DIR", "folder of further gadgets; may be repeated"}}}};
  return syntax;
}

Result<int> run_probe(const Arguments& arguments) {
  IG_ASSIGN(const auto catalog, GadgetCatalog::open(arguments.values("gadget-path")));
  const auto machine = describe_machine();
  const auto probe = probe_machine(arguments.text("btf"));
  if (probe.btf.found.empty() && !arguments.text("btf").empty()) {
    return fail(ErrorCode::kNotFound, probe.btf_error);
  }
  const auto gadgets = probe_gadgets(catalog, probe.btf.path);
  put(stdout, wants_json(arguments) ? json_document(probe_json(machine, probe, gadgets))
                                    : probe_text(machine, probe, gadgets, stdout_style()));
  return 0;
}

Syntax probe_config_syntax(const Words&) {
  Syntax syntax;
  syntax.text =
      "From /proc/config.gz, /boot or the folder of the kernel's modules. n is an option that is "
      "not set, m a module.";
  syntax.groups = {{"Options", {output_option()}}};
  return syntax;
}

Result<int> run_probe_config(const Arguments& arguments) {
  IG_ASSIGN(const auto config, read_kernel_config("/", describe_machine().kernel_release));
  put(stdout, wants_json(arguments) ? json_document(config_json(config))
                                    : config_text(config, stdout_style()));
  return 0;
}

}  // namespace ig
