// SPDX-License-Identifier: Apache-2.0
#include "recorder/workload/container_runtime.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/json.h"
#include "base/text.h"

namespace ig {
namespace {

namespace fs = std::filesystem;

// More than any host has; less than would hold up a recording.
constexpr std::size_t kMostContainers = 10'000;

std::vector<std::string> folder_names(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (names.size() == kMostContainers) break;
    std::error_code ignored;
    if (it->is_directory(ignored)) names.push_back(it->path().filename());
  }
  std::ranges::sort(names);
  return names;
}

bool is_plain_name(const std::string& id) {
  return !id.empty() && id != "." && id != ".." && id.find('/') == std::string::npos;
}

void add_bundle(ContainerFacts& facts, const std::string& folder) {
  if (const auto bundle = read_oci_bundle(folder)) facts.complete(*bundle);
}

// ROOT/ID/state.json, of libcontainer.
class RuncState : public ContainerRuntime {
 public:
  explicit RuncState(std::string root) : root_(std::move(root)) {}

  std::optional<ContainerFacts> find(const std::string& id) const override {
    const auto json = read_json_file(root_ + "/" + id + "/state.json");
    if (!json) return std::nullopt;
    ContainerFacts facts;
    facts.id = id;
    facts.pid = json_integer(*json, {"init_process_pid"});
    facts.no_new_privileges = json_bool(*json, {"config", "no_new_privileges"});
    facts.has_seccomp = json_at(*json, {"config", "seccomp"}).is_object();
    const auto& labels = json_at(*json, {"config", "labels"});
    for (const auto& label : labels) {
      const auto text = label.is_string() ? label.get<std::string>() : std::string();
      if (text.starts_with("bundle=")) facts.bundle = text.substr(7);
    }
    if (!facts.bundle.empty()) add_bundle(facts, facts.bundle);
    if (facts.runtime.empty()) facts.runtime = "runc";
    return facts;
  }
  std::vector<std::string> ids() const override { return folder_names(root_); }

 private:
  std::string root_;
};

// ROOT/ID/{status,config.json}.
class CrunState : public ContainerRuntime {
 public:
  explicit CrunState(std::string root) : root_(std::move(root)) {}

  std::optional<ContainerFacts> find(const std::string& id) const override {
    const auto json = read_json_file(root_ + "/" + id + "/status");
    if (!json) return std::nullopt;
    ContainerFacts facts;
    facts.id = id;
    facts.bundle = json_text(*json, {"bundle"});
    facts.pid = json_integer(*json, {"pid"});
    add_bundle(facts, root_ + "/" + id);
    if (facts.runtime.empty()) facts.runtime = "crun";
    return facts;
  }
  std::vector<std::string> ids() const override { return folder_names(root_); }

 private:
  std::string root_;
};

// ROOT/NAMESPACE/ID/{config.json,init.pid}, of containerd's shims; Docker's namespace is "moby".
class ContainerdTasks : public ContainerRuntime {
 public:
  explicit ContainerdTasks(std::string root) : root_(std::move(root)) {}

  std::optional<ContainerFacts> find(const std::string& id) const override {
    for (const auto& name_space : folder_names(root_)) {
      const auto folder = root_ + "/" + name_space + "/" + id;
      auto facts = read_oci_bundle(folder);
      if (!facts) continue;
      facts->id = id;
      facts->runtime = name_space == "moby" ? "docker" : "containerd";
      std::ifstream(folder + "/init.pid") >> facts->pid;
      return *std::move(facts);
    }
    return std::nullopt;
  }
  std::vector<std::string> ids() const override {
    std::vector<std::string> ids;
    for (const auto& name_space : folder_names(root_)) {
      for (auto& id : folder_names(root_ + "/" + name_space)) ids.push_back(std::move(id));
    }
    return ids;
  }

 private:
  std::string root_;
};

// ROOT/DRIVER-containers/{containers.json,ID/userdata/config.json}, of containers-storage.
// Containers made with --rm are in volatile-containers.json.
class PodmanStorage : public ContainerRuntime {
 public:
  explicit PodmanStorage(std::string root) : root_(std::move(root)) {}

  std::optional<ContainerFacts> find(const std::string& id) const override {
    for (const auto& folder : drivers()) {
      for (const auto* list : {"containers.json", "volatile-containers.json"}) {
        const auto json = read_json_file(folder + "/" + list);
        if (!json || !json->is_array()) continue;
        for (const auto& entry : *json) {
          if (json_text(entry, {"id"}) == id) return facts_of(folder, id, entry);
        }
      }
    }
    return std::nullopt;
  }
  std::vector<std::string> ids() const override {
    std::vector<std::string> ids;
    for (const auto& folder : drivers()) {
      for (auto& id : folder_names(folder)) ids.push_back(std::move(id));
    }
    return ids;
  }

 private:
  std::vector<std::string> drivers() const {
    std::vector<std::string> folders;
    for (const auto& name : folder_names(root_)) {
      if (name.ends_with("-containers")) folders.push_back(root_ + "/" + name);
    }
    return folders;
  }
  static ContainerFacts facts_of(const std::string& folder, const std::string& id,
                                 const nlohmann::json& entry) {
    ContainerFacts facts;
    facts.id = id;
    const auto& names = json_at(entry, {"names"});
    if (names.is_array() && !names.empty() && names.front().is_string()) {
      facts.name = names.front().get<std::string>();
    }
    if (const auto metadata = parse_json(json_text(entry, {"metadata"}), "metadata")) {
      facts.image = json_text(*metadata, {"image-name"});
      if (facts.name.empty()) facts.name = json_text(*metadata, {"name"});
    }
    add_bundle(facts, folder + "/" + id + "/userdata");
    if (facts.runtime.empty()) facts.runtime = "podman";  // CRI-O has the same storage
    return facts;
  }

  std::string root_;
};

// ROOT/ID/config.v2.json.
class DockerContainers : public ContainerRuntime {
 public:
  explicit DockerContainers(std::string root) : root_(std::move(root)) {}

  std::optional<ContainerFacts> find(const std::string& id) const override {
    const auto json = read_json_file(root_ + "/" + id + "/config.v2.json");
    if (!json) return std::nullopt;
    ContainerFacts facts;
    facts.id = id;
    facts.runtime = "docker";
    facts.labels = json_texts(json_at(*json, {"Config", "Labels"}));
    take_kubernetes_names(facts.labels, facts);
    if (facts.name.empty()) facts.name = json_text(*json, {"Name"});
    if (facts.name.starts_with('/')) facts.name.erase(0, 1);
    facts.image = json_text(*json, {"Config", "Image"});
    facts.pid = json_integer(*json, {"State", "Pid"});
    return facts;
  }
  std::vector<std::string> ids() const override { return folder_names(root_); }

 private:
  std::string root_;
};

template <typename Runtime>
void add(std::vector<std::unique_ptr<ContainerRuntime>>& runtimes,
         const std::vector<std::string>& roots) {
  for (const auto& root : roots) runtimes.push_back(std::make_unique<Runtime>(root));
}

}  // namespace

ContainerRuntimes::ContainerRuntimes(const RuntimeRoots& roots) {
  add<PodmanStorage>(runtimes_, roots.podman);
  add<DockerContainers>(runtimes_, roots.docker);
  add<ContainerdTasks>(runtimes_, roots.containerd);
  first_low_level_ = runtimes_.size();
  add<RuncState>(runtimes_, roots.runc);
  add<CrunState>(runtimes_, roots.crun);
}

std::optional<ContainerFacts> ContainerRuntimes::find(const std::string& id) const {
  if (!is_plain_name(id)) return std::nullopt;
  std::optional<ContainerFacts> result;
  for (const auto& runtime : runtimes_) {
    auto facts = runtime->find(id);
    if (!facts) continue;
    if (result) {
      result->complete(*facts);
    } else {
      result = std::move(facts);
    }
  }
  return result;
}

std::optional<ContainerFacts> ContainerRuntimes::find_by_bundle(const std::string& bundle) const {
  for (std::size_t i = first_low_level_; i < runtimes_.size(); ++i) {
    const auto& runtime = runtimes_[i];
    for (const auto& id : runtime->ids()) {
      const auto facts = runtime->find(id);
      if (facts && facts->bundle == bundle) return find(id);
    }
  }
  return std::nullopt;
}

std::vector<ContainerFacts> ContainerRuntimes::running() const {
  std::set<std::string> ids;
  for (const auto& runtime : runtimes_) {
    for (auto& id : runtime->ids()) ids.insert(std::move(id));
  }
  std::vector<ContainerFacts> containers;
  for (const auto& id : ids) {
    auto facts = find(id);
    if (facts && facts->pid > 0) containers.push_back(*std::move(facts));
  }
  return containers;
}

}  // namespace ig
