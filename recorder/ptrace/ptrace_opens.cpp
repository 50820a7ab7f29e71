// SPDX-License-Identifier: Apache-2.0
// trace_open by ptrace: open, openat, openat2 and creat, with the path that the kernel gives the
// new descriptor.
#include <fcntl.h>
#include <linux/openat2.h>

#include <array>
#include <unordered_map>

#include "recorder/ptrace/ptrace_gadget.h"
#include "recorder/ptrace/ptrace_memory.h"

namespace ig {
namespace {

constexpr std::string_view kFilled[] = {"timestamp_raw", "proc.*",   "error_raw", "fd",
                                        "flags_raw",     "mode_raw", "fname",     "fpath"};
constexpr std::int64_t kFirstRestart = 512;  // from here on the call is only started again

struct OpenCall {
  int folder = AT_FDCWD;
  std::uint64_t name = 0, flags = 0, mode = 0;
};

OpenCall read_call(pid_t tid, const SyscallEntry& entry) {
  const auto& args = entry.args;
  switch (entry.call) {
    case Call::kOpen:
      return {AT_FDCWD, args[0], args[1], args[2]};
    case Call::kCreate:
      return {AT_FDCWD, args[0], O_CREAT | O_WRONLY | O_TRUNC, args[1]};
    case Call::kOpenAt2: {
      const auto how = read_tracee_value<open_how>(tid, args[2]);
      return {static_cast<int>(args[0]), args[1], how.flags, how.mode};
    }
    default:
      return {static_cast<int>(args[0]), args[1], args[2], args[3]};
  }
}

// Folder and name as they were given.
std::string asked_path(pid_t pid, int folder, const std::string& name) {
  if (name.starts_with('/')) return name;
  const auto base = process_link(pid, folder == AT_FDCWD ? "cwd" : "fd/" + std::to_string(folder));
  return base.empty() ? name : base + (base.ends_with('/') ? "" : "/") + name;
}

class PtraceOpens : public PtraceGadget {
 public:
  PtraceOpens(EventSchema schema, bool only_failed, PtraceOutput& output)
      : rows_(output.rows(std::move(schema))), only_failed_(only_failed) {}

  void entered(TracedThread& thread) override {
    if (is_open(thread)) names_[thread.tid] = read_tracee_text(thread.tid, name_of(thread), 4096);
  }

  void left(TracedThread& thread, std::int64_t result) override {
    if (!is_open(thread)) return;
    const auto name = std::move(names_[thread.tid]);
    names_.erase(thread.tid);
    if (result <= -kFirstRestart || (only_failed_ && result >= 0)) return;
    const auto call = read_call(thread.tid, thread.entry);
    const auto pid = thread.process->pid;
    const auto flags = static_cast<std::uint32_t>(call.flags);
    const bool makes = (flags & (O_CREAT | O_TMPFILE)) != 0;
    rows_.set_process(facts_of(thread)).set("timestamp_raw", thread.entry.time_ns);
    rows_.set("error_raw", result < 0 ? -result : 0).set("fd", result < 0 ? -1 : result);
    rows_.set("flags_raw", flags)
        .set("mode_raw", makes ? static_cast<std::uint32_t>(call.mode) : 0);
    rows_.set("fpath", result < 0 ? asked_path(pid, call.folder, name)
                                  : process_link(pid, "fd/" + std::to_string(result)));
    rows_.set("fname", name).emit();
  }

  std::vector<const RowBuilder*> data_sources() const override { return {&rows_}; }
  std::string empty_columns() const override { return rows_.columns_besides(kFilled); }

 private:
  static bool is_open(const TracedThread& thread) {
    const auto call = thread.entry.call;
    return thread.process->executed && call >= Call::kOpen && call <= Call::kCreate;
  }
  static std::uint64_t name_of(const TracedThread& thread) {
    return read_call(thread.tid, thread.entry).name;
  }

  RowBuilder rows_;
  bool only_failed_;
  std::unordered_map<pid_t, std::string> names_;  // of calls that have not returned, by thread
};

}  // namespace

std::unique_ptr<PtraceGadget> make_ptrace_opens(std::vector<EventSchema> schemas,
                                                const GadgetParameters& parameters,
                                                PtraceOutput& output) {
  const auto failed = parameters.find("failed");
  const bool only_failed = failed != parameters.end() && failed->second == "true";
  return std::make_unique<PtraceOpens>(std::move(schemas.front()), only_failed, output);
}

}  // namespace ig
