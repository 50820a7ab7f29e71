// SPDX-License-Identifier: Apache-2.0
#include "recorder/workload/oci_bundle.h"

#include <initializer_list>

#include "base/json.h"

namespace ig {
namespace {

using Texts = std::map<std::string, std::string>;

std::string first_of(const Texts& annotations, std::initializer_list<const char*> keys) {
  for (const auto* key : keys) {
    const auto found = annotations.find(key);
    if (found != annotations.end() && !found->second.empty()) return found->second;
  }
  return {};
}

std::string manager_of(const Texts& annotations) {
  const auto manager = first_of(annotations, {"io.container.manager"});
  if (manager == "libpod") return "podman";
  if (!manager.empty()) return manager;
  for (const auto& [key, value] : annotations) {
    if (key.starts_with("io.kubernetes.cri-o.")) return "cri-o";
    if (key.starts_with("io.kubernetes.cri.")) return "containerd";
    if (key.starts_with("nerdctl/")) return "containerd";
  }
  return {};
}

// Annotations are the only labels that a plain bundle has; those of runtimes are not labels.
Texts labels_of(const Texts& annotations) {
  Texts labels;
  for (const auto& [key, value] : annotations) {
    const bool internal = key.starts_with("io.kubernetes.cri") ||
                          key.starts_with("io.container.") || key.starts_with("io.podman.") ||
                          key.starts_with("nerdctl/");
    if (!internal) labels.emplace(key, value);
  }
  const auto own = first_of(annotations, {"io.kubernetes.cri-o.Labels", "nerdctl/labels"});
  if (const auto json = parse_json(own, "labels")) labels.merge(json_texts(*json));
  return labels;
}

Result<ContainerFacts> facts_of_config(const nlohmann::json& json) {
  if (!json_at(json, {"ociVersion"}).is_string()) {
    return fail(ErrorCode::kInvalid, "config.json is not an OCI runtime configuration");
  }
  ContainerFacts facts;
  const auto annotations = json_texts(json_at(json, {"annotations"}));
  take_kubernetes_names(annotations, facts);
  facts.runtime = manager_of(annotations);
  facts.labels = labels_of(annotations);
  facts.no_new_privileges = json_bool(json, {"process", "noNewPrivileges"});
  facts.has_seccomp = json_at(json, {"linux", "seccomp"}).is_object();
  return facts;
}

template <typename T>
void fill(T& mine, const T& other) {
  if (mine == T{}) mine = other;
}

}  // namespace

void take_kubernetes_names(const std::map<std::string, std::string>& annotations,
                           ContainerFacts& facts) {
  facts.pod = first_of(annotations, {"io.kubernetes.cri.sandbox-name", "io.kubernetes.pod.name",
                                     "io.kubernetes.cri-o.KubeName"});
  facts.kube_namespace =
      first_of(annotations, {"io.kubernetes.cri.sandbox-namespace", "io.kubernetes.pod.namespace",
                             "io.kubernetes.cri-o.Namespace"});
  facts.pod_uid = first_of(annotations, {"io.kubernetes.cri.sandbox-uid", "io.kubernetes.pod.uid"});
  facts.container =
      first_of(annotations, {"io.kubernetes.cri.container-name", "io.kubernetes.container.name"});
  facts.image =
      first_of(annotations, {"io.kubernetes.cri.image-name", "io.kubernetes.cri-o.ImageName",
                             "io.kubernetes.cri-o.Image", "org.opencontainers.image.ref.name"});
  const auto type = first_of(
      annotations, {"io.kubernetes.cri.container-type", "io.kubernetes.cri-o.ContainerType"});
  // The sandbox holds the pod's namespaces and runs nothing of it.
  if (type == "sandbox") facts.container.clear();
  facts.name = facts.container.empty() ? facts.pod : facts.container;
}

void ContainerFacts::complete(const ContainerFacts& other) {
  fill(id, other.id);
  fill(name, other.name);
  fill(image, other.image);
  fill(runtime, other.runtime);
  fill(bundle, other.bundle);
  fill(kube_namespace, other.kube_namespace);
  fill(pod, other.pod);
  fill(pod_uid, other.pod_uid);
  fill(container, other.container);
  fill(no_new_privileges, other.no_new_privileges);
  fill(has_seccomp, other.has_seccomp);
  fill(pid, other.pid);
  for (const auto& label : other.labels) labels.insert(label);
}

Result<ContainerFacts> parse_oci_config(const std::string& text) {
  IG_ASSIGN(const auto json, parse_json(text, "config.json"));
  return facts_of_config(json);
}

Result<ContainerFacts> read_oci_bundle(const std::string& folder) {
  IG_ASSIGN(const auto json, read_json_file(folder + "/config.json"));
  IG_ASSIGN(auto facts, facts_of_config(json));
  facts.bundle = folder;
  return facts;
}

}  // namespace ig
