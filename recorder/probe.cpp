// SPDX-License-Identifier: Apache-2.0
#include "recorder/probe.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "recorder/gadget/cgroup2_root.h"
#include "recorder/gadget/gadget_ladder.h"
#include "recorder/gadget/shared_maps.h"
#include "recorder/kernel/kernel_types.h"

namespace ig {

MachineProbe probe_machine(const std::string& btf_file) {
  MachineProbe probe;
  auto search = BtfSearch::of_this_machine();
  search.file = btf_file;
  if (auto btf = find_kernel_btf(search)) {
    probe.btf = std::move(*btf);
    set_kernel_types(probe.btf.path);
  } else {
    probe.btf_error = btf.error().message;
  }
  const auto maps = SharedMaps::create();
  probe.can_use_bpf = maps.has_value();
  if (!maps) probe.bpf_error = maps.error().message;
  if (auto root = cgroup2_root(); root) probe.cgroup2_root = std::move(*root);
  probe.security = probe_security();
  return probe;
}

GadgetProbe probe_gadget(const Gadget& gadget, const std::string& btf_path) {
  GadgetProbe probe;
  probe.gadget = gadget.name;
  LoadOptions options;
  options.btf_path = btf_path;
  auto loaded = load_best_variant(gadget, options);
  if (!loaded) {
    probe.reason = loaded.error().message;
    return probe;
  }
  probe.runs = true;
  probe.variant = loaded->variant;
  probe.refused = std::move(loaded->refused);
  std::ranges::move(loaded->dropped, std::back_inserter(probe.refused));
  std::vector<std::string> empty;
  for (const auto& program : probe.refused) {
    if (!program.leaves_empty.empty()) empty.push_back(program.leaves_empty);
  }
  probe.leaves_empty = join(empty, ", ");
  return probe;
}

std::vector<GadgetProbe> probe_gadgets(const GadgetCatalog& catalog, const std::string& btf_path) {
  std::vector<GadgetProbe> probes;
  for (const auto& gadget : catalog.gadgets()) probes.push_back(probe_gadget(gadget, btf_path));
  return probes;
}

}  // namespace ig
