// SPDX-License-Identifier: Apache-2.0
// ContainerRuntime: what one container runtime keeps on disk about its containers. Files and not
// sockets: they answer at once, need no client, and are there when the daemon is not.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "recorder/workload/oci_bundle.h"

namespace ig {

class ContainerRuntime {
 public:
  virtual ~ContainerRuntime() = default;
  // `id` has no '/' and is not "." or "..".
  virtual std::optional<ContainerFacts> find(const std::string& id) const = 0;
  // Ids of all it knows, running or not.
  virtual std::vector<std::string> ids() const = 0;
};

// Folders where runtimes keep their state; tests have their own.
struct RuntimeRoots {
  std::vector<std::string> podman = {"/var/lib/containers/storage", "/run/containers/storage"};
  std::vector<std::string> docker = {"/var/lib/docker/containers"};
  std::vector<std::string> containerd = {
      "/run/containerd/io.containerd.runtime.v2.task",
      "/run/docker/containerd/daemon/io.containerd.runtime.v2.task"};
  std::vector<std::string> runc = {"/run/runc"};
  std::vector<std::string> crun = {"/run/crun"};
};

// All runtimes of this machine as one. Podman and Docker know names and images, runc and crun the
// process, so what they say of one container is put together.
class ContainerRuntimes {
 public:
  explicit ContainerRuntimes(const RuntimeRoots& roots);

  std::optional<ContainerFacts> find(const std::string& id) const;
  // For a bundle whose container's id is not known: of runc and crun, which let a person choose
  // both; the others name the folder after the container.
  std::optional<ContainerFacts> find_by_bundle(const std::string& bundle) const;
  std::vector<ContainerFacts> running() const;  // those whose process is known

 private:
  std::vector<std::unique_ptr<ContainerRuntime>> runtimes_;  // who knows names first
  std::size_t first_low_level_ = 0;                          // runc and crun
};

}  // namespace ig
