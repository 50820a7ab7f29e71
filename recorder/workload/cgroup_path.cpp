// SPDX-License-Identifier: Apache-2.0
#include "recorder/workload/cgroup_path.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "base/text.h"

namespace ig {
namespace {

struct Shape {
  std::string_view prefix, runtime;
};

// Components "<prefix><id>" or "<prefix><id>.scope".
constexpr std::array kPrefixes = {
    Shape{"docker-", "docker"},
    Shape{"cri-containerd-", "containerd"},
    Shape{"libpod-", "podman"},
    Shape{"nerdctl-", "containerd"},
    Shape{"crio-", "cri-o"},
    Shape{"runc-", "runc"},
    Shape{"crun-", "crun"},
    Shape{"youki-", "youki"},
    Shape{"lxc.payload.", "lxc"},
    Shape{"machine-", "nspawn"},
    Shape{"systemd-nspawn@", "nspawn"},
};

// Folders whose direct children are containers.
constexpr std::array kFolders = {Shape{"docker", "docker"}, Shape{"lxc", "lxc"},
                                 Shape{"buildkit", "buildkit"}, Shape{"actions_job", "docker"}};

constexpr std::array<std::string_view, 5> kUnitSuffixes = {".service", ".scope", ".socket",
                                                           ".mount", ".swap"};

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return std::isxdigit(c) != 0; });
}

// The ids that docker, containerd (for Kubernetes), CRI-O and podman make.
bool is_long_id(std::string_view text) { return text.size() == 64 && is_hex(text); }

bool take_suffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

// The byte that \xNN at the front of the text stands for; 0 = it is none.
char escaped_byte(std::string_view text) {
  if (text.size() < 4 || !text.starts_with("\\x") || !is_hex(text.substr(2, 2))) return 0;
  return static_cast<char>(std::stoi(std::string(text.substr(2, 2)), nullptr, 16));
}

// systemd writes bytes that have a meaning in unit names as \xNN. A name with a slash would be a
// path to whoever looks it up: no runtime and no unit has one, so it stays as it is written.
std::string unescape_unit(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char byte = escaped_byte(text.substr(i));
    const bool is_plain = byte == 0 || byte == '/';
    out += is_plain ? text[i] : byte;
    i += is_plain ? 0 : 3;
  }
  return out;
}

// "kubepods-burstable-pod1234_abcd.slice" or "pod1234-abcd" → "1234-abcd".
std::string pod_uid_of(std::string_view component) {
  const bool systemd = take_suffix(component, ".slice");
  if (systemd && !component.starts_with("kubepods")) return {};
  const auto at = systemd ? component.rfind("-pod") : std::string_view::npos;
  if (systemd && at == std::string_view::npos) return {};
  if (systemd) component.remove_prefix(at + 1);
  if (!component.starts_with("pod")) return {};
  component.remove_prefix(3);
  std::string uid(component);
  std::ranges::replace(uid, '_', '-');
  const bool plausible = uid.size() >= 32 && std::ranges::all_of(uid, [](unsigned char c) {
                           return std::isxdigit(c) != 0 || c == '-';
                         });
  return plausible ? uid : std::string();
}

struct ContainerName {
  std::string id, runtime;
};

std::optional<ContainerName> by_prefix(std::string_view component) {
  const bool unit = take_suffix(component, ".scope") || take_suffix(component, ".service");
  for (const auto& shape : kPrefixes) {
    if (!component.starts_with(shape.prefix)) continue;
    const auto id = component.substr(shape.prefix.size());
    // Monitors of containers have cgroups of their own, beside them.
    if (id.empty() || id.starts_with("conmon-")) return std::nullopt;
    if (component.starts_with("machine-qemu")) return std::nullopt;  // libvirt's
    // Anybody may call a folder "docker-test" or "machine-learning"; only systemd makes scopes.
    const bool plain = shape.prefix == "lxc.payload.";
    if (!unit && !plain && !is_long_id(id)) return std::nullopt;
    return ContainerName{unescape_unit(id), std::string(shape.runtime)};
  }
  return std::nullopt;
}

// "kubepods-pod….slice:cri-containerd:<id>": the systemd spelling with a runtime that does not
// speak to systemd.
std::optional<ContainerName> by_colons(std::string_view component) {
  const auto parts = split(component, ':');
  if (parts.size() != 3 || parts[2].empty()) return std::nullopt;
  for (const auto& shape : kPrefixes) {
    if (shape.prefix.starts_with(parts[1]) && shape.prefix.size() == parts[1].size() + 1) {
      return ContainerName{std::string(parts[2]), std::string(shape.runtime)};
    }
  }
  return std::nullopt;
}

std::optional<ContainerName> container_of(std::string_view parent, std::string_view component) {
  if (auto name = by_colons(component)) return name;
  if (auto name = by_prefix(component)) return name;
  for (const auto& shape : kFolders) {
    const bool id = is_long_id(component) || shape.prefix == "lxc";
    if (parent == shape.prefix && id)
      return ContainerName{std::string(component), std::string(shape.runtime)};
  }
  // A pod's cgroup may have other runtimes' ids below, and other orchestrators have their own
  // trees.
  if (is_long_id(component) && parent != "libpod_parent")
    return ContainerName{std::string(component), {}};
  return std::nullopt;
}

bool is_unit(std::string_view component) {
  return std::ranges::any_of(kUnitSuffixes,
                             [&](auto suffix) { return component.ends_with(suffix); });
}

}  // namespace

CgroupPath parse_cgroup_path(std::string_view path) {
  CgroupPath result;
  std::string slice;
  std::string_view parent;
  for (const auto component : split(path, '/')) {
    if (component.empty()) continue;
    if (auto container = container_of(parent, component)) {
      result.container_id = std::move(container->id);
      result.runtime = std::move(container->runtime);
    }
    const auto pod = pod_uid_of(split(component, ':').front());
    if (!pod.empty()) result.pod_uid = pod;
    if (is_unit(component)) result.unit = unescape_unit(component);
    if (component.ends_with(".slice")) slice = unescape_unit(component);
    result.leaf = component;
    parent = component;
  }
  if (result.unit.empty()) result.unit = slice;
  return result;
}

bool is_cgroup_below(std::string_view path, std::string_view ancestor) {
  while (ancestor.ends_with('/')) ancestor.remove_suffix(1);
  return path.starts_with(ancestor) &&
         (path.size() == ancestor.size() || path[ancestor.size()] == '/');
}

}  // namespace ig
