// SPDX-License-Identifier: Apache-2.0
#include "cli/gadget_choice.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "recorder/gadget/gadget_parameters.h"

namespace ig {
namespace {

struct Preset {
  std::string_view name;
  std::vector<GadgetRequest> gadgets;  // empty = all that are built in
};

const std::vector<Preset>& presets() {
  static const std::vector<Preset> kPresets = {
      {"policy",
       {{"advise_seccomp", {}},
        {"advise_networkpolicy", {}},
        {"trace_exec", {}},
        {"trace_capabilities", {{"unique", "true"}}},
        {"trace_dns", {}},
        {"trace_dnat", {}, {}, "advise_networkpolicy"}}},
      {"latency",
       {{"profile_blockio", {}},
        {"profile_cpu", {}},
        {"profile_qdisc_latency", {}},
        {"profile_tcprtt", {}},
        {"trace_dns", {}},
        {"trace_fsslower", {}},
        {"trace_tcpconnlat", {}}}},
      {"all", {}},
  };
  return kPresets;
}

std::vector<GadgetRequest> preset_gadgets(const GadgetCatalog& catalog, const std::string& name) {
  const auto preset = std::ranges::find(presets(), name, &Preset::name);
  if (!preset->gadgets.empty()) return preset->gadgets;
  std::vector<GadgetRequest> requests;
  for (const auto& gadget : catalog.gadgets()) {
    // A script has to be given by the person; packets are much, and hold what people said.
    const bool has_to_be_named = gadget.name == "script" || gadget.name == "tcpdump";
    if (gadget.origin == kBuiltIn && !has_to_be_named) {
      requests.push_back({gadget.name, {}, {}});
    }
  }
  return requests;
}

bool is_change(const std::string& name) { return name.starts_with('+') || name.starts_with('-'); }

Result<GadgetRequest*> find_request(std::vector<GadgetRequest>& requests,
                                    const std::string& gadget) {
  const auto found = std::ranges::find(requests, gadget, &GadgetRequest::name);
  if (found != requests.end()) return &*found;
  return fail(ErrorCode::kUsage, fmt::format("--param: gadget '{}' is not recorded", gadget),
              fmt::format("add it: --gadgets {}", gadget));
}

Result<> check_parameter(const Gadget& gadget, const std::string& key) {
  std::vector<std::string_view> keys;
  for (const auto& parameter : gadget.manifest.parameters) keys.push_back(parameter.key);
  if (std::ranges::count(keys, key) > 0) return {};
  const auto near = nearest_name(key, keys);
  return fail(ErrorCode::kUsage, fmt::format("gadget {} has no parameter '{}'", gadget.name, key),
              near.empty() ? fmt::format("ig gadget info {} lists them", gadget.name)
                           : fmt::format("did you mean {}?", near));
}

// "gadget.key=value"
Result<> set_parameter(const GadgetCatalog& catalog, std::vector<GadgetRequest>& requests,
                       const std::string& text) {
  const auto equals = text.find('=');
  const auto dot = text.substr(0, equals).find('.');
  if (equals == std::string::npos || dot == std::string::npos) {
    return fail(ErrorCode::kUsage, fmt::format("--param: '{}' is not a parameter", text),
                "write it like trace_open.failed=true");
  }
  const auto key = text.substr(dot + 1, equals - dot - 1);
  IG_ASSIGN(auto* request, find_request(requests, text.substr(0, dot)));
  IG_ASSIGN(const auto* gadget, catalog.find(request->name));
  IG_TRY(check_parameter(*gadget, key));
  request->parameters[key] = text.substr(equals + 1);
  IG_TRY(forced_variant(*gadget, request->parameters));
  return {};
}

}  // namespace

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const auto& preset : presets()) names.emplace_back(preset.name);
  return names;
}

Result<std::vector<GadgetRequest>> choose_gadgets(const GadgetCatalog& catalog,
                                                  const Arguments& arguments) {
  const auto names = arguments.list("gadgets");
  // Whoever names gadgets wants those; a preset comes on top if it is named too, or if they only
  // add to it and take away.
  const bool with_preset = arguments.has("preset") || std::ranges::all_of(names, is_change);
  std::vector<GadgetRequest> requests;
  if (with_preset) requests = preset_gadgets(catalog, arguments.text("preset"));
  for (const auto& word : names) {
    const auto name = is_change(word) ? word.substr(1) : word;
    IG_TRY(catalog.find(name));
    if (word.starts_with('-')) {
      std::erase_if(requests, [&](const GadgetRequest& request) { return request.name == name; });
    } else if (std::ranges::count(requests, name, &GadgetRequest::name) == 0) {
      requests.push_back({name, {}, {}});
    }
  }
  for (const auto& text : arguments.values("param")) {
    IG_TRY(set_parameter(catalog, requests, text));
  }
  return requests;
}

}  // namespace ig
