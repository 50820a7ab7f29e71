// SPDX-License-Identifier: Apache-2.0
// advise_seccomp by ptrace: the calls of the command by table, phase and number. The phases are
// those of the BPF gadget: set-up until the command's program is executed, start-up until a process
// that listens first waits, then steady.
#include <algorithm>
#include <map>
#include <tuple>

#include "base/clock.h"
#include "recorder/ptrace/ptrace_gadget.h"

namespace ig {
namespace {

constexpr std::string_view kFilled[] = {"mntns_id",  "mntns_gen",   "cgroup_id", "arch_raw",
                                        "phase_raw", "syscall_raw", "count",     "first_raw",
                                        "last_raw",  "mark_raw"};

class PtraceSyscalls : public PtraceGadget {
 public:
  PtraceSyscalls(EventSchema syscalls, EventSchema marks, PtraceOutput& output)
      : syscalls_(output.rows(std::move(syscalls))), marks_(output.rows(std::move(marks))) {}

  void entered(TracedThread& thread) override {
    auto& process = *thread.process;
    // Before the command's program there is only our own waiting, and the call that ends it.
    const bool executes = thread.entry.call == Call::kExec;
    if (!process.executed && !executes) return;
    follow_life(process, thread.entry.call);
    const auto& identity = process.identity;
    auto& uses = uses_[{identity.mntns_id, identity.mntns_gen, identity.cgroup_id,
                        thread.entry.arch->name, phase_of(process), thread.entry.number}];
    if (uses.count++ == 0) uses.first_ns = thread.entry.time_ns;
    uses.last_ns = thread.entry.time_ns;
    uses.changed = true;
  }

  void executed(TracedThread& thread) override {
    auto& process = *thread.process;
    process.listens = false;
    if (process.executed) return;
    const auto now = wall_time_ns();
    marks_.set_identity(process.identity).set_enum("mark_raw", "entry_exec");
    marks_.set("first_raw", now).set("last_raw", now).emit();
  }

  void flush() override {
    for (auto& [key, uses] : uses_) {
      if (!uses.changed) continue;
      const auto& [mntns_id, mntns_gen, cgroup_id, arch, phase, number] = key;
      syscalls_.set_identity({mntns_id, mntns_gen, cgroup_id, 0}).set_enum("arch_raw", arch);
      syscalls_.set_enum("phase_raw", phase).set("syscall_raw", number).set("count", uses.count);
      syscalls_.set("first_raw", uses.first_ns).set("last_raw", uses.last_ns).emit();
      uses.changed = false;
    }
  }

  std::vector<const RowBuilder*> data_sources() const override { return {&syscalls_, &marks_}; }
  std::string empty_columns() const override { return syscalls_.columns_besides(kFilled); }

 private:
  struct Uses {
    std::int64_t count = 0, first_ns = 0, last_ns = 0;
    bool changed = false;
  };
  using Key = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t, std::string_view,
                         std::string_view, std::int64_t>;

  static std::string_view phase_of(const TracedProcess& process) {
    if (!process.executed) return "setup";
    return process.steady ? "steady" : "startup";
  }

  static void follow_life(TracedProcess& process, Call call) {
    if (call == Call::kListen || call == Call::kAccept) process.listens = true;
    const bool waits =
        call == Call::kPause || call == Call::kAccept || (call == Call::kWait && process.listens);
    if (waits && process.executed) process.steady = true;
  }

  RowBuilder syscalls_, marks_;
  std::map<Key, Uses> uses_;
};

EventSchema take_schema(std::vector<EventSchema>& schemas, std::string_view data_source) {
  const auto found = std::ranges::find(schemas, data_source, &EventSchema::data_source);
  return found == schemas.end() ? EventSchema{} : std::move(*found);
}

}  // namespace

std::unique_ptr<PtraceGadget> make_ptrace_syscalls(std::vector<EventSchema> schemas,
                                                   const GadgetParameters& /*parameters*/,
                                                   PtraceOutput& output) {
  auto syscalls = take_schema(schemas, "syscalls");
  auto marks = take_schema(schemas, "marks");
  return std::make_unique<PtraceSyscalls>(std::move(syscalls), std::move(marks), output);
}

}  // namespace ig
