// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/address_blocks.h"

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

bool may_join(const PolicyRule& rule, const TakenAddresses& taken) {
  if (!rule.block.empty() || rule.peers.size() != 1 || !rule.peers[0].block) return false;
  const IpNetwork& network = rule.peers[0].block->network;
  return network.length() == (network.is_v6() ? 128U : 32U) && !taken.any_in(network);
}

// The two whose join is narrowest, and by address where several are.
struct Choice {
  std::size_t a = 0, b = 0;
  IpNetwork network;
};

std::optional<Choice> narrowest(const std::vector<Block>& blocks, const TakenAddresses& taken) {
  std::optional<Choice> best;
  for (std::size_t a = 0; a < blocks.size(); ++a) {
    // Sorted, so that what begins alike longest stands side by side.
    const std::size_t b = a + 1;
    if (b == blocks.size()) break;
    const auto network = joined(blocks[a].network, blocks[b].network);
    if (!network || taken.any_in(*network)) continue;
    const unsigned of_family = network->is_v6() ? 128 : 32;
    const auto width = [&](const IpNetwork& one) {
      return (one.is_v6() ? 128 : 32) - one.length();
    };
    if (!best || of_family - network->length() < width(best->network))
      best = Choice{a, b, *network};
  }
  return best;
}

std::string size_text(const IpNetwork& network, std::size_t recorded) {
  const unsigned bits = (network.is_v6() ? 128 : 32) - network.length();
  if (bits >= 63) return "and more than can be counted";
  return fmt::format("and {} others", format_count((std::uint64_t{1} << bits) - recorded));
}

PolicyRule rule_of(const Block& block, const std::vector<PolicyRule>& rules) {
  PolicyRule rule = rules[block.rules.front()];
  if (block.rules.size() == 1) return rule;
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

}  // namespace

TakenAddresses::TakenAddresses(const Inventory& inventory, std::set<IpAddress> more)
    : addresses_(std::move(more)) {
  const auto take = [&](const auto& list) {
    for (const auto& object : list) {
      addresses_.insert(object.addresses.begin(), object.addresses.end());
    }
  };
  networks_.assign(special_networks().begin(), special_networks().end());
  // Nobody knows whose they are.
  if (inventory.empty()) {
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
  std::map<std::string, std::vector<Block>> groups;  // by ports
  std::size_t count = 0, place = rules.size();
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (!may_join(rules[i], taken)) continue;
    const IpNetwork network = rules[i].peers[0].block->network;
    groups[ports_key(rules[i])].push_back({network, {network.address()}, {i}});
    place = std::min(place, i);
    ++count;
  }
  if (count <= budget) return {};
  for (auto& [ports, blocks] : groups) std::ranges::sort(blocks, {}, &Block::network);
  while (count > budget) {
    std::optional<Choice> best;
    std::vector<Block>* of = nullptr;
    for (auto& [ports, blocks] : groups) {
      const auto choice = narrowest(blocks, taken);
      const auto width = [](const IpNetwork& one) {
        return (one.is_v6() ? 128U : 32U) - one.length();
      };
      if (!choice || (best && width(best->network) <= width(choice->network))) continue;
      best = choice;
      of = &blocks;
    }
    if (of == nullptr) break;
    Block& into = (*of)[best->a];
    Block& from = (*of)[best->b];
    into.network = best->network;
    into.recorded.insert(from.recorded.begin(), from.recorded.end());
    into.rules.insert(into.rules.end(), from.rules.begin(), from.rules.end());
    of->erase(of->begin() + static_cast<std::ptrdiff_t>(best->b));
    --count;
  }
  std::vector<Block> all;
  for (const auto& [ports, blocks] : groups) all.insert(all.end(), blocks.begin(), blocks.end());
  std::ranges::sort(all, {}, [](const Block& block) { return block.rules.front(); });
  std::vector<std::string> notes;
  std::vector<PolicyRule> joined_rules;
  std::set<std::size_t> gone;
  for (const Block& block : all) {
    gone.insert(block.rules.begin(), block.rules.end());
    joined_rules.push_back(rule_of(block, rules));
    if (block.rules.size() > 1) notes.push_back(joined_rules.back().comments.front());
  }
  if (count > budget) {
    notes.push_back(fmt::format(
        "{} blocks of addresses are left of a budget of {}: their ports differ, or a wider block "
        "would cover addresses of others",
        count, budget));
  }
  std::vector<PolicyRule> out;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (i == place) std::ranges::move(joined_rules, std::back_inserter(out));
    if (!gone.contains(i)) out.push_back(std::move(rules[i]));
  }
  rules = std::move(out);
  return notes;
}

}  // namespace ig
