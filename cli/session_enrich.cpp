// SPDX-License-Identifier: Apache-2.0
// ig session enrich: adds to a session what was learned after it was recorded.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "advisors/advice_text.h"
#include "base/clock.h"
#include "base/line_reader.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/enrich_inventory.h"
#include "cli/output.h"
#include "recorder/source/audit_log.h"
#include "reporters/cell.h"
#include "reporters/text_table.h"
#include "store/learned_calls.h"
#include "store/syscall_table.h"

namespace ig {
namespace {

// A record has less than a page; a journal's entry in JSON some pages.
constexpr std::size_t kMostLineBytes = 64 << 10;

using Workloads = std::vector<Workload>;

DeniedCall call_of(SeccompRecord record, const AuditLog::Origin& origin) {
  DeniedCall call{.time_ns = record.time_ns,
                  .serial = record.serial,
                  .code = record.code,
                  .pid = record.pid,
                  .uid = record.uid,
                  .comm = std::move(record.comm),
                  .exe = std::move(record.exe),
                  .boot_id = origin.boot_id,
                  .node = origin.node};
  call.arch = syscall_table_of(record.arch, record.syscall);
  call.number = record.syscall;
  return call;
}

std::int64_t id_of(const std::string& text) {
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  return error == std::errc() && end == text.data() + text.size() ? id : 0;
}

Result<WorkloadId> find_workload(const Workloads& workloads, const std::string& name) {
  std::vector<WorkloadId> found;
  for (const auto& workload : workloads) {
    const bool called = workload.name == name || workload.container_id == name;
    if (called) found.push_back(workload.id);
  }
  for (const auto& workload : workloads) {
    if (found.empty() && workload.id == id_of(name)) return workload.id;
  }
  if (found.size() == 1) return found.front();
  const char* hint = "ig session info FILE lists the workloads; a name or an ID is needed";
  if (found.empty()) {
    return fail(ErrorCode::kNotFound, fmt::format("the session has no workload '{}'", name), hint);
  }
  return fail(ErrorCode::kUsage, fmt::format("{} workloads are called '{}'", found.size(), name),
              fmt::format("name one by its ID: {}", fmt::join(found, ", ")));
}

Result<std::optional<NamedOwner>> named_owner(const Arguments& arguments,
                                              const Workloads& workloads) {
  if (!arguments.has("workload")) {
    if (!arguments.has("comm") && !arguments.has("exe")) return std::nullopt;
    return fail(ErrorCode::kUsage, "--comm and --exe say which lines are of --workload",
                "name the workload too");
  }
  IG_ASSIGN(const auto workload, find_workload(workloads, arguments.text("workload")));
  return NamedOwner{workload, arguments.list("comm"), arguments.list("exe")};
}

std::string name_of(const Workloads& workloads, WorkloadId id) {
  const auto found = std::ranges::find(workloads, id, &Workload::id);
  return found == workloads.end() ? std::to_string(id) : found->name;
}

std::string call_name(const LearnedCalls::Call& call) {
  return syscall_name(call.arch, call.number).value_or(fmt::format("syscall {}", call.number));
}

std::string calls_text(const LearnedCalls& learned, const Workloads& workloads) {
  TextTable table({{"WORKLOAD"},
                   {"ARCH"},
                   {"CALL"},
                   {"DENIED", Align::kRight},
                   {"FIRST"},
                   {"LAST"},
                   {"PROGRAMS"},
                   {"RECORDED"}});
  for (const auto& [call, use] : learned.calls()) {
    table.add({name_of(workloads, call.workload), call.arch, call_name(call),
               format_count(use.count), format_time(use.first_ns), format_time(use.last_ns),
               fmt::format("{}", fmt::join(use.comms, " ")), use.is_new ? "no" : "yes"});
  }
  return table.render(stdout_style());
}

nlohmann::ordered_json calls_json(const LearnedCalls& learned, const Workloads& workloads) {
  auto calls = nlohmann::ordered_json::array();
  for (const auto& [call, use] : learned.calls()) {
    calls.push_back({{"workload_id", call.workload},
                     {"workload", name_of(workloads, call.workload)},
                     {"arch", call.arch},
                     {"syscall", call_name(call)},
                     {"number", call.number},
                     {"denied", use.count},
                     {"first", format_time(use.first_ns)},
                     {"last", format_time(use.last_ns)},
                     {"programs", use.comms},
                     {"recorded", !use.is_new}});
  }
  const auto& counts = learned.counts();
  return {{"calls", calls},
          {"records", counts.records},
          {"added", counts.added},
          {"already_there", counts.known},
          {"of_no_workload", counts.nobodys},
          {"of_other_workloads", counts.others},
          {"of_other_machines", counts.elsewhere}};
}

// Whatever was not added is counted aloud.
void tell(const LearnedCalls& learned, std::uint64_t misread, const std::string& source,
          bool named) {
  const auto& counts = learned.counts();
  log::info("{} of {} about seccomp in {} added", counts.added,
            count_text(counts.records, "record"), source);
  const auto left_out = [](std::uint64_t count, std::string_view why) {
    if (count > 0) log::info("{} left out: {}", count_text(count, "record"), why);
  };
  left_out(counts.known, "the session has them");
  left_out(counts.others, "of other workloads");
  left_out(counts.elsewhere, "of an architecture that the recorded machine does not run");
  left_out(counts.nobodys,
           named ? "neither its process nor its name fits (--comm names more programs)"
                 : "no process of the recording explains them (--workload says whose they are)");
  if (misread > 0) {
    log::warning(
        "{} about seccomp cannot be read: cut off, or without time and number "
        "(journalctl -o json has them)",
        count_text(misread, "line"));
  }
}

Result<int> enrich_with_calls(const Arguments& arguments, SessionEdit& edit) {
  const auto file = arguments.text("audit");
  IG_ASSIGN(const auto session, open_session(edit.path()));
  IG_ASSIGN(const auto workloads, session->workloads({}));
  IG_ASSIGN(const auto named, named_owner(arguments, workloads));
  IG_ASSIGN(auto learned, LearnedCalls::open(*session, named));
  AuditLog log([&](SeccompRecord record, const AuditLog::Origin& origin) {
    learned.take(call_of(std::move(record), origin));
  });
  IG_ASSIGN(const auto digest, read_lines(file, kMostLineBytes, [&](std::string_view line) {
              log.take(line);
              return true;
            }));
  log.end();
  const auto source = file == "-" ? std::string("standard input") : file;
  IG_TRY(learned.store(edit, {.source = source,
                              .sha256 = digest.sha256,
                              .lines = digest.lines,
                              .records = learned.counts().records,
                              .tool_version = std::string(kVersion),
                              .added_ns = wall_time_ns()}));
  if (wants_json(arguments)) {
    put(stdout, json_document(calls_json(learned, workloads)));
  } else if (!learned.calls().empty()) {
    put(stdout, calls_text(learned, workloads));
  }
  std::fflush(stdout);
  tell(learned, log.misread(), source, named.has_value());
  return 0;
}

// Numbers of processes and addresses are one machine's, and nothing says whose the log is.
Result<> expect_one_recording(const std::string& path) {
  IG_ASSIGN(const auto session, open_session(path));
  IG_ASSIGN(const auto recordings, session->recordings());
  if (recordings.size() == 1) return {};
  return fail(ErrorCode::kUsage, fmt::format("{} holds {} recordings", path, recordings.size()),
              "enrich each of them, then ig session merge");
}

}  // namespace

Syntax session_enrich_syntax(const Words&) {
  Syntax syntax;
  syntax.operands = {{"FILE"}};
  syntax.text =
      "Adds what was learned after a recording, so that the next advice knows it. Nothing is added "
      "twice.\n\nDenied calls are the system calls that seccomp filters denied or logged, from the "
      "log of the audit system. The log may be auditd's file, dmesg, or "
      "what journalctl prints (-o json tells who wrote an entry: then only the kernel's count). "
      "A record is of the workload whose process had its number at its time. What was denied at "
      "other times, as in a container that was started again under its profile, is of no "
      "workload unless --workload says so.\n\nAn inventory is what the objects of a Kubernetes "
      "cluster say about addresses. What they were while the recording ran, and not what they "
      "became, is what advice is made from.";
  syntax.groups = {
      {"What is learned",
       {{"audit", "LOG", "records of type 1326 (SECCOMP) in this file; - = standard input"},
        {"workload", "NAME",
         "only of this one (name, container id or ID): also records of no recorded process, of "
         "programs that it ran"},
        {"comm", "NAME",
         "with --workload: of these programs instead; * and ? match any characters"},
        {"exe", "PATH", "with --workload: of programs with these paths"}}},
      inventory_enrichment_options(),
      {"Output", {output_option()}}};
  syntax.examples = {
      "ig session enrich web.db --audit /var/log/audit/audit.log",
      "journalctl -k -o json | ig session enrich web.db --audit - --workload web",
      "kubectl get pods,services,endpointslices,namespaces,nodes,deployments -A -o json | ig "
      "session enrich web.db --inventory -"};
  return syntax;
}

Result<int> run_session_enrich(const Arguments& arguments) {
  const bool wants_calls = arguments.has("audit");
  if (wants_calls == wants_inventory(arguments)) {
    return fail(ErrorCode::kUsage,
                wants_calls ? "denied calls and an inventory are added one after the other"
                            : "nothing to add",
                "--audit /var/log/audit/audit.log adds denied calls, --inventory FILE who "
                "addresses were");
  }
  IG_ASSIGN(auto edit, SessionEdit::open(arguments.operand(0)));
  IG_TRY(expect_one_recording(edit.path()));
  return wants_calls ? enrich_with_calls(arguments, edit) : enrich_with_inventory(arguments, edit);
}

}  // namespace ig
