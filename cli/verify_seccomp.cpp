// SPDX-License-Identifier: Apache-2.0
// ig verify: replays what sessions recorded through a policy, ours or anybody's. A policy that
// would deny recorded behaviour is exit status 3.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "advisors/advice_text.h"
#include "advisors/workload_choice.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/open_sessions.h"
#include "cli/output.h"
#include "cli/profile_options.h"
#include "cli/selectors.h"
#include "cli/verify_report.h"
#include "reporters/display_text.h"

namespace ig {
namespace {

constexpr int kWouldDeny = 3;

std::set<FilterRuntime> wanted_runtimes(const Arguments& arguments) {
  const auto runtime = arguments.text("runtime");
  if (runtime == "runc") return {FilterRuntime::kRunc};
  if (runtime == "crun") return {FilterRuntime::kCrun};
  return {FilterRuntime::kCrun, FilterRuntime::kRunc};
}

class Verification {
 public:
  Verification(const Arguments& arguments, ProfileFile profile, Selector selector)
      : profile_(std::move(profile)),
        selector_(std::move(selector)),
        runtimes_(wanted_runtimes(arguments)) {
    report_.profile = profile_.path;
    for (const auto runtime : runtimes_) {
      report_.runtimes.emplace_back(runtime == FilterRuntime::kRunc ? "runc" : "crun");
    }
  }

  Result<> add_recording(const Recording& recording) {
    SessionReader& session = *recording.session;
    IG_ASSIGN(const SessionInfo info, session.info());
    IG_ASSIGN(const CompiledProfile* compiled, compile_for(info));
    auto workloads = choose_workloads(session, selector_);
    // Another session may have what the selectors ask for.
    if (!workloads && workloads.error().code == ErrorCode::kNotFound) {
      not_found_ = workloads.error();
      return {};
    }
    if (!workloads) return std::unexpected(workloads.error());
    ++report_.sessions;
    for (const Workload& workload : *workloads) {
      IG_TRY(add_workload(session, recording.name, workload, *compiled));
    }
    return {};
  }

  Result<VerifyReport> finish(const std::string& last_path) {
    if (report_.workloads == 0 && not_found_) return std::unexpected(*not_found_);
    if (report_.checked == 0) {
      return fail(ErrorCode::kNotFound, "nothing to verify: no system call was recorded",
                  fmt::format("ig session info {} shows which gadgets ran", last_path));
    }
    for (const std::string& name : report_.permitted) {
      if (!used_.contains(name)) report_.unused.insert(name);
    }
    return std::move(report_);
  }

 private:
  // For the machine that was recorded, or the one that the options name.
  Result<const CompiledProfile*> compile_for(const SessionInfo& info) {
    IG_ASSIGN(const auto conditions, profile_.conditions_on(info));
    const auto key = std::pair(conditions.arch, conditions.kernel);
    if (const auto found = compiled_.find(key); found != compiled_.end()) return &found->second;
    IG_ASSIGN(auto profile, profile_.profile(conditions));
    IG_ASSIGN(auto compiled, try_profile(std::move(profile), conditions.arch, runtimes_));
    const SeccompProfile& read = compiled.profile;
    report_.permitted.merge(permitted_names(read));
    report_.missing_capabilities.insert(read.missing_capabilities.begin(),
                                        read.missing_capabilities.end());
    report_.base_profile = read.base_profile;
    report_.grid.asked += compiled.grid.asked;
    if (report_.grid.wrong == 0) {
      report_.grid.wrong = compiled.grid.wrong;
      report_.grid.mismatches = compiled.grid.mismatches;
    }
    if (report_.differences.empty()) report_.differences = compiled.differences;
    return &compiled_.emplace(key, std::move(compiled)).first->second;
  }

  Result<> add_workload(SessionReader& session, const std::string& name, const Workload& workload,
                        const CompiledProfile& compiled) {
    IG_ASSIGN(const NeededCalls needed, needed_calls(session, workload));
    IG_ASSIGN(const auto verdict, verify_calls(compiled.filters.begin()->second, needed));
    std::map<std::pair<std::string, std::int64_t>, std::string> others;
    if (compiled.filters.size() > 1) {
      IG_ASSIGN(const auto other, verify_calls(compiled.filters.rbegin()->second, needed));
      for (const auto* list : {&other.denied, &other.undecided}) {
        for (const auto& one : *list) others[{one.call.arch, one.call.number}] = one.answer;
      }
    }
    ++report_.workloads;
    report_.checked += verdict.checked;
    report_.unknown_names.insert(verdict.unknown_names.begin(), verdict.unknown_names.end());
    report_.compares_upper_half.insert(verdict.compares_upper_half.begin(),
                                       verdict.compares_upper_half.end());
    for (const NeededCall& call : needed.calls) used_.insert(call.display_name());
    const auto report = [&](const JudgedCall& judged) -> Result<ReportedCall> {
      ReportedCall out{
          name, workload.name, judged, others[{judged.call.arch, judged.call.number}], {}};
      if (out.other_answer == judged.answer) out.other_answer.clear();
      IG_ASSIGN(out.processes, processes_of(session, workload, judged.call.display_name()));
      return out;
    };
    for (const auto& judged : verdict.denied) {
      IG_ASSIGN(auto reported, report(judged));
      report_.denied.push_back(std::move(reported));
    }
    for (const auto& judged : verdict.undecided) {
      IG_ASSIGN(auto reported, report(judged));
      report_.undecided.push_back(std::move(reported));
    }
    return {};
  }

  ProfileFile profile_;
  Selector selector_;
  std::set<FilterRuntime> runtimes_;
  std::map<std::pair<std::string, std::optional<Version>>, CompiledProfile> compiled_;
  std::set<std::string> used_;
  std::optional<Error> not_found_;
  VerifyReport report_;
};

void print_report(const VerifyReport& report, const Arguments& arguments) {
  if (wants_json(arguments)) {
    put(stdout, verify_json(report));
  } else {
    put(stdout, verify_table(report, stdout_style()));
    if (arguments.has("unused")) {
      for (const auto& name : report.unused) put(stdout, printable(name) + '\n');
    }
  }
  std::fflush(stdout);
  for (const auto& line : verify_warnings(report)) log::warning("{}", line);
  log::info("{} of {} checked: {} would be denied", count_text(report.checked, "call"),
            count_text(report.workloads, "workload"), report.denied.size());
  if (!report.unused.empty()) {
    log::info("{} of the {} names that the profile allows were never used{}", report.unused.size(),
              report.permitted.size(), arguments.has("unused") ? "" : ": --unused lists them");
  }
}

// Whose fault it is cannot be told here, so it is an error and no denial.
Result<> check_meaning(const GridResult& grid) {
  if (grid.wrong == 0) return {};
  for (const auto& one : grid.mismatches) log::warning("{}", mismatch_text(one));
  return fail(ErrorCode::kFailed,
              fmt::format("libseccomp compiles the profile to what it does not say: {} of {} "
                          "answers differ",
                          grid.wrong, format_count(grid.asked)),
              "rules that compare several arguments of one call, or ranges that overlap, are what "
              "it gets wrong: say them with SCMP_CMP_EQ, or try a newer libseccomp");
}

}  // namespace

Syntax verify_seccomp_syntax(const Words&) {
  Syntax syntax;
  syntax.operands = {{"PROFILE"}, {.name = "FILE", .repeated = true}};
  syntax.text =
      "PROFILE is a seccomp profile in the JSON of OCI, Docker or Podman, a config.json, or a "
      "SeccompProfile of Kubernetes in YAML. It is compiled by libseccomp as runc and crun do it; "
      "the program is proven to mean what the profile says; and every recorded call that it would "
      "meet is put to it, with the values of arguments that were recorded. Exit status 3 if one "
      "would be denied.";
  syntax.add(profile_options());
  syntax.add({"Output",
              {{"unused", "", "list the names that are allowed and that no recorded call used"},
               output_option()}});
  syntax.add(selector_options());
  syntax.examples = {"ig verify seccomp web.json web.db --container web",
                     "ig verify seccomp docker.json monday.db tuesday.db --capability CAP_NET_RAW"};
  return syntax;
}

Result<int> run_verify_seccomp(const Arguments& arguments) {
  IG_ASSIGN(auto profile, read_profile_file(arguments));
  IG_ASSIGN(auto selector, parse_selector(arguments));
  Verification verification(arguments, std::move(profile), std::move(selector));
  const auto paths = arguments.operands_from(1);
  IG_ASSIGN(const auto sessions, OpenSessions::open(paths));
  for (const auto& recording : sessions.recordings()) {
    IG_TRY(verification.add_recording(recording));
  }
  IG_ASSIGN(const auto report, verification.finish(paths.back()));
  print_report(report, arguments);
  IG_TRY(check_meaning(report.grid));
  return report.denied.empty() ? 0 : kWouldDeny;
}

}  // namespace ig
