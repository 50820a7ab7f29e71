// SPDX-License-Identifier: Apache-2.0
#include "recorder/workload/workload_tracker_names.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>

namespace ig {
namespace {

namespace fs = std::filesystem;

// crun and runc may run from a sealed copy of themselves, whose name is a descriptor's number.
bool is_number(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c); });
}

// Where no manager is known and the runtime's state is gone already.
std::string runtime_at_work(const WorkloadEvent& event) {
  for (const char* name : {"crun", "runc", "youki", "runsc"}) {
    if (event.comm.find(name) != std::string::npos) return name;
    if (event.parent_comm.find(name) != std::string::npos) return name;
  }
  return {};
}

}  // namespace

const std::string& telling_cgroup_path(const WorkloadEvent& event) {
  return event.cgroup_path.size() > 1 ? event.cgroup_path : event.legacy_cgroup_path;
}

bool is_runtime_name(std::string_view comm) {
  // "runc", "runc:[2:INIT]", "docker-runc", "crun", "containerd-shim"…
  constexpr std::array<std::string_view, 8> kParts = {
      "runc", "crun", "youki", "runsc", "conmon", "containerd-shim", "lxc-start", "systemd-nspawn"};
  return std::ranges::any_of(kParts,
                             [&](auto part) { return comm.find(part) != std::string_view::npos; });
}

std::optional<ContainerFacts> ContainerNamer::bundle_of(const WorkloadEvent& event,
                                                        bool own_mounts) const {
  // With the host's mounts it is a runtime's child on its way into the container; the runtime
  // itself is still in its caller's cgroup.
  const bool on_its_way =
      event.comm.starts_with("runc:[") || event.comm == "exe" || is_number(event.comm);
  if (event.parent_directory.empty() || (!own_mounts && !on_its_way)) return std::nullopt;
  // Anybody may stand in a bundle's folder and unshare; a runtime it must be.
  const bool runtime = on_its_way || is_runtime_name(event.comm) ||
                       is_runtime_name(event.parent_comm) || is_number(event.parent_comm);
  if (!runtime) return std::nullopt;
  auto bundle = read_oci_bundle(event.parent_directory);
  if (bundle) return *std::move(bundle);
  // A bundle that went with its container still names it; a manager's folder stays.
  std::error_code error;
  if (!own_mounts || fs::exists(event.parent_directory, error)) return std::nullopt;
  ContainerFacts facts;
  facts.bundle = event.parent_directory;
  return facts;
}

std::optional<ContainerFacts> ContainerNamer::identify(const WorkloadEvent& event,
                                                       bool own_mounts) const {
  const auto path = parse_cgroup_path(own_mounts ? telling_cgroup_path(event) : event.cgroup_path);
  ContainerFacts facts;
  facts.id = path.container_id;
  facts.runtime = path.runtime;
  facts.pod_uid = path.pod_uid;
  bool container = !facts.id.empty();
  // Without a shape of its own a cgroup is a container's if a runtime has one of that name.
  const bool plain = !container && path.unit.empty();
  if (auto known = runtimes_.find(plain ? path.leaf : facts.id)) {
    known->complete(facts);
    facts = *std::move(known);
    container = true;
  }
  const bool may_be = own_mounts || (plain && !path.leaf.empty());
  if (auto bundle = container || may_be ? bundle_of(event, own_mounts) : std::nullopt) {
    container = true;
    // Where the bundle does not say otherwise, runc and crun make a cgroup /ID; containerd calls
    // its bundles so.
    const bool own_cgroup = telling_cgroup_path(event) == "/" + path.leaf ||
                            fs::path(bundle->bundle).filename() == path.leaf;
    if (facts.id.empty() && plain && (own_cgroup || !own_mounts)) facts.id = path.leaf;
    facts.complete(*bundle);
    complete(facts);
  }
  if (own_mounts && path.unit.empty() && is_runtime_name(event.comm)) container = true;
  if (!container) return std::nullopt;
  if (facts.runtime.empty()) facts.runtime = runtime_at_work(event);
  return facts;
}

void ContainerNamer::complete(ContainerFacts& facts) const {
  auto known = facts.id.empty() ? std::nullopt : runtimes_.find(facts.id);
  if (!known && !facts.bundle.empty()) known = runtimes_.find_by_bundle(facts.bundle);
  if (known) {
    facts.complete(*known);
  } else if (!facts.bundle.empty()) {
    if (const auto bundle = read_oci_bundle(facts.bundle)) facts.complete(*bundle);
  }
}

}  // namespace ig
