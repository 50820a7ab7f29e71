// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/drafts/policy_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace ig {
namespace {

constexpr std::size_t kLongest = 63;

bool is_label_character(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) { return lower(c); });
  return text;
}

// FNV-1a: the same on every machine.
std::string hash_of(const std::string& text) {
  std::uint32_t hash = 2166136261U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return fmt::format("{:08x}", hash);
}

std::string cut(std::string label, std::size_t longest) {
  label.resize(std::min(label.size(), longest));
  while (!label.empty() && label.back() == '-') label.pop_back();
  return label;
}

std::string wanted_name(const PodOwner& owner, const OwnerSelectors& selectors) {
  return selectors.shares_name(owner) ? owner.name + '-' + lower(owner.kind) : owner.name;
}

}  // namespace

std::string dns_label(const std::string& text) {
  std::string label;
  for (const char c : text) {
    if (is_label_character(lower(c))) {
      label += lower(c);
    } else if (!label.empty() && label.back() != '-') {
      label += '-';
    }
  }
  label = cut(std::move(label), text.size());
  if (label == lower(text) && !label.empty() && label.size() <= kLongest) return label;
  const std::string base = cut(label.empty() ? "workload" : label, kLongest - 9);
  return base + '-' + hash_of(text);
}

PolicyNames::PolicyNames(const OwnerSelectors& selectors,
                         std::span<const NetworkSubject> subjects) {
  std::set<std::pair<std::string, std::string>> taken;
  const auto free_name = [&](const std::string& kube_namespace, std::string name,
                             const std::string& key) {
    if (!taken.emplace(kube_namespace, name).second) {
      name = dns_label(cut(name, kLongest - 9) + '-' + hash_of(key));
      taken.emplace(kube_namespace, name);
    }
    return name;
  };
  // Every owner's is taken, so that nobody else's policy replaces it.
  std::map<PodOwner, std::string> of_owners;
  for (const PodOwner& owner : selectors.owners()) {
    of_owners[owner] =
        free_name(owner.kube_namespace, dns_label(wanted_name(owner, selectors)), owner.text());
  }
  std::map<std::string, int> files;
  for (const NetworkSubject& subject : subjects) {
    const auto own = subject.owner ? of_owners.find(*subject.owner) : of_owners.end();
    const std::string name =
        own != of_owners.end()
            ? own->second
            : free_name(subject.kube_namespace, dns_label(subject.name), subject.key);
    names_[subject.key] = {name, name};
    ++files[name];
  }
  for (const NetworkSubject& subject : subjects) {
    PolicyName& name = names_[subject.key];
    if (files[name.object] > 1) {
      name.file = dns_label(subject.kube_namespace + '-' + name.object);
    }
  }
}

}  // namespace ig
