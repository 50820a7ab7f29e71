// SPDX-License-Identifier: Apache-2.0
#include "cli/verify_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "advisors/advice_text.h"
#include "advisors/seccomp/argument_names.h"
#include "base/clock.h"
#include "base/text.h"
#include "reporters/cell.h"
#include "reporters/text_table.h"

namespace ig {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kMostListed = 8;

std::string some_of(const std::vector<std::string>& names) {
  const auto shown = std::min(names.size(), kMostListed);
  auto text = join(std::span(names).first(shown), ", ");
  return shown < names.size() ? fmt::format("{} and {} more", text, names.size() - shown) : text;
}

std::string some_of(const std::set<std::string>& names) {
  return some_of(std::vector<std::string>(names.begin(), names.end()));
}

ordered_json call_json(const ReportedCall& reported) {
  const NeededCall& call = reported.judged.call;
  ordered_json out = {{"session", reported.session}, {"workload", reported.workload},
                      {"arch", call.arch},           {"call", call.display_name()},
                      {"number", call.number},       {"answer", reported.judged.answer}};
  if (!reported.other_answer.empty()) out["runc_answer"] = reported.other_answer;
  for (const DeniedValue& value : reported.judged.values) {
    out["arguments"].push_back(
        {{"index", value.index},
         {"value", value.value},
         {"name", argument_text(call.name.value_or(""), value.index, value.value)}});
  }
  if (!reported.judged.why.empty()) out["why"] = reported.judged.why;
  out["count"] = call.count;
  out["first"] = format_time(call.first_ns);
  out["last"] = format_time(call.last_ns);
  out["phases"] = call.phases;
  if (!reported.processes.empty()) out["processes"] = reported.processes;
  return out;
}

ordered_json calls_json(const std::vector<ReportedCall>& calls) {
  ordered_json list = ordered_json::array();
  for (const auto& call : calls) list.push_back(call_json(call));
  return list;
}

ordered_json mismatch_json(const GridMismatch& mismatch) {
  ordered_json out = {{"arch", mismatch.arch}, {"number", mismatch.number}};
  if (!mismatch.name.empty()) out["call"] = mismatch.name;
  if (mismatch.with_values) out["arguments"] = mismatch.values;
  out["answer"] = answer_text(mismatch.answer);
  out["meant"] = answers_text(mismatch.meant);
  return out;
}

ordered_json differences_json(const std::vector<RuntimeDifference>& differences) {
  ordered_json list = ordered_json::array();
  for (const auto& one : differences) {
    list.push_back(
        {{"arch", one.arch}, {"runc", one.runc}, {"crun", one.crun}, {"calls", one.calls}});
  }
  return list;
}

}  // namespace

std::string verify_table(const VerifyReport& report, const Style& style) {
  TextTable table({{"SESSION", Align::kLeft, true},
                   {"WORKLOAD"},
                   {"ARCH"},
                   {"CALL"},
                   {"ANSWER"},
                   {"WITH", Align::kLeft, true},
                   {"COUNT", Align::kRight},
                   {"FIRST"},
                   {"LAST"},
                   {"PHASES"},
                   {"PROCESS", Align::kLeft, true}});
  for (const auto& reported : report.denied) {
    const NeededCall& call = reported.judged.call;
    const auto answer =
        reported.other_answer.empty()
            ? reported.judged.answer
            : fmt::format("{} (runc: {})", reported.judged.answer, reported.other_answer);
    table.add({report.sessions > 1 ? reported.session : "", reported.workload, call.arch,
               call.display_name(), answer, reported.judged.why, format_count(call.count),
               format_time(call.first_ns), format_time(call.last_ns),
               fmt::format("{}", fmt::join(call.phases, " ")), join(reported.processes, ", ")});
  }
  return table.empty() ? "" : table.render(style);
}

std::string verify_json(const VerifyReport& report) {
  ordered_json out = {{"profile", report.profile},
                      {"runtimes", report.runtimes},
                      {"checked", report.checked},
                      {"workloads", report.workloads}};
  out["denied"] = calls_json(report.denied);
  out["undecided"] = calls_json(report.undecided);
  out["permitted"] = report.permitted.size();
  out["unused"] = report.unused;
  out["unknown_names"] = report.unknown_names;
  out["missing_capabilities"] = report.missing_capabilities;
  out["compares_upper_half"] = report.compares_upper_half;
  if (!report.base_profile.empty()) out["base_profile"] = report.base_profile;
  out["runtime_differences"] = differences_json(report.differences);
  out["grid"] = {{"asked", report.grid.asked}, {"wrong", report.grid.wrong}};
  out["grid"]["mismatches"] = ordered_json::array();
  for (const auto& one : report.grid.mismatches) {
    out["grid"]["mismatches"].push_back(mismatch_json(one));
  }
  return json_document(out);
}

std::vector<std::string> verify_warnings(const VerifyReport& report) {
  std::vector<std::string> lines;
  for (const auto& one : report.undecided) {
    lines.push_back(fmt::format("{}: {} is not decided ({}): {}", one.workload,
                                one.judged.call.display_name(), one.judged.answer, one.judged.why));
  }
  if (!report.base_profile.empty()) {
    lines.push_back(
        fmt::format("the profile builds on {}, which is not in the file: what that "
                    "allows counts as denied",
                    report.base_profile));
  }
  if (!report.missing_capabilities.empty()) {
    lines.push_back(
        fmt::format("rules for {} are left out: --capability gives what the container "
                    "has",
                    some_of(report.missing_capabilities)));
  }
  if (!report.unknown_names.empty()) {
    lines.push_back(fmt::format("the installed libseccomp does not know {}: runtimes pass over it",
                                some_of(report.unknown_names)));
  }
  if (!report.compares_upper_half.empty()) {
    lines.push_back(
        fmt::format("all 64 bits of a 32-bit argument of {} are compared: judged as if "
                    "the upper half were zero, which programs leave to chance",
                    some_of(report.compares_upper_half)));
  }
  for (const auto& one : report.differences) {
    lines.push_back(fmt::format("{} of {}: runc answers {}, crun {}: {}",
                                count_text(one.calls.size(), "call"), one.arch, one.runc, one.crun,
                                some_of(one.calls)));
  }
  return lines;
}

std::string mismatch_text(const GridMismatch& one) {
  auto call = one.name.empty() ? fmt::format("call {:#x}", one.number) : one.name;
  if (one.with_values) {
    call += fmt::format("({:#x})", fmt::join(one.values, ", "));
  }
  return fmt::format("{} of {}: the program answers {}, the profile says {}", call, one.arch,
                     answer_text(one.answer), answers_text(one.meant));
}

}  // namespace ig
