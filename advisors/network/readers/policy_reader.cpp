// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/readers/policy_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "advisors/network/readers/policy_dialects.h"

namespace ig {
namespace {

// Here what the parsers and the dialects' readers throw becomes an Error; it passes no other
// function's end.
template <typename Read>
auto guarded(const std::string& name, Read read) -> Result<decltype(read())> {
  const auto refuse = [&](std::string_view what) {
    return fail(
        ErrorCode::kInvalid, fmt::format("{}: {}", name, what),
        "policies are YAML or JSON as kubectl takes it; docs/network-policy-verification.md "
        "lists what is read");
  };
  try {
    return read();
  } catch (const PolicyUnfit& error) {
    return refuse(error.what());
  } catch (const std::exception& error) {  // nlohmann::json::exception, YAML::Exception
    return refuse(error.what());
  }
}

PolicyHead read_head(PolicyFields& document, const std::string& source) {
  PolicyHead head;
  head.source = source;
  const auto version = document.text("apiVersion");
  const auto slash = version.find('/');
  head.group = slash == version.npos ? "" : version.substr(0, slash);
  head.version = slash == version.npos ? version : version.substr(slash + 1);
  head.kind = document.text("kind");
  const auto metadata = document.find("metadata");
  if (!metadata) return head;
  PolicyFields fields(*metadata);
  head.name = fields.text("name");
  head.kube_namespace = fields.text("namespace");
  if (const auto labels = fields.find("labels")) {
    for (const auto& [key, value] : labels->entries()) head.labels[key] = value.text();
  }
  return head;
}

bool is_calico(const PolicyHead& head) {
  return head.group == "projectcalico.org" || head.group == "crd.projectcalico.org";
}

bool is_one_of(std::string_view kind, std::initializer_list<std::string_view> kinds) {
  return std::ranges::find(kinds, kind) != kinds.end();
}

std::optional<std::vector<Policy>> read_policy(const PolicyHead& head, PolicyFields& document,
                                               const PolicyContext& context) {
  const auto& kind = head.kind;
  if (kind == "NetworkPolicy" && is_one_of(head.group, {"networking.k8s.io", "extensions"})) {
    return read_kubernetes_policy(head, document);
  }
  if (head.group == "cilium.io" &&
      is_one_of(kind, {"CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"})) {
    return read_cilium_policy(head, document, context);
  }
  if (is_calico(head) &&
      is_one_of(kind, {"NetworkPolicy", "GlobalNetworkPolicy", "StagedNetworkPolicy",
                       "StagedGlobalNetworkPolicy", "StagedKubernetesNetworkPolicy"})) {
    return read_calico_policy(head, document, context);
  }
  const bool v1alpha1 = is_one_of(kind, {"AdminNetworkPolicy", "BaselineAdminNetworkPolicy"});
  if (head.group == "policy.networking.k8s.io" &&
      (v1alpha1 ? head.version == "v1alpha1"
                : kind == "ClusterNetworkPolicy" && head.version == "v1alpha2")) {
    return read_admin_policy(head, document);
  }
  if (kind.ends_with("NetworkPolicy")) {
    throw PolicyUnfit(fmt::format("{} of {}/{} is not a kind of policy that is read", kind,
                                  head.group, head.version));
  }
  return std::nullopt;
}

}  // namespace

struct PolicyReader::Documents {
  struct Entry {
    KubeDocument document;
    PolicyHead head;
    bool is_context = false;
  };
  std::vector<Entry> entries;
  PolicyContext context;

  void add(KubeDocument document) {
    PolicyFields fields{PolicyNode(document.value, "")};
    auto head = read_head(fields, document.source);
    if (head.kind.empty()) throw PolicyUnfit("it has no kind");
    fields.find("spec");
    const bool is_context =
        (is_calico(head) && add_calico_context(head, fields, context)) ||
        (head.group == "cilium.io" && add_cilium_context(head, fields, context));
    entries.push_back({std::move(document), std::move(head), is_context});
  }

  static std::optional<std::vector<Policy>> read(const Entry& entry, const PolicyContext& context) {
    PolicyFields fields{PolicyNode(entry.document.value, "")};
    fields.pass_over({"apiVersion", "kind", "metadata"});
    auto policies = read_policy(entry.head, fields, context);
    if (policies) fields.no_more();
    if (policies && entry.head.name.empty()) throw PolicyUnfit("metadata.name is missing");
    return policies;
  }
};

PolicyReader::PolicyReader() : documents_(std::make_unique<Documents>()) {}
PolicyReader::~PolicyReader() = default;

Result<> PolicyReader::add(std::string_view text, const std::string& name) {
  IG_ASSIGN(auto documents, guarded(name, [&] { return read_kube_documents(text, name); }));
  for (auto& document : documents) {
    const auto source = document.source;
    IG_TRY(guarded(source, [&] {
      documents_->add(std::move(document));
      return true;
    }));
  }
  return {};
}

Result<std::vector<Policy>> PolicyReader::finish() const {
  std::vector<Policy> all;
  for (const auto& entry : documents_->entries) {
    if (entry.is_context) continue;
    IG_ASSIGN(auto policies, guarded(entry.document.source,
                                     [&] { return Documents::read(entry, documents_->context); }));
    if (!policies) continue;
    std::move(policies->begin(), policies->end(), std::back_inserter(all));
  }
  return all;
}

std::vector<std::string> PolicyReader::passed_over() const {
  std::set<std::string> kinds;
  for (const auto& entry : documents_->entries) {
    if (!entry.is_context && !entry.head.kind.ends_with("NetworkPolicy")) {
      kinds.insert(entry.head.kind);
    }
  }
  return {kinds.begin(), kinds.end()};
}

Result<std::vector<Policy>> read_policies(std::string_view text, const std::string& name) {
  PolicyReader reader;
  IG_TRY(reader.add(text, name));
  IG_ASSIGN(auto policies, reader.finish());
  if (policies.empty()) {
    return fail(ErrorCode::kInvalid, fmt::format("{}: it holds no network policy", name),
                "policies are YAML or JSON as kubectl takes it");
  }
  return policies;
}

}  // namespace ig
