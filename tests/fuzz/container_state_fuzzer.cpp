// SPDX-License-Identifier: Apache-2.0
// What container runtimes leave on disk, each file of it with the same content.
#include <fstream>

#include "recorder/workload/container_runtime.h"
#include "tests/support/scratch_folder.h"

namespace {

struct State {
  ig::ScratchFolder folder;
  std::vector<std::string> files;
  ig::ContainerRuntimes runtimes;

  State()
      : runtimes({.podman = {path("podman")},
                  .docker = {path("docker")},
                  .containerd = {path("containerd")},
                  .runc = {path("runc")},
                  .crun = {path("crun")}}) {
    for (const char* file : {"podman/overlay-containers/containers.json",
                             "docker/web/config.v2.json", "containerd/k8s.io/web/config.json",
                             "runc/web/state.json", "crun/web/status", "crun/web/config.json"}) {
      files.push_back(path(file));
      std::filesystem::create_directories(std::filesystem::path(path(file)).parent_path());
    }
  }
  std::string path(const char* name) const { return (folder.path() / name).string(); }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const State state;
  for (const auto& file : state.files) {
    std::ofstream(file, std::ios::binary)
        .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  }
  const auto found = state.runtimes.find("web");
  if (found && found->id.empty()) __builtin_trap();
  static_cast<void>(state.runtimes.find_by_bundle("/b"));
  static_cast<void>(state.runtimes.running());
  return 0;
}
