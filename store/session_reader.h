// SPDX-License-Identifier: Apache-2.0
// SessionReader: the few questions that advisors and reporters ask of a recording. They are asked
// here by name and answered from portable SQL, so that a fleet's PostgreSQL can stand behind the
// same interface one day; nobody above this line sees SQLite.
//
// open_session() treats the file as hostile: nothing in it is run, its schema is checked against
// ours, and what does not fit is an error with a hint.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/denied_call.h"
#include "store/event_schema.h"
#include "store/event_sink.h"
#include "store/inventory.h"
#include "store/session_writer.h"
#include "store/value.h"
#include "store/workload.h"

namespace ig {

// Which workloads: each list is "one of these" (an entry with a leading '!' excludes), and all
// lists must agree. Shell patterns (* and ?) are allowed. Empty = everything.
struct Selector {
  std::vector<std::string> workload{};  // of any kind, as it is called in reports
  std::vector<std::string> container{}, pod{}, kube_namespace{}, unit{},
      label{};  // label: key=value
  std::vector<std::string> comm{};
  std::vector<std::int64_t> pid{};
  bool host = false;     // also, or only, the host itself
  bool command = false;  // the recorded command
  bool empty() const;
  bool names_workloads() const;  // by any of the lists but comm and pid
  // By all lists but comm and pid, which are about processes: workloads() judges those.
  bool matches(const Workload& one) const;
};

struct SyscallUse {
  std::string arch;   // "x86_64", "i386", "x32", "aarch64", "arm"
  std::string phase;  // "running", "setup", "startup", "steady", "exec"
  std::int64_t number = 0;
  std::uint64_t count = 0;
  std::int64_t first_ns = 0, last_ns = 0;
  // "" = recorded; else the audit log that says it was denied or logged (ig session enrich).
  std::string learned_from{};
};

// A value that an argument of a call had; calls and arguments of few possible values only.
struct SyscallArgumentUse {
  std::string arch, phase;
  std::int64_t number = 0;
  unsigned index = 0;       // which argument, from 0
  std::uint64_t value = 0;  // as the kernel takes it: of a 32-bit argument, the lower half
  bool other = false;       // instead of a value: further ones were seen, too many to keep
  std::uint64_t count = 0;
  std::int64_t first_ns = 0, last_ns = 0;
};

struct SetupMark {
  std::string mark;  // "no_new_privs", "seccomp_filter", "get_pdeathsig", "entry_exec", "exec_fifo"
  std::int64_t first_ns = 0, last_ns = 0;
};

// One way in which the kernel asked whether the workload has a capability.
struct CapabilityUse {
  std::string capability;            // "CAP_CHOWN"
  bool granted = false;              // the process had it
  int audit = -1;                    // 0: only probed, a refusal is not audited; -1: not known
  std::uint64_t effective = 0;       // capabilities in effect, as bits
  std::uint64_t current_userns = 0,  // of the process
      target_userns = 0,             // in which it needs the capability
      mntns_userns = 0;              // that owns its mount namespace
  std::uint64_t mntns_id = 0,        // of the process
      program_mntns = 0;             // its program was started from there; 0: from no mount
  std::string arch;
  std::int64_t syscall = -1;  // number of the call that needs it; -1: none
  std::uint32_t uid = 0;      // effective, as the host counts
  std::string comm;           // of the process
  std::string kernel_stack;   // where it was asked, in the form of docs/stacks.md; of unknown audit
  std::uint64_t count = 0;
  std::int64_t first_ns = 0, last_ns = 0;
};

struct Flow {
  bool egress = false;
  std::string protocol;    // "TCP", "UDP", …
  std::string peer;        // address
  std::uint16_t port = 0;  // the peer's for egress, our own for ingress
  std::string error;       // "" = established; else errno's name
  std::uint64_t count = 0, bytes_sent = 0, bytes_received = 0;
  std::int64_t first_ns = 0, last_ns = 0;
  bool before_start = false;
  std::uint64_t netns_id = 0;
  std::string process{};  // that opened the first of them; "" = not recorded
};

// A name that DNS answered with an address.
struct ResolvedName {
  std::string name;  // without the last dot
  std::string address;
  std::int64_t first_ns = 0, last_ns = 0;
};

// Connections that the recorded machine sent on to another destination than they were opened to
// (a service's address to one of its backends).
struct Translation {
  std::string protocol;  // "TCP", "UDP", …
  std::string source;    // address
  std::string dialed, backend;
  std::uint16_t dialed_port = 0, backend_port = 0;
  std::uint64_t count = 0;
  std::int64_t first_ns = 0, last_ns = 0;
};

struct TableInfo {
  std::string view;
  std::uint64_t rows = 0;
  std::string description;
};

// One row of a free query: every cell as text (SQL NULL = ""), and what it was.
using TextRow = std::vector<std::string>;
struct QueryRow {
  TextRow text;
  std::vector<Value::Kind> kinds;
};

class SessionReader {
 public:
  virtual ~SessionReader() = default;

  // Of all recordings of the file together, texts that differ line by line.
  virtual Result<SessionInfo> info() = 0;
  // One, but for a file that ig session merge made.
  virtual Result<std::vector<SessionInfo>> recordings() {
    IG_ASSIGN(auto one, info());
    return std::vector{std::move(one)};
  }
  virtual Result<std::vector<GadgetRun>> gadget_runs() = 0;
  virtual Result<std::vector<Workload>> workloads(const Selector& selector) = 0;
  // Summed up: what was lost in the same way many times is one, from the first to the last.
  virtual Result<std::vector<Loss>> losses() = 0;
  virtual Result<std::vector<TableInfo>> tables() = 0;
  // What was added after the recording.
  virtual Result<std::vector<Enrichment>> enrichments() = 0;

  // Facts of one workload; empty where the gadget did not run. Calls include those that were
  // learned from audit logs; of their arguments nothing is known, so values are `other`.
  virtual Result<std::vector<SyscallUse>> syscalls(WorkloadId workload) = 0;
  virtual Result<std::vector<SyscallArgumentUse>> syscall_arguments(WorkloadId workload) = 0;
  virtual Result<std::vector<SetupMark>> setup_marks(WorkloadId workload) = 0;
  virtual Result<std::vector<CapabilityUse>> capabilities(WorkloadId workload) = 0;
  virtual Result<std::vector<Flow>> flows(WorkloadId workload) = 0;
  // What it was told when it asked for names.
  virtual Result<std::vector<ResolvedName>> resolved_names(WorkloadId /*workload*/) { return {}; }

  // Facts of the whole machine, and of the cluster that it is a node of.
  virtual Result<std::vector<Translation>> translations() { return {}; }
  virtual Result<Inventory> inventory() { return {}; }

  // Free SQL, read only, for `ig session query`. `columns` are set before the first row;
  // `on_row` returns false to stop.
  virtual Result<> query(const std::string& sql, std::vector<std::string>& columns,
                         const std::function<bool(const QueryRow&)>& on_row) = 0;

  // The same for what reads millions of rows: cells as they are stored, without a copy; they are
  // gone when `on_row` returns.
  virtual Result<> scan(const std::string& /*sql*/,
                        const std::function<bool(std::span<const Value>)>& /*on_row*/) {
    return {};
  }

  // Asked every few milliseconds while a question is being answered; true ends it with an error.
  // For Ctrl-C and time limits.
  virtual void stop_when(std::function<bool()> should_stop) = 0;
};

Result<std::unique_ptr<SessionReader>> open_session(const std::string& path);
// Each recording of a file as if it were alone. Process numbers, addresses and inventories are one
// machine's, so whoever asks about these asks a recording, not a merged file.
Result<std::vector<std::unique_ptr<SessionReader>>> open_recordings(const std::string& path);
// What a writer has taken so far, as a copy that later events do not change.
Result<std::unique_ptr<SessionReader>> read_session(SessionWriter& writer);

}  // namespace ig
