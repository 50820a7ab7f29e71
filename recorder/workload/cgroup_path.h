// SPDX-License-Identifier: Apache-2.0
// What the path of a cgroup says about who is in it. Every runtime writes the container's id into
// the path, systemd the unit's name; so a path caught in the kernel names a container that lived
// 50 ms and left nothing on disk. Pure text: nothing is looked up.
#pragma once

#include <string>
#include <string_view>

namespace ig {

struct CgroupPath {
  std::string container_id;  // "" unless the shape is one that only container runtimes make
  std::string runtime;       // "docker", "podman", "containerd", "cri-o"… or ""
  std::string pod_uid;       // of a Kubernetes pod
  std::string unit;          // innermost systemd unit: "nginx.service", "session-3.scope"
  std::string leaf;          // last component: plain runc and crun make it the container's id
};

CgroupPath parse_cgroup_path(std::string_view path);

// Whether `path` is `ancestor` or below it.
bool is_cgroup_below(std::string_view path, std::string_view ancestor);

}  // namespace ig
