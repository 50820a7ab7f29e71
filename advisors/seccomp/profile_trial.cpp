// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/profile_trial.h"

#include <seccomp.h>

#include <algorithm>

#include "base/text.h"
#include "store/syscall_table.h"

namespace ig {
namespace {

constexpr std::uint32_t kMostNumbers = 600;  // no table is longer yet

std::string quoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote) out += quote;
    out += c;
  }
  return out + quote;
}

Result<std::vector<RuntimeDifference>> differences_of(const CompiledProfile& compiled) {
  const auto& runc = compiled.filters.at(FilterRuntime::kRunc).program;
  const auto& crun = compiled.filters.at(FilterRuntime::kCrun).program;
  std::vector<RuntimeDifference> all;
  for (const SyscallArch& arch : syscall_archs()) {
    for (std::uint32_t i = 0; i < kMostNumbers; ++i) {
      const auto name = syscall_name(arch.name, i);
      if (!name) continue;
      IG_ASSIGN(const auto first, filter_answers(runc, arch.audit, i | arch.number_bits));
      IG_ASSIGN(const auto second, filter_answers(crun, arch.audit, i | arch.number_bits));
      if (first == second) continue;
      RuntimeDifference difference{
          std::string(arch.name), answers_text(first), answers_text(second), {}};
      const auto same = [&](const RuntimeDifference& one) {
        return one.arch == difference.arch && one.runc == difference.runc &&
               one.crun == difference.crun;
      };
      auto place = std::ranges::find_if(all, same);
      if (place == all.end()) place = all.insert(place, std::move(difference));
      place->calls.push_back(*name);
    }
  }
  return all;
}

Error refusal(const std::vector<std::string>& clashes) {
  return {ErrorCode::kRefused,
          "runc and crun refuse this profile: its rules contradict each other for " +
              join(clashes, ", "),
          "give each call one action, or different values of arguments with each action"};
}

}  // namespace

Result<CompiledProfile> try_profile(SeccompProfile profile, std::string_view native_arch,
                                    const std::set<FilterRuntime>& runtimes) {
  CompiledProfile compiled;
  compiled.profile = std::move(profile);
  for (const FilterRuntime runtime : runtimes) {
    IG_ASSIGN(auto filter, compile_profile(compiled.profile, native_arch, runtime));
    if (!filter.clashes.empty()) return std::unexpected(refusal(filter.clashes));
    const ProfileMeaning meaning(compiled.profile, native_arch, runtime);
    IG_ASSIGN(auto grid, check_grid(filter.program, meaning));
    compiled.grid.asked += grid.asked;
    if (compiled.grid.wrong == 0) {
      compiled.grid.wrong = grid.wrong;
      compiled.grid.mismatches = std::move(grid.mismatches);
    }
    compiled.filters[runtime] = std::move(filter);
  }
  if (runtimes.size() > 1) {
    IG_ASSIGN(compiled.differences, differences_of(compiled));
  }
  return compiled;
}

std::set<std::string> permitted_names(const SeccompProfile& profile) {
  std::set<std::string> names;
  for (const SeccompRule& rule : profile.rules) {
    const bool lets = rule.action.name == "SCMP_ACT_ALLOW" || rule.action.name == "SCMP_ACT_LOG";
    if (lets) names.insert(rule.names.begin(), rule.names.end());
  }
  return names;
}

Result<std::vector<std::string>> processes_of(SessionReader& session, const Workload& workload,
                                              const std::string& call) {
  IG_ASSIGN(const auto tables, session.tables());
  std::set<std::string> found;
  for (const TableInfo& table : tables) {
    const std::string view = quoted(table.view, '"');
    std::vector<std::string> columns;
    const auto ignore = [](const QueryRow&) { return true; };
    IG_TRY(session.query("SELECT * FROM " + view + " LIMIT 0", columns, ignore));
    const auto has = [&](const char* name) { return std::ranges::count(columns, name) > 0; };
    if (table.rows == 0 || !has("workload") || !has("comm") || !has("syscall")) continue;
    const auto add = [&](const QueryRow& row) {
      if (!row.text[0].empty()) found.insert(row.text[0]);
      return true;
    };
    IG_TRY(session.query("SELECT DISTINCT comm FROM " + view + " WHERE workload = " +
                             quoted(workload.name, '\'') + " AND syscall = " + quoted(call, '\''),
                         columns, add));
  }
  return std::vector<std::string>(found.begin(), found.end());
}

}  // namespace ig
