// SPDX-License-Identifier: Apache-2.0
// Workload: who did it. A container instance, a systemd unit, a recorded command, or the host.
// Everything recorded refers to a workload by `id`, which is ours: the kernel uses the numbers of
// mount namespaces and cgroups again. A row is made as soon as the kernel reports an identity, and
// its names are filled in when the OCI bundle or the runtime tells.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace ig {

using WorkloadId = std::int64_t;  // > 0

enum class WorkloadKind { kHost, kUnit, kContainer, kCommand };
const char* to_string(WorkloadKind kind);

struct Workload {
  WorkloadId id = 0;
  WorkloadKind kind = WorkloadKind::kHost;
  std::string name;  // never empty: container name or id, unit, command, "host"

  std::string runtime;       // "runc", "crun", "podman", "containerd", "docker"… or ""
  std::string container_id;  // as the runtime calls it
  std::string image;
  std::string bundle;  // folder of the OCI bundle
  bool no_new_privileges =
      false;                 // as the OCI config asks (decides where runtimes load the filter)
  bool has_seccomp = false;  // whether it ran under a profile while it was recorded

  std::string kube_namespace, pod, pod_uid, container;  // Kubernetes, from annotations
  std::map<std::string, std::string> labels;

  std::string cgroup_path;
  std::uint64_t mntns_id = 0, mntns_gen = 0, cgroup_id = 0, netns_id = 0;
  std::int64_t pid = 0;  // of its first process that we saw

  std::int64_t first_seen_ns = 0, last_seen_ns = 0;  // wall clock
  bool partial = false;  // was running before the recording: its start was not seen
  int exit_known = 0;    // 1 when its end was seen

  std::int64_t recording = 1;  // of those of a merged file
};

}  // namespace ig
