// SPDX-License-Identifier: Apache-2.0
#include "recorder/probe.h"

#include <linux/capability.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

#include "base/text.h"
#include "recorder/gadget/cgroup2_root.h"
#include "recorder/gadget/gadget_ladder.h"
#include "recorder/gadget/kernel_features.h"
#include "recorder/gadget/shared_maps.h"

namespace ig {
namespace {

std::string read_file(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// "none [integrity] confidentiality"
std::string find_lockdown(std::string_view text) {
  const auto begin = text.find('[');
  const auto end = text.find(']');
  if (begin == text.npos || end == text.npos || end < begin) return "";
  return std::string(text.substr(begin + 1, end - begin - 1));
}

std::uint64_t effective_capabilities() {
  constexpr std::string_view kKey = "CapEff:\t";
  const auto status = read_file("/proc/self/status");
  const auto begin = status.find(kKey);
  std::uint64_t bits = 0;
  if (begin == status.npos) return 0;
  const auto* hex = status.data() + begin + kKey.size();
  std::from_chars(hex, status.data() + status.size(), bits, 16);
  return bits;
}

std::vector<std::string> lacking_capabilities() {
  const auto bits = effective_capabilities();
  const auto has = [bits](int capability) { return (bits >> capability & 1) != 0; };
  if (has(CAP_SYS_ADMIN)) return {};  // stands for the others
  std::vector<std::string> lacking;
  if (!has(CAP_BPF)) lacking.emplace_back("CAP_BPF");
  if (!has(CAP_PERFMON)) lacking.emplace_back("CAP_PERFMON");
  if (!has(CAP_NET_ADMIN)) lacking.emplace_back("CAP_NET_ADMIN");
  return lacking;
}

}  // namespace

MachineProbe probe_machine() {
  MachineProbe probe;
  probe.has_btf = has_kernel_feature("btf");
  const auto maps = SharedMaps::create();
  probe.can_use_bpf = maps.has_value();
  if (!maps) probe.bpf_error = maps.error().message;
  if (auto root = cgroup2_root(); root) probe.cgroup2_root = std::move(*root);
  probe.lockdown = find_lockdown(read_file("/sys/kernel/security/lockdown"));
  probe.lacking_capabilities = lacking_capabilities();
  return probe;
}

GadgetProbe probe_gadget(const Gadget& gadget) {
  GadgetProbe probe;
  probe.gadget = gadget.name;
  auto loaded = load_best_variant(gadget, {});
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

std::vector<GadgetProbe> probe_gadgets(const GadgetCatalog& catalog) {
  std::vector<GadgetProbe> probes;
  for (const auto& gadget : catalog.gadgets()) probes.push_back(probe_gadget(gadget));
  return probes;
}

}  // namespace ig
