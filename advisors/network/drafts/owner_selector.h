// SPDX-License-Identifier: Apache-2.0
// Label selectors that choose the pods of one owner and no other. Labels that single out a replica
// or a revision are never used: the next pod would not have them. What the labels choose is proven
// on the inventory, over all pods that lived in the recording's time.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "advisors/network/resolver/inventory_index.h"
#include "advisors/network/traffic.h"

namespace ig {

// Whose pods a policy is for: the topmost owner, or a pod that nobody owns ("Pod", its name).
struct PodOwner {
  std::string kube_namespace, kind, name;

  static PodOwner of(const TrafficEnd& pod);
  static PodOwner of(const InventoryIndex& index, const KubePod& pod);
  std::string text() const;       // "Deployment shop/web", on one line
  std::string pods_text() const;  // "pods of Deployment shop/web", "pod shop/db-0"
  auto operator<=>(const PodOwner&) const = default;
};

struct OwnerSelector {
  LabelSelector selector;  // empty where there is none
  bool exact = false;      // it chooses the owner's pods, and no other's
  std::string note;        // why it is not exact, or what it costs to be; on one line
};

class OwnerSelectors {
 public:
  // `index` outlives it.
  OwnerSelectors(const InventoryIndex& index, const Validity& window);

  const OwnerSelector& of(const PodOwner& owner);
  std::vector<PodOwner> owners() const;
  // Every entry in the window, pods of the node's network too.
  const std::vector<const KubePod*>& pods_of(const PodOwner& owner) const;
  // Whose pods it chooses beside the owner's, or would as soon as there are some.
  std::vector<PodOwner> others(const PodOwner& owner, const LabelSelector& by) const;
  // Whether another kind of owner in the namespace has this name.
  bool shares_name(const PodOwner& owner) const;
  const InventoryIndex& index() const { return index_; }
  const Validity& window() const { return window_; }

 private:
  // The labels of one pod, or of the template of an owner that has none now.
  struct Choosable {
    PodOwner owner;
    const Labels* labels = nullptr;
  };

  OwnerSelector prove(const PodOwner& owner) const;
  OwnerSelector named_or(const PodOwner& owner, OwnerSelector last) const;
  std::vector<Choosable> strangers(const PodOwner& owner, const LabelSelector& by) const;
  // Without those that have a label which no pod of the owner has; nothing where that does not do.
  OwnerSelector without(const PodOwner& owner, const Labels& labels,
                        const std::vector<Choosable>& strangers) const;

  const InventoryIndex& index_;
  Validity window_;
  std::map<PodOwner, std::vector<const KubePod*>> pods_;
  std::vector<Choosable> templates_;  // of owners without pods
  std::map<PodOwner, OwnerSelector> proven_;
};

// The labels that say what a pod is, without those of one replica or revision, those of its
// container runtime, and what is not a Kubernetes label at all.
Labels selecting_labels(const Labels& labels);

// Whether each has the form that Kubernetes wants of a label.
bool are_labels(const Labels& labels);

}  // namespace ig
