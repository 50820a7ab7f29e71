// SPDX-License-Identifier: Apache-2.0
// The OCI bundle of a container: config.json says who it is (annotations of Kubernetes runtimes,
// the manager that made it) and how its seccomp filter will be loaded. Every runtime reads it
// before the container's first instruction, so it is there even for the shortest life.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace ig {

// What is known of a container, from any source; "" = this source does not say.
struct ContainerFacts {
  std::string id, name, image;
  std::string runtime;  // who manages it: "podman", "docker", "containerd", "cri-o", else "runc"…
  std::string bundle;
  std::string kube_namespace, pod, pod_uid, container;
  std::map<std::string, std::string> labels;
  bool no_new_privileges = false, has_seccomp = false;
  std::int64_t pid = 0;  // of its init

  // Takes what is empty here from `other`.
  void complete(const ContainerFacts& other);
};

// Names that containerd's CRI and CRI-O write as annotations, and the kubelet as labels.
void take_kubernetes_names(const std::map<std::string, std::string>& annotations,
                           ContainerFacts& facts);

Result<ContainerFacts> parse_oci_config(const std::string& json);
// config.json in `folder`.
Result<ContainerFacts> read_oci_bundle(const std::string& folder);

}  // namespace ig
