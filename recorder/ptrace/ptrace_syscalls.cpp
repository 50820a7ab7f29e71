// SPDX-License-Identifier: Apache-2.0
// advise_seccomp by ptrace: the calls of the command by table, phase and number, and the values of
// arguments that have few. The phases are those of the BPF gadget: set-up until the command's
// program is executed, start-up until a process that listens first waits, then steady.
#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

#include "base/clock.h"
#include "recorder/ptrace/kept_arguments.h"
#include "recorder/ptrace/ptrace_gadget.h"

namespace ig {
namespace {

constexpr std::string_view kFilled[] = {
    "mntns_id",  "mntns_gen", "cgroup_id", "arch_raw", "phase_raw", "syscall_raw", "count",
    "first_raw", "last_raw",  "mark_raw",  "argument", "value",     "other"};

class PtraceSyscalls : public PtraceGadget {
 public:
  PtraceSyscalls(EventSchema syscalls, EventSchema marks, EventSchema arguments,
                 PtraceOutput& output)
      : syscalls_(output.rows(std::move(syscalls))),
        marks_(output.rows(std::move(marks))),
        arguments_(output.rows(std::move(arguments))) {}

  void entered(TracedThread& thread) override {
    auto& process = *thread.process;
    // Before the command's program there is only our own waiting, and the call that ends it.
    const bool executes = thread.entry.call == Call::kExec;
    if (!process.executed && !executes) return;
    follow_life(process, thread.entry.call);
    const auto& identity = process.identity;
    const Key key{identity.mntns_id,       identity.mntns_gen, identity.cgroup_id,
                  thread.entry.arch->name, phase_of(process),  thread.entry.number};
    uses_[key].add(thread.entry.time_ns);
    note_values(key, thread.entry);
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
      if (uses.changed) emit(syscalls_, key, uses);
    }
    for (auto& [key, argument] : values_) {
      for (auto& [value, uses] : argument.kept) {
        if (uses.changed) emit_value(key, value, false, uses);
      }
      if (argument.other.changed) emit_value(key, 0, true, argument.other);
    }
  }

  std::vector<const RowBuilder*> data_sources() const override {
    return {&syscalls_, &marks_, &arguments_};
  }
  std::string empty_columns() const override { return syscalls_.columns_besides(kFilled); }

 private:
  struct Uses {
    std::int64_t count = 0, first_ns = 0, last_ns = 0;
    bool changed = false;

    void add(std::int64_t time_ns) {
      if (count++ == 0) first_ns = time_ns;
      last_ns = time_ns;
      changed = true;
    }
  };
  using Key = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t, std::string_view,
                         std::string_view, std::int64_t>;
  using ArgumentKey = std::pair<Key, std::int64_t>;  // and which argument
  struct Values {
    std::map<std::uint64_t, Uses> kept;
    Uses other;  // all that came when kept was full
  };

  void note_values(const Key& key, const SyscallEntry& entry) {
    const auto wanted = kept_arguments(*entry.arch, entry.number);
    for (std::size_t i = 0; i < std::size(wanted.index); ++i) {
      if (!wanted.index[i]) continue;
      const auto whole = entry.args[i];
      const auto value = wanted.wide ? whole : whole & 0xffff'ffff;
      auto& values = values_[{key, static_cast<std::int64_t>(i)}];
      const bool has_room = values.kept.size() < kMostValues || values.kept.contains(value);
      (has_room ? values.kept[value] : values.other).add(entry.time_ns);
    }
  }

  static void emit(RowBuilder& row, const Key& key, Uses& uses) {
    const auto& [mntns_id, mntns_gen, cgroup_id, arch, phase, number] = key;
    row.set_identity({mntns_id, mntns_gen, cgroup_id, 0}).set_enum("arch_raw", arch);
    row.set_enum("phase_raw", phase).set("syscall_raw", number).set("count", uses.count);
    row.set("first_raw", uses.first_ns).set("last_raw", uses.last_ns).emit();
    uses.changed = false;
  }

  void emit_value(const ArgumentKey& key, std::uint64_t value, bool other, Uses& uses) {
    arguments_.set("argument", key.second).set("value", static_cast<std::int64_t>(value));
    arguments_.set("other", std::int64_t{other});
    emit(arguments_, key.first, uses);
  }

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

  RowBuilder syscalls_, marks_, arguments_;
  std::map<Key, Uses> uses_;
  std::map<ArgumentKey, Values> values_;
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
  auto arguments = take_schema(schemas, "arguments");
  return std::make_unique<PtraceSyscalls>(std::move(syscalls), std::move(marks),
                                          std::move(arguments), output);
}

}  // namespace ig
