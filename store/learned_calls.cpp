// SPDX-License-Identifier: Apache-2.0
#include "store/learned_calls.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "store/row_writer.h"
#include "store/syscall_table.h"

namespace ig {
namespace {

// Whether programs of `arch` run on a machine of `native`.
bool runs_on(std::string_view native, std::string_view arch) {
  if (native == "x86_64") return arch == "x86_64" || arch == "i386" || arch == "x32";
  if (native == "aarch64") return arch == "aarch64" || arch == "arm";
  return arch == native;
}

constexpr std::string_view kGadget = "advise_seccomp";

Result<> expect_calls(SessionReader& session) {
  IG_ASSIGN(const auto runs, session.gadget_runs());
  if (std::ranges::find(runs, kGadget, &GadgetRun::gadget) != runs.end()) return {};
  return fail(ErrorCode::kNotFound,
              fmt::format("this session did not record system calls ({})", kGadget),
              "what was denied is only the rest of what is needed: record with --preset policy");
}

template <typename T>
T number_of(const std::string& text) {
  T number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Result<std::int64_t> insert_enrichment(Database& database, const Enrichment& e) {
  IG_ASSIGN(auto insert, database.prepare(R"(
    INSERT INTO enrichment (kind, source, sha256, lines, records, tool_version, added_ns)
    VALUES (?, ?, ?, ?, ?, ?, ?))"));
  int parameter = 0;
  for (const std::string* text : {&e.kind, &e.source, &e.sha256}) insert.bind(++parameter, *text);
  insert.bind(++parameter, static_cast<std::int64_t>(e.lines));
  insert.bind(++parameter, static_cast<std::int64_t>(e.records));
  insert.bind(++parameter, e.tool_version);
  insert.bind(++parameter, e.added_ns);
  IG_TRY(insert.run());
  return sqlite3_last_insert_rowid(database.get());
}

constexpr std::string_view kInsertCall = R"(
  INSERT INTO denied_syscall (time_ns, serial, enrichment_id, workload_id, matched_by, arch,
    syscall, code, pid, uid, comm, exe)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))";

Result<> insert_call(Statement& insert, std::int64_t enrichment, const DeniedCall& call,
                     const CallOwner& owner) {
  int parameter = 0;
  insert.bind(++parameter, call.time_ns);
  insert.bind(++parameter, static_cast<std::int64_t>(call.serial));
  insert.bind(++parameter, enrichment);
  insert.bind(++parameter, owner.workload);
  insert.bind(++parameter, std::string_view(owner.by_name ? "name" : "process"));
  insert.bind(++parameter, call.arch);
  insert.bind(++parameter, call.number);
  insert.bind(++parameter, std::int64_t{call.code});
  insert.bind(++parameter, call.pid);
  insert.bind(++parameter, std::int64_t{call.uid});
  insert.bind(++parameter, call.comm);
  insert.bind(++parameter, call.exe);
  return insert.run();
}

}  // namespace

Result<LearnedCalls> LearnedCalls::open(SessionReader& session, std::optional<NamedOwner> named) {
  IG_TRY(expect_calls(session));
  const WorkloadId only = named ? named->workload : 0;
  IG_ASSIGN(auto owners, CallOwners::open(session, std::move(named)));
  LearnedCalls learned(std::move(owners));
  learned.only_ = only;
  IG_ASSIGN(const auto info, session.info());
  learned.native_arch_ = info.architecture;
  IG_TRY(learned.take_known(session));
  return learned;
}

Result<> LearnedCalls::take_known(SessionReader& session) {
  std::vector<std::string> columns;
  IG_TRY(session.query(
      "SELECT time_ns, serial FROM denied_syscall", columns, [this](const QueryRow& row) {
        stored_.insert({number_of<std::int64_t>(row.text[0]),
                        static_cast<std::uint64_t>(number_of<std::int64_t>(row.text[1]))});
        return true;
      }));
  IG_ASSIGN(const auto workloads, session.workloads({}));
  for (const Workload& workload : workloads) {
    IG_ASSIGN(const auto uses, session.syscalls(workload.id));
    for (const SyscallUse& use : uses) recorded_.insert({workload.id, use.arch, use.number});
  }
  return {};
}

void LearnedCalls::take(DeniedCall call) {
  const Stamp stamp{call.time_ns, call.serial};
  if (!seen_.insert(stamp).second) return;
  ++counts_.records;
  if (stored_.contains(stamp)) {
    ++counts_.known;
  } else if (!runs_on(native_arch_, call.arch)) {
    ++counts_.elsewhere;
  } else if (const auto owner = owners_.owner_of(call); !owner) {
    ++counts_.nobodys;
  } else if (only_ != 0 && owner->workload != only_) {
    ++counts_.others;
  } else {
    keep(std::move(call), *owner);
  }
}

void LearnedCalls::keep(DeniedCall call, const CallOwner& owner) {
  ++counts_.added;
  const Call key{owner.workload, call.arch, call.number};
  const auto [entry, is_first] = calls_.try_emplace(key);
  Use& use = entry->second;
  use.is_new = !recorded_.contains(key);
  use.first_ns = is_first ? call.time_ns : std::min(use.first_ns, call.time_ns);
  use.last_ns = std::max(use.last_ns, call.time_ns);
  use.comms.insert(call.comm);
  ++use.count;
  added_.push_back({std::move(call), owner});
}

Result<> LearnedCalls::store(SessionEdit& edit, const Enrichment& enrichment) const {
  if (added_.empty()) return {};
  return edit.apply([&](Database& database) -> Result<> {
    IG_ASSIGN(const auto id, insert_enrichment(database, enrichment));
    IG_ASSIGN(auto insert, database.prepare(kInsertCall, true));
    std::set<std::string> archs;
    for (const auto& [call, owner] : added_) {
      IG_TRY(insert_call(insert, id, call, owner));
      archs.insert(call.arch);
    }
    for (const auto& arch : archs) IG_TRY(store_syscall_names(database, arch));
    return {};
  });
}

}  // namespace ig
