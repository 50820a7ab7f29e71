// SPDX-License-Identifier: Apache-2.0
#include "reporters/seccomp_diff_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "advisors/advice_text.h"
#include "base/text.h"

namespace ig {
namespace {

using Kind = SeccompChange::Kind;
using Of = SeccompChange::Of;

constexpr std::size_t kMostNames = 12;

// "3 calls: read, wait4, write"
std::string calls_text(const std::vector<std::string>& calls) {
  std::vector<std::string> shown = calls;
  if (shown.size() > kMostNames) shown.resize(kMostNames);
  auto text = count_text(calls.size(), "call");
  if (!shown.empty()) text += ": " + join(shown, ", ");
  if (calls.size() > kMostNames) text += fmt::format(" and {} more", calls.size() - kMostNames);
  return text;
}

SeccompDiffRow row_of(const SeccompChange& change) {
  return {.dangerous = !change.danger.empty(),
          .change = std::string(to_string(change.kind)),
          .workload = change.subject,
          .what = what_text(change),
          .archs = join(change.archs, " "),
          .group = change.groups.empty() ? "" : change.groups.front(),
          .before = change.before,
          .after = change.after,
          .detail = detail_text(change)};
}

bool is_denied_otherwise(const SeccompChange& change) {
  return change.kind == Kind::kAnsweredOtherwise && change.of == Of::kCall;
}

}  // namespace

std::string what_text(const SeccompChange& change) {
  if (change.of == Of::kCall) return change.name;
  return change.name.empty() ? std::string(to_string(change.of))
                             : fmt::format("{} {}", to_string(change.of), change.name);
}

std::string detail_text(const SeccompChange& change) {
  std::vector<std::string> parts;
  if (!change.danger.empty()) parts.push_back("dangerous: " + change.danger);
  const bool widened = change.kind == Kind::kWidened;
  if (!change.gained.empty()) parts.push_back((widened ? "also " : "only ") + change.gained);
  if (!change.lost.empty()) parts.push_back("no longer " + change.lost);
  if (!change.evidence.empty()) parts.push_back(change.evidence);
  const bool by_default = change.of == Of::kDefault;
  if (by_default) {
    parts.push_back(fmt::format("{} that no rule names", count_text(change.calls.size(), "call")));
  }
  if (!by_default && change.of != Of::kCall && change.of != Of::kFlag) {
    parts.push_back(change.calls.empty() ? "its calls are not compared" : calls_text(change.calls));
  }
  return join(parts, "; ");
}

std::vector<SeccompDiffRow> seccomp_diff_rows(const SeccompDiff& diff) {
  std::vector<SeccompDiffRow> rows;
  using Key = std::tuple<std::string, std::vector<std::string>, std::string, std::string>;
  std::map<Key, std::vector<std::string>> denied;
  for (const auto& change : diff.changes) {
    if (is_denied_otherwise(change)) {
      denied[{change.subject, change.archs, change.before, change.after}].push_back(change.name);
    } else {
      rows.push_back(row_of(change));
    }
  }
  for (auto& [key, names] : denied) {
    std::ranges::sort(names);
    const auto& [subject, archs, before, after] = key;
    const bool one = names.size() == 1;
    rows.push_back({.change = std::string(to_string(Kind::kAnsweredOtherwise)),
                    .workload = subject,
                    .what = one ? names.front() : count_text(names.size(), "call"),
                    .archs = join(archs, " "),
                    .group = "",
                    .before = before,
                    .after = after,
                    .detail = one ? "" : join(names, ", ")});
  }
  return rows;
}

}  // namespace ig
