// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/evaluator/diff_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "advisors/advice_text.h"
#include "advisors/network/evaluator/policy_atoms.h"
#include "advisors/network/evaluator/policy_evaluator.h"
#include "advisors/network/evaluator/policy_match.h"
#include "advisors/network/evaluator/verify_network.h"
#include "base/text.h"

namespace ig {
namespace {

using Kind = NetworkChange::Kind;

constexpr std::size_t kFewLeftOut = 3;
constexpr std::size_t kMostQuestions = 20'000'000;
enum class Level { kDenied, kOpen, kAllowed };

// What changes of one subject in one direction, but for the peers.
struct Change {
  Kind kind;
  bool egress, open;
  std::string subject, ports, because, source, before;
  auto operator<=>(const Change&) const = default;
};

struct Side {
  explicit Side(std::span<const Policy> all) : policies(all), evaluator(all) {}
  std::span<const Policy> policies;
  PolicyEvaluator evaluator;

  bool has_say(const PolicyAtom& subject, bool egress) const {
    return std::ranges::any_of(policies, [&](const Policy& policy) {
      const bool speaks = egress ? policy.is_egress || !policy.egress.empty()
                                 : policy.is_ingress || !policy.ingress.empty();
      return speaks && !policy.is_staged && !selects(policy, subject.end).is_no();
    });
  }

  PolicyDecision decide(const PolicyAtom& subject, const PolicyAtom& peer, bool egress,
                        const PortRange& range) const {
    Traffic traffic;
    traffic.source = egress ? subject.end : peer.end;
    traffic.destination = egress ? peer.end : subject.end;
    // Of two pods that are alike, not of one with itself.
    traffic.source.pod_uid += " as source";
    traffic.protocol = range.protocol;
    traffic.port = range.first;
    const auto verdict = evaluator.judge(traffic);
    return egress ? verdict.egress : verdict.ingress;
  }
};

Level level_of(const PolicyDecision& decision) {
  if (!decision.undecided_because.empty()) return Level::kOpen;
  return decision.allowed ? Level::kAllowed : Level::kDenied;
}

std::string because_of(const PolicyDecision& decision, bool egress) {
  auto text = decision_text(decision, egress);
  if (text.empty()) text = fmt::format("no policy restricts {}", egress ? "egress" : "ingress");
  if (!decision.undecided_because.empty()) text += "; " + decision.undecided_because;
  return text;
}

class Comparer {
 public:
  Comparer(std::span<const Policy> before, std::span<const Policy> after, const PortSpace& ports)
      : before_(before), after_(after), ports_(ports) {}

  void compare(const PolicyAtom& subject, const std::vector<PolicyAtom>& peers, bool egress) {
    if (!before_.has_say(subject, egress) && !after_.has_say(subject, egress)) return;
    for (const auto& peer : peers) compare(subject, peer, egress);
  }

  const std::map<Change, std::set<std::string>>& found() const { return found_; }

 private:
  void compare(const PolicyAtom& subject, const PolicyAtom& peer, bool egress) {
    // By what decides on both sides, because that is what a reader looks up.
    std::map<Change, std::vector<PortRange>> changes;
    const bool named = !egress || peer.kind == PolicyAtom::Kind::kPod;
    ports_.where(
        [&](const PortRange& range) {
          add_change(changes, subject, peer, egress, range);
          return false;
        },
        named);
    for (auto& [change, ranges] : changes) {
      Change key = change;
      key.ports = ports_text(joined(ranges)) + without_text(ranges, named);
      found_[std::move(key)].insert(peer.name);
    }
  }

  void add_change(std::map<Change, std::vector<PortRange>>& changes, const PolicyAtom& subject,
                  const PolicyAtom& peer, bool egress, const PortRange& range) {
    const auto old_one = before_.decide(subject, peer, egress, range);
    const auto new_one = after_.decide(subject, peer, egress, range);
    const auto was = level_of(old_one), is = level_of(new_one);
    if (was == is) return;
    const bool added = is > was;
    const auto& more = added ? new_one : old_one;
    const auto& less = added ? old_one : new_one;
    changes[{.kind = added ? Kind::kAdded : Kind::kRemoved,
             .egress = egress,
             .open = level_of(more) == Level::kOpen || level_of(less) == Level::kOpen,
             .subject = subject.name,
             .ports = {},
             .because = because_of(more, egress),
             .source = more.policy   ? more.policy->source
                       : less.policy ? less.policy->source
                                     : "",
             .before = because_of(less, egress)}]
        .push_back(range);
  }

  // A port that is named may have any number: it is in a range, or stays out of it.
  std::string without_text(const std::vector<PortRange>& ranges, bool named) const {
    std::vector<PortRange> left_out;
    for (const auto& port : named ? ports_.named_ports() : std::vector<ContainerPort>{}) {
      const PortRange piece{port.protocol, port.port, port.port, port.name};
      if (is_covered(ranges, piece) && std::ranges::find(ranges, piece) == ranges.end()) {
        left_out.push_back(piece);
      }
    }
    return left_out.empty() ? "" : " but " + ports_text(left_out);
  }

  // By a range of numbers.
  static bool is_covered(const std::vector<PortRange>& ranges, const PortRange& piece) {
    return std::ranges::any_of(ranges, [&](const PortRange& range) {
      return range.name.empty() && range.protocol == piece.protocol && range.first <= piece.first &&
             piece.first <= range.last;
    });
  }

  static std::vector<PortRange> joined(const std::vector<PortRange>& pieces) {
    std::vector<PortRange> ranges;
    for (const auto& piece : pieces) {
      const bool touches = !ranges.empty() && piece.first > 0 && piece.name.empty() &&
                           ranges.back().name.empty() && ranges.back().protocol == piece.protocol &&
                           ranges.back().last + 1 == piece.first;
      if (touches) {
        ranges.back().last = piece.last;
      } else {
        ranges.push_back(piece);
      }
    }
    const auto all = ranges;
    std::erase_if(ranges, [&](const PortRange& range) {
      return !range.name.empty() && is_covered(all, range);
    });
    return ranges;
  }

  Side before_, after_;
  const PortSpace& ports_;
  std::map<Change, std::set<std::string>> found_;
};

// "everybody", "everybody but pods app=db of shop", "all pods", "all pods of shop", "all
// addresses", and what is left by name.
std::vector<std::string> summed_up(const std::set<std::string>& names,
                                   const std::vector<PolicyAtom>& peers) {
  std::map<std::string, std::set<std::string>> kinds, groups;
  for (const auto& peer : peers) {
    if (peer.kind == PolicyAtom::Kind::kPod) {
      kinds["all pods"].insert(peer.name);
      groups["all pods of " + peer.group].insert(peer.name);
    } else if (peer.kind == PolicyAtom::Kind::kAddress) {
      kinds["all addresses"].insert(peer.name);
    }
  }
  if (names.size() == peers.size()) return {"everybody"};
  if (names.size() > kFewLeftOut && peers.size() - names.size() <= kFewLeftOut) {
    std::vector<std::string> left_out;
    for (const auto& peer : peers) {
      if (!names.contains(peer.name)) left_out.push_back(peer.name);
    }
    return {"everybody but " + join(left_out, "; ")};
  }
  std::vector<std::string> words;
  auto rest = names;
  const auto sum_up = [&](const auto& sums, std::size_t least) {
    for (const auto& [word, members] : sums) {
      if (members.size() < least || !std::ranges::includes(rest, members)) continue;
      words.push_back(word);
      for (const auto& member : members) rest.erase(member);
    }
  };
  sum_up(kinds, 2);
  sum_up(groups, 1);
  words.insert(words.end(), rest.begin(), rest.end());
  return words;
}

// Pods that two selectors choose say nothing new where one of the selectors' pods changes alike.
bool is_said_already(const std::vector<NetworkChange>& changes, const NetworkChange& change,
                     const std::set<std::string>& parts) {
  return std::ranges::any_of(changes, [&](const NetworkChange& said) {
    NetworkChange same = change;
    same.subject = said.subject;
    return parts.contains(said.subject) && same == said;
  });
}

// The subjects whose labels are a part of this one's.
std::set<std::string> parts_of(const PolicyAtom& subject, const std::vector<PolicyAtom>& all) {
  std::set<std::string> parts;
  for (const auto& other : all) {
    if (other.group != subject.group || other.end.labels.size() >= subject.end.labels.size()) {
      continue;
    }
    const auto has = [&](const auto& label) {
      const auto found = subject.end.labels.find(label.first);
      return found != subject.end.labels.end() && found->second == label.second;
    };
    if (std::ranges::all_of(other.end.labels, has)) parts.insert(other.name);
  }
  return parts;
}

std::vector<NetworkChange> changes_of(const Comparer& comparer, const PolicyAtoms& atoms) {
  std::vector<NetworkChange> changes;
  auto subjects = atoms.subjects();
  std::ranges::stable_sort(subjects, {}, [](const PolicyAtom& s) { return s.end.labels.size(); });
  for (const auto& subject : subjects) {
    const auto parts = parts_of(subject, subjects);
    for (const auto& [change, peers] : comparer.found()) {
      if (change.subject != subject.name) continue;
      NetworkChange one{change.kind,
                        change.egress,
                        change.open,
                        change.subject,
                        summed_up(peers, atoms.peers()),
                        change.ports,
                        change.because,
                        change.source,
                        change.before};
      if (!is_said_already(changes, one, parts)) changes.push_back(std::move(one));
    }
  }
  std::ranges::stable_sort(changes, {}, [](const NetworkChange& change) {
    return std::tuple(change.kind, change.subject, change.egress);
  });
  return changes;
}

}  // namespace

std::size_t NetworkDiff::count(NetworkChange::Kind kind) const {
  return static_cast<std::size_t>(std::ranges::count(changes, kind, &NetworkChange::kind));
}

Result<NetworkDiff> diff_network(std::span<const Policy> before, std::span<const Policy> after) {
  PortSpace ports;
  std::vector<Policy> all(before.begin(), before.end());
  all.insert(all.end(), after.begin(), after.end());
  for (const auto& policy : all) ports.add(policy);
  const PolicyAtoms atoms(all, ports);
  std::size_t pieces = 0;
  ports.where([&](const PortRange&) { return ++pieces > 0; }, true);
  if (atoms.subjects().size() * atoms.peers().size() * pieces > kMostQuestions) {
    return fail(ErrorCode::kFailed,
                "the policies have too many selectors, blocks and ports to compare all of them",
                "compare a namespace at a time");
  }
  Comparer comparer(before, after, ports);
  for (const auto& subject : atoms.subjects()) {
    for (const bool egress : {false, true}) comparer.compare(subject, atoms.peers(), egress);
  }
  return NetworkDiff{changes_of(comparer, atoms), atoms.caveats()};
}

}  // namespace ig
