// SPDX-License-Identifier: Apache-2.0
#include "advisors/report/process_forest.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <tuple>
#include <unordered_map>

namespace ig::report {
namespace {

// So many brothers of one name with different arguments are shown one by one.
constexpr std::size_t kMostDifferent = 4;
constexpr std::size_t kDeepest = 64;
constexpr std::size_t kNowhere = SIZE_MAX;

struct Node {
  ProcessNode shown;
  std::vector<std::size_t> children;
};

class Forest {
 public:
  Forest(const Ancestry& ancestry, std::size_t executions) : ancestry_(ancestry) {
    nodes_.reserve(executions);
  }

  void add(Execution&& one) {
    const auto above = place_of(one);
    ProcessNode shown{.name = std::move(one.comm),
                      .arguments = std::string(one.arguments),
                      .file = std::string(one.file),
                      .workload = std::string(one.workload),
                      .error = "",
                      .pid = one.pid,
                      .time_ns = one.time_ns};
    shown.depth = std::min(nodes_[above].shown.depth + 1, kDeepest);
    nodes_.push_back({std::move(shown), {}});
    nodes_[above].children.push_back(nodes_.size() - 1);
    running_[one.pid] = nodes_.size() - 1;
  }

  ProcessTree walk(std::size_t most) {
    ProcessTree tree{"Processes", {}};
    std::vector<std::size_t> open(roots_.rbegin(), roots_.rend());
    while (!open.empty()) {
      const auto index = open.back();
      open.pop_back();
      if (tree.nodes.size() < most) {
        tree.nodes.push_back(nodes_[index].shown);
      } else {
        ++tree.left_out;
      }
      const auto children = fold(nodes_[index].children);
      open.insert(open.end(), children.rbegin(), children.rend());
    }
    return tree;
  }

 private:
  // Below what the process itself ran before, else below its parent; a parent that started nothing
  // while recorded gets a node of its own.
  std::size_t place_of(const Execution& one) {
    if (const auto own = running_.find(one.pid); own != running_.end()) {
      const auto& before = nodes_[own->second].shown;
      // The same program again in another process of that number is below its own parent.
      if (before.time_ns > 0 && parents_[one.pid] == one.parent_pid) return own->second;
    }
    parents_[one.pid] = one.parent_pid;
    if (const auto parent = running_.find(one.parent_pid); parent != running_.end()) {
      return parent->second;
    }
    return add_silent(one);
  }

  // A parent that executed nothing: below the nearest of its ancestors that did, or by itself.
  std::size_t add_silent(const Execution& one) {
    std::vector<Parent> line = {{one.parent_pid, one.parent_comm}};
    auto known = running_.end();
    while (known == running_.end() && line.size() < kDeepest) {
      const auto above = ancestry_.find(line.back().pid);
      if (above == ancestry_.end()) break;
      known = running_.find(above->second.pid);
      line.push_back(above->second);
    }
    line.resize(known == running_.end() ? 1 : line.size() - 1);
    auto place = known == running_.end() ? kNowhere : known->second;
    for (auto silent = line.rbegin(); silent != line.rend(); ++silent) {
      place = add_silent(*silent, one.workload, place);
    }
    return place;
  }

  std::size_t add_silent(const Parent& silent, std::string_view workload, std::size_t above) {
    ProcessNode shown;
    shown.name = silent.comm;
    shown.pid = silent.pid;
    shown.workload = workload;
    const auto index = nodes_.size();
    if (above == kNowhere) {
      roots_.push_back(index);
    } else {
      shown.depth = std::min(nodes_[above].shown.depth + 1, kDeepest);
      nodes_[above].children.push_back(index);
    }
    nodes_.push_back({std::move(shown), {}});
    running_[silent.pid] = index;
    return index;
  }

  // Puts children without children together: those that are alike, and many of one name.
  std::vector<std::size_t> fold(const std::vector<std::size_t>& children) {
    std::map<std::pair<std::string, std::string>, std::vector<std::size_t>> alike;
    std::map<std::string, std::size_t> different;
    for (const auto index : children) {
      const auto& node = nodes_[index];
      if (!node.children.empty()) continue;
      auto& group = alike[{node.shown.name, node.shown.arguments}];
      if (group.empty()) ++different[node.shown.name];
      group.push_back(index);
    }
    std::vector<std::size_t> kept;
    std::map<std::string, std::size_t> first;
    for (const auto index : children) {
      auto& shown = nodes_[index].shown;
      const auto group = alike.find({shown.name, shown.arguments});
      if (!nodes_[index].children.empty() || group == alike.end()) {
        kept.push_back(index);
      } else if (different[shown.name] > kMostDifferent) {
        const auto [place, is_first] = first.try_emplace(shown.name, index);
        if (is_first) {
          shown.arguments += " …";
          kept.push_back(index);
        } else {
          ++nodes_[place->second].shown.repeated;
        }
      } else if (group->second.front() == index) {
        shown.repeated = group->second.size();
        kept.push_back(index);
      }
    }
    return kept;
  }

  const Ancestry& ancestry_;
  std::vector<Node> nodes_;
  std::vector<std::size_t> roots_;
  std::unordered_map<std::int64_t, std::size_t> running_;   // by pid: what it runs now
  std::unordered_map<std::int64_t, std::int64_t> parents_;  // by pid
};

}  // namespace

ProcessTree process_forest(std::vector<Execution> executions, const Ancestry& ancestry,
                           std::size_t most_nodes) {
  std::vector<std::size_t> order(executions.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair(executions[i].time_ns, i); });
  Forest forest(ancestry, executions.size());
  for (const auto i : order) forest.add(std::move(executions[i]));
  return forest.walk(most_nodes);
}

}  // namespace ig::report
