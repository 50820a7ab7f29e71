// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/diff_seccomp.h"

#include <fmt/format.h>
#include <linux/seccomp.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "advisors/advice_text.h"
#include "advisors/seccomp/argument_values.h"
#include "advisors/seccomp/dangerous_calls.h"
#include "advisors/seccomp/syscall_groups.h"
#include "advisors/seccomp/verify_seccomp.h"
#include "base/text.h"

namespace ig {
namespace {

using Node = DecisionDiagrams::Node;
using Kind = SeccompChange::Kind;
using Of = SeccompChange::Of;
using Names = std::set<std::string>;

// How far a call gets with an answer: nowhere, to another process that decides, or on.
int reach(std::uint32_t answer) {
  switch (answer & SECCOMP_RET_ACTION_FULL) {
    case SECCOMP_RET_ALLOW:
    case SECCOMP_RET_LOG:
      return 2;
    case SECCOMP_RET_USER_NOTIF:
    case SECCOMP_RET_TRACE:
      return 1;
    default:
      return 0;
  }
}

std::string word_of(std::uint32_t answer, bool recorded) {
  if (recorded) return answer == SeccompSide::kNotSeen ? "not seen" : "seen";
  if ((answer & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO) {
    const char* name = strerrorname_np(static_cast<int>(answer & SECCOMP_RET_DATA));
    if (name != nullptr) return name;
  }
  return answer_text(answer);
}

// The subject's part of a diff.
class Comparison {
 public:
  Comparison(DecisionDiagrams& diagrams, const SeccompSide& before, const SeccompSide& after,
             std::string subject, std::vector<SeccompChange>& changes)
      : diagrams_(diagrams),
        before_(before),
        after_(after),
        subject_(std::move(subject)),
        changes_(changes) {}

  void run() {
    for (const auto& [arch, side] : before_.archs) {
      const auto other = after_.archs.find(arch);
      if (other == after_.archs.end()) {
        add_arch(arch, side, before_.recorded, Kind::kRemoved);
      } else {
        compare_arch(arch, side, other->second);
      }
    }
    for (const auto& [arch, side] : after_.archs) {
      if (!before_.archs.contains(arch)) add_arch(arch, side, after_.recorded, Kind::kAdded);
    }
    if (either_recorded()) return;
    compare_names(Of::kArchitecture, before_.unknown_archs, after_.unknown_archs);
    compare_names(Of::kFlag, before_.flags, after_.flags);
  }

 private:
  struct Steps {
    bool up = false, down = false, differ = false;
  };

  // A recording says nothing of what is denied, so only what gets on can be compared with it.
  bool either_recorded() const { return before_.recorded || after_.recorded; }

  Steps steps(Node before, Node after) {
    const Node pairs = diagrams_.combine(before, after, [&](std::uint32_t a, std::uint32_t b) {
      if (reach(a) != reach(b)) return reach(b) > reach(a) ? 1U : 2U;
      return a != b && !either_recorded() ? 4U : 0U;
    });
    Steps steps;
    for (const auto leaf : diagrams_.leaves(pairs)) {
      steps.up |= leaf == 1;
      steps.down |= leaf == 2;
      steps.differ |= leaf == 4;
    }
    return steps;
  }

  bool gets_on(Node answer) const {
    return std::ranges::any_of(diagrams_.leaves(answer),
                               [](std::uint32_t leaf) { return reach(leaf) > 0; });
  }

  std::optional<Kind> kind_of(Node before, Node after) {
    if (before == after) return std::nullopt;
    const Steps way = steps(before, after);
    if (way.up) return gets_on(before) ? Kind::kWidened : Kind::kAdded;
    if (way.down) return gets_on(after) ? Kind::kNarrowed : Kind::kRemoved;
    if (way.differ) return Kind::kAnsweredOtherwise;
    return std::nullopt;
  }

  // The values for which `to` gets further than `from`; "" where that is all values.
  std::string further(Node from, Node to, const std::string& call) {
    const auto compare = [&](bool wanted) {
      return diagrams_.combine(from, to, [&](std::uint32_t a, std::uint32_t b) {
        return (reach(b) > reach(a)) == wanted ? 1U : 0U;
      });
    };
    const Node set = compare(true);
    if (diagrams_.leaves(set) == std::set<std::uint32_t>{0}) return "";
    return values_text(diagrams_, set, compare(false), call);
  }

  // What gets on first: "allow or EPERM".
  std::string answers(Node node, bool recorded) const {
    const auto leaves = diagrams_.leaves(node);
    std::vector<std::uint32_t> ordered(leaves.begin(), leaves.end());
    std::ranges::stable_sort(ordered, std::greater{}, reach);
    if (recorded) ordered.resize(1);
    std::vector<std::string> words;
    for (const auto leaf : ordered) words.push_back(word_of(leaf, recorded));
    return join(words, " or ");
  }

  SeccompChange change(Kind kind, Of of, std::string name) const {
    SeccompChange made{.kind = kind, .of = of, .subject = subject_, .name = std::move(name)};
    return made;
  }

  static Node find(const SideArch& side, const std::string& name, std::string& evidence) {
    const auto found = side.calls.find(name);
    if (found == side.calls.end()) return side.otherwise;
    if (!found->second.evidence.empty()) evidence = found->second.evidence;
    return found->second.answer;
  }

  void compare_arch(const std::string& arch, const SideArch& before, const SideArch& after) {
    Names names, by_default;
    for (const auto* side : {&before, &after}) {
      for (const auto& [name, call] : side->calls) names.insert(name);
    }
    for (const auto& name : names) {
      std::string evidence;
      const Node old_answer = find(before, name, evidence);
      const Node new_answer = find(after, name, evidence);
      if (!either_recorded() && old_answer == before.otherwise && new_answer == after.otherwise) {
        by_default.insert(name);
      } else if (const auto kind = kind_of(old_answer, new_answer)) {
        add_call(*kind, arch, name, old_answer, new_answer, evidence);
      }
    }
    if (either_recorded()) return;
    if (auto kind = kind_of(before.otherwise, after.otherwise)) {
      if (kind == Kind::kAdded) kind = Kind::kWidened;
      if (kind == Kind::kRemoved) kind = Kind::kNarrowed;
      auto made = change(*kind, Of::kDefault, "");
      made.archs = {arch};
      made.before = answers(before.otherwise, false);
      made.after = answers(after.otherwise, false);
      made.calls.assign(by_default.begin(), by_default.end());
      changes_.push_back(std::move(made));
    }
  }

  void add_call(Kind kind, const std::string& arch, const std::string& name, Node before,
                Node after, const std::string& evidence) {
    auto made = change(kind, Of::kCall, name);
    made.archs = {arch};
    made.before = answers(before, before_.recorded);
    made.after = answers(after, after_.recorded);
    if (kind != Kind::kRemoved) made.gained = further(before, after, name);
    if (kind != Kind::kAdded && kind != Kind::kRemoved) made.lost = further(after, before, name);
    for (const auto group : syscall_groups(name)) made.groups.emplace_back(group);
    if (const auto* danger = find_dangerous_call(name)) made.danger = danger->why;
    made.evidence = evidence;
    changes_.push_back(std::move(made));
  }

  void add_arch(const std::string& arch, const SideArch& side, bool recorded, Kind kind) {
    auto made = change(kind, Of::kArchitecture, arch);
    for (const auto& [name, call] : side.calls) {
      if (gets_on(call.answer)) made.calls.push_back(name);
    }
    if (made.calls.empty() && !gets_on(side.otherwise)) made.kind = Kind::kAnsweredOtherwise;
    (kind == Kind::kAdded ? made.after : made.before) = recorded ? "seen" : "in the list";
    changes_.push_back(std::move(made));
  }

  void compare_names(Of of, const Names& before, const Names& after) {
    const bool widens = of == Of::kArchitecture;
    for (const auto& name : before) {
      if (after.contains(name)) continue;
      changes_.push_back(change(widens ? Kind::kRemoved : Kind::kAnsweredOtherwise, of, name));
      changes_.back().before = "in the list";
    }
    for (const auto& name : after) {
      if (before.contains(name)) continue;
      changes_.push_back(change(widens ? Kind::kAdded : Kind::kAnsweredOtherwise, of, name));
      changes_.back().after = "in the list";
    }
  }

  DecisionDiagrams& diagrams_;
  const SeccompSide& before_;
  const SeccompSide& after_;
  std::string subject_;
  std::vector<SeccompChange>& changes_;
};

// One entry for what changed alike on several architectures.
void join_archs(std::vector<SeccompChange>& changes) {
  std::map<std::tuple<std::string, Kind, Of, std::string, std::string, std::string, std::string,
                      std::string, std::string, std::vector<std::string>>,
           std::size_t>
      places;
  std::vector<SeccompChange> joined;
  for (auto& change : changes) {
    auto calls = change.of == Of::kDefault ? std::vector<std::string>{} : change.calls;
    const auto [place, is_new] = places.try_emplace(
        {change.subject, change.kind, change.of, change.name, change.before, change.after,
         change.gained, change.lost, change.evidence, std::move(calls)},
        joined.size());
    if (is_new) {
      joined.push_back(std::move(change));
      continue;
    }
    SeccompChange& other = joined[place->second];
    other.archs.insert(other.archs.end(), change.archs.begin(), change.archs.end());
    std::vector<std::string> calls_of_both;
    std::ranges::set_union(other.calls, change.calls, std::back_inserter(calls_of_both));
    other.calls = std::move(calls_of_both);
  }
  changes = std::move(joined);
}

// What is allowed now and dangerous stands first, then what is allowed now, then the rest.
void order(std::vector<SeccompChange>& changes) {
  std::ranges::stable_sort(changes, {}, [](const SeccompChange& change) {
    return std::tuple(!(change.gains() && !change.danger.empty()), change.kind,
                      change.of == Of::kCall, change.danger.empty(),
                      change.groups.empty() ? "~" : change.groups.front(), change.name,
                      change.subject);
  });
}

void tell_unknown_names(const SeccompDocument& before, const SeccompDocument& after,
                        std::vector<std::string>& caveats) {
  if (before.recorded || after.recorded) return;
  for (const auto& [document, other] : {std::pair(&before, &after), std::pair(&after, &before)}) {
    std::vector<std::string> only;
    std::ranges::set_difference(document->subjects.front().side.unknown_names,
                                other->subjects.front().side.unknown_names,
                                std::back_inserter(only));
    if (only.empty()) continue;
    for (auto& name : only) name = one_line(name);
    caveats.push_back(
        fmt::format("only {} names these, which libseccomp here does not know, so they are not "
                    "compared: {}",
                    one_line(document->file), join(only, " ")));
  }
}

SeccompChange subject_change(const SeccompDocument::Subject& subject, Kind kind) {
  SeccompChange change{.kind = kind, .of = Of::kSubject, .name = subject.name};
  Names names;
  for (const auto& [arch, side] : subject.side.archs) {
    for (const auto& [name, call] : side.calls) names.insert(name);
  }
  change.calls.assign(names.begin(), names.end());
  (kind == Kind::kAdded ? change.after : change.before) = "seen";
  return change;
}

}  // namespace

std::string_view to_string(SeccompChange::Kind kind) {
  switch (kind) {
    case Kind::kAdded:
      return "added";
    case Kind::kWidened:
      return "widened";
    case Kind::kRemoved:
      return "removed";
    case Kind::kNarrowed:
      return "narrowed";
    case Kind::kAnsweredOtherwise:
      return "answered otherwise";
  }
  return "";
}

std::string_view to_string(SeccompChange::Of of) {
  switch (of) {
    case Of::kCall:
      return "call";
    case Of::kDefault:
      return "default action";
    case Of::kArchitecture:
      return "architecture";
    case Of::kFlag:
      return "flag";
    case Of::kSubject:
      return "workload";
  }
  return "";
}

bool SeccompDiff::gains() const { return std::ranges::any_of(changes, &SeccompChange::gains); }

std::size_t SeccompDiff::count(SeccompChange::Kind kind) const {
  return static_cast<std::size_t>(std::ranges::count(changes, kind, &SeccompChange::kind));
}

Result<SeccompDiff> diff_seccomp(DecisionDiagrams& diagrams, const SeccompDocument& before,
                                 const SeccompDocument& after) {
  SeccompDiff diff{.changes = {}, .caveats = before.caveats};
  diff.caveats.insert(diff.caveats.end(), after.caveats.begin(), after.caveats.end());
  const bool both_recorded = before.recorded && after.recorded;
  // Two single workloads are meant for each other, whatever they are called.
  const bool single = before.subjects.size() == 1 && after.subjects.size() == 1;
  Names matched;
  for (const auto& subject : before.subjects) {
    bool found = false;
    for (const auto& other : after.subjects) {
      if (both_recorded && !single && subject.key != other.key) continue;
      found = true;
      matched.insert(other.key);
      const auto& name = other.name.empty() ? subject.name : other.name;
      Comparison(diagrams, subject.side, other.side, name, diff.changes).run();
    }
    if (!found) diff.changes.push_back(subject_change(subject, Kind::kRemoved));
  }
  for (const auto& other : after.subjects) {
    if (!matched.contains(other.key)) diff.changes.push_back(subject_change(other, Kind::kAdded));
  }
  if (diagrams.overflowed()) {
    return fail(ErrorCode::kUnsupported, "the rules on arguments are too many to be compared");
  }
  if (both_recorded && single && before.subjects[0].key != after.subjects[0].key) {
    diff.caveats.push_back(fmt::format("{} is compared with {}", one_line(before.subjects[0].name),
                                       one_line(after.subjects[0].name)));
  }
  join_archs(diff.changes);
  order(diff.changes);
  tell_unknown_names(before, after, diff.caveats);
  return diff;
}

}  // namespace ig
