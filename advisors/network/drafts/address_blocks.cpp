// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/drafts/address_blocks.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "advisors/network/address_ranges.h"
#include "base/text.h"

namespace ig {
namespace {

// Wider blocks would be a good part of the whole internet.
constexpr unsigned kWidestV4 = 8, kWidestV6 = 32;

struct Block {
  IpNetwork network;
  std::set<IpAddress> recorded;
  std::vector<std::size_t> rules;  // that it stands for
  std::optional<IpNetwork> with_next = {};
};

std::string ports_key(const PolicyRule& rule) {
  std::string key;
  for (const PortRule& port : rule.ports) {
    const auto* number = std::get_if<std::uint16_t>(&port.port);
    key += fmt::format("{} {};", port.protocol, number ? *number : 0);
  }
  return key;
}

// The longest prefix that both begin with.
std::optional<IpNetwork> joined(const IpNetwork& a, const IpNetwork& b) {
  if (a.is_v6() != b.is_v6()) return std::nullopt;
  const unsigned widest = a.is_v6() ? kWidestV6 : kWidestV4;
  for (unsigned length = std::min(a.length(), b.length()) + 1; length-- > widest;) {
    const IpNetwork network(a.address(), length);
    if (network.contains(b)) return network;
  }
  return std::nullopt;
}

bool is_one_address(const PolicyRule& rule) {
  if (!rule.block.empty() || rule.peers.size() != 1 || !rule.peers[0].block) return false;
  const IpNetwork& network = rule.peers[0].block->network;
  return network.length() == (network.is_v6() ? 128U : 32U);
}

unsigned width(const IpNetwork& network) {
  return (network.is_v6() ? 128U : 32U) - network.length();
}

// Blocks with the same ports. Sorted, so that those that begin alike longest stand side by side.
class Group {
 public:
  explicit Group(std::vector<Block> blocks) : blocks_(std::move(blocks)) {
    std::ranges::sort(blocks_, {}, &Block::network);
  }
  void look(const TakenAddresses& taken) {
    for (std::size_t i = 0; i < blocks_.size(); ++i) look_at(i, taken);
  }
  const std::vector<Block>& blocks() const { return blocks_; }

  // The narrowest join of two, by address where several are.
  const Block* narrowest() const {
    const Block* best = nullptr;
    for (const Block& block : blocks_) {
      if (block.with_next && (!best || width(*block.with_next) < width(*best->with_next))) {
        best = &block;
      }
    }
    return best;
  }
  void join(const Block* chosen, const TakenAddresses& taken) {
    const auto place = static_cast<std::size_t>(chosen - blocks_.data());
    Block& into = blocks_[place];
    const Block& next = blocks_[place + 1];
    into.network = *into.with_next;
    into.recorded.insert(next.recorded.begin(), next.recorded.end());
    into.rules.insert(into.rules.end(), next.rules.begin(), next.rules.end());
    blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(place) + 1);
    look_at(place, taken);
    if (place > 0) look_at(place - 1, taken);
  }

 private:
  void look_at(std::size_t place, const TakenAddresses& taken) {
    auto& with_next = blocks_[place].with_next;
    with_next.reset();
    if (place + 1 == blocks_.size()) return;
    with_next = joined(blocks_[place].network, blocks_[place + 1].network);
    if (with_next && taken.any_in(*with_next)) with_next.reset();
  }

  std::vector<Block> blocks_;
};

std::string size_text(const IpNetwork& network, std::size_t recorded) {
  const unsigned bits = (network.is_v6() ? 128 : 32) - network.length();
  if (bits >= 63) return "and more than can be counted";
  return fmt::format("and {} others", format_count((std::uint64_t{1} << bits) - recorded));
}

PolicyRule rule_of(const Block& block, const std::vector<PolicyRule>& rules) {
  PolicyRule rule = rules[block.rules.front()];
  rule.peers.front().block = IpBlock{block.network, {}};
  rule.comments = {fmt::format("{} covers {} recorded addresses {}", block.network.text(),
                               block.recorded.size(),
                               size_text(block.network, block.recorded.size()))};
  for (std::size_t port = 0; port < rule.ports.size(); ++port) {
    std::string evidence;
    for (const std::size_t one : block.rules) {
      evidence += fmt::format("{}{}: {}", evidence.empty() ? "" : "; ",
                              rules[one].peers[0].block->network.address().text(),
                              rules[one].ports[port].comment);
    }
    rule.ports[port].comment = std::move(evidence);
  }
  return rule;
}

// Each block stands where the first of its rules stood.
std::vector<std::string> replace_rules(std::vector<PolicyRule>& rules,
                                       const std::vector<Group>& groups) {
  std::map<std::size_t, PolicyRule> written;
  std::set<std::size_t> gone;
  std::vector<std::string> notes;
  for (const Group& group : groups) {
    for (const Block& block : group.blocks()) {
      if (block.rules.size() == 1) continue;
      gone.insert(block.rules.begin(), block.rules.end());
      PolicyRule rule = rule_of(block, rules);
      notes.push_back(rule.comments.front());
      written.emplace(*std::ranges::min_element(block.rules), std::move(rule));
    }
  }
  std::vector<PolicyRule> out;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const auto block = written.find(i);
    if (block != written.end()) out.push_back(std::move(block->second));
    if (!gone.contains(i)) out.push_back(std::move(rules[i]));
  }
  rules = std::move(out);
  return notes;
}

}  // namespace

TakenAddresses::TakenAddresses(const Inventory& inventory, std::set<IpAddress> more)
    : addresses_(std::move(more)) {
  const auto take = [&](const auto& list) {
    for (const auto& object : list) {
      addresses_.insert(object.addresses.begin(), object.addresses.end());
    }
  };
  networks_.assign(special_networks().begin(), special_networks().end());
  // Nobody knows whose they are: a pod of tomorrow may get one.
  const bool ranges_known =
      !inventory.nodes.empty() && std::ranges::none_of(inventory.nodes, [](const KubeNode& node) {
        return node.pod_cidrs.empty();
      });
  if (!ranges_known) {
    networks_.insert(networks_.end(), private_networks().begin(), private_networks().end());
  }
  take(inventory.pods);
  take(inventory.nodes);
  take(inventory.services);
  for (const KubeNode& node : inventory.nodes) {
    for (const std::string& range : node.pod_cidrs) {
      if (const auto network = IpNetwork::parse(range)) networks_.push_back(*network);
    }
  }
}

bool TakenAddresses::any_in(const IpNetwork& network) const {
  const auto next = addresses_.lower_bound(network.address());
  if (next != addresses_.end() && network.contains(*next)) return true;
  return std::ranges::any_of(networks_, [&](const IpNetwork& range) {
    return range.contains(network) || network.contains(range);
  });
}

std::vector<std::string> join_blocks(std::vector<PolicyRule>& rules, std::size_t budget,
                                     const TakenAddresses& taken) {
  std::map<std::string, std::vector<Block>> by_ports;
  std::size_t count = 0, apart = 0;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (!is_one_address(rules[i])) continue;
    const IpNetwork network = rules[i].peers[0].block->network;
    if (taken.any_in(network)) {
      ++apart;
      continue;
    }
    by_ports[ports_key(rules[i])].push_back({network, {network.address()}, {i}});
    ++count;
  }
  if (count + apart <= budget) return {};
  std::vector<Group> groups;
  for (auto& [ports, blocks] : by_ports) groups.emplace_back(std::move(blocks)).look(taken);
  for (; count > budget; --count) {
    Group* group = nullptr;
    const Block* best = nullptr;
    for (Group& one : groups) {
      const Block* block = one.narrowest();
      if (block && (!best || width(*block->with_next) < width(*best->with_next))) {
        best = block;
        group = &one;
      }
    }
    if (best == nullptr) break;
    group->join(best, taken);
  }
  std::vector<std::string> notes = replace_rules(rules, groups);
  if (apart > 0) {
    notes.push_back(fmt::format(
        "{} of their own: what is the cluster's, or may be, is not joined",
        apart == 1 ? "1 address keeps a block" : fmt::format("{} addresses keep blocks", apart)));
  }
  if (count > budget) {
    notes.push_back(fmt::format(
        "{} blocks of addresses are left of a budget of {}: their ports differ, or a wider block "
        "would cover addresses of others",
        count, budget));
  }
  return notes;
}

}  // namespace ig
