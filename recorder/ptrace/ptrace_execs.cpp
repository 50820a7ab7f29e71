// SPDX-License-Identifier: Apache-2.0
// trace_exec by ptrace: programs that were executed, read from /proc while they have not run an
// instruction yet, and calls that failed, read from the caller's memory.
#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <unordered_map>

#include "recorder/ptrace/ptrace_gadget.h"
#include "recorder/ptrace/ptrace_memory.h"

namespace ig {
namespace {

constexpr std::string_view kFilled[] = {
    "timestamp_raw", "proc.*", "loginuid", "sessionid", "error_raw",      "args_count",
    "args_size",     "cwd",    "file",     "exepath",   "parent_exepath", "args"};
constexpr std::size_t kMostArguments = 1024, kLongestPath = 4096, kLongestArgument = 8192;
constexpr std::int64_t kNobody = 0xFFFFFFFF;

std::string read_file(pid_t pid, const char* name) {
  std::ifstream file(fmt::format("/proc/{}/{}", pid, name));
  return {std::istreambuf_iterator<char>(file), {}};
}

std::int64_t read_number(pid_t pid, const char* name) {
  const auto text = read_file(pid, name);
  return text.empty() ? kNobody : std::strtoll(text.c_str(), nullptr, 10);
}

struct ExecCall {
  std::string file, args;  // each argument ends with NUL
  std::int64_t count = 0;
};

ExecCall read_call(pid_t pid, pid_t tid, const SyscallEntry& entry) {
  const bool at = entry.call == Call::kExecAt;
  ExecCall call;
  call.file = read_tracee_text(tid, entry.args[at ? 1 : 0], kLongestPath);
  if (!call.file.starts_with('/')) {
    const auto folder = at && static_cast<int>(entry.args[0]) != AT_FDCWD
                            ? process_link(pid, "fd/" + std::to_string(entry.fd()))
                            : process_link(pid, "cwd");
    call.file = call.file.empty() ? folder : folder + "/" + call.file;
  }
  auto pointer = entry.args[at ? 2 : 1];
  for (std::size_t i = 0; i < kMostArguments; ++i, pointer += entry.word()) {
    const auto argument = read_tracee_word(tid, pointer, entry.word());
    if (argument == 0) break;
    call.args += read_tracee_text(tid, argument, kLongestArgument) + '\0';
    ++call.count;
  }
  return call;
}

// Arguments as one reads them: a text with NULs is cut by most of its readers.
std::string printable(std::string args) {
  if (args.ends_with('\0')) args.pop_back();
  std::ranges::replace(args, '\0', ' ');
  return args;
}

class PtraceExecs : public PtraceGadget {
 public:
  PtraceExecs(EventSchema schema, bool ignore_failed, PtraceOutput& output)
      : rows_(output.rows(std::move(schema))), ignore_failed_(ignore_failed) {}

  void entered(TracedThread& thread) override {
    const bool exec = thread.entry.call == Call::kExec || thread.entry.call == Call::kExecAt;
    if (!exec) return;
    calls_[thread.process->pid] = read_call(thread.process->pid, thread.tid, thread.entry);
  }

  void executed(TracedThread& thread) override {
    auto call = std::move(calls_[thread.process->pid]);
    calls_.erase(thread.process->pid);
    call.args = read_file(thread.process->pid, "cmdline");
    call.count = std::ranges::count(call.args, '\0');
    emit(thread, std::move(call), 0);
  }

  void left(TracedThread& thread, std::int64_t result) override {
    const bool exec = thread.entry.call == Call::kExec || thread.entry.call == Call::kExecAt;
    const auto call = calls_.find(thread.process->pid);
    if (!exec || result >= 0 || call == calls_.end()) return;
    if (!ignore_failed_) emit(thread, std::move(call->second), -result);
    calls_.erase(call);
  }

  std::vector<const RowBuilder*> data_sources() const override { return {&rows_}; }
  std::string empty_columns() const override { return rows_.columns_besides(kFilled); }

 private:
  void emit(const TracedThread& thread, ExecCall call, std::int64_t error) {
    const auto pid = thread.process->pid;
    rows_.set_process(facts_of(thread)).set("timestamp_raw", thread.entry.time_ns);
    rows_.set("loginuid", read_number(pid, "loginuid"));
    rows_.set("sessionid", read_number(pid, "sessionid"));
    rows_.set("error_raw", error).set("args_count", call.count);
    rows_.set("args_size", static_cast<std::int64_t>(call.args.size()));
    rows_.set("cwd", process_link(pid, "cwd")).set("exepath", process_link(pid, "exe"));
    rows_.set("parent_exepath", process_link(thread.process->parent, "exe"));
    rows_.set("file", std::move(call.file)).set("args", printable(std::move(call.args))).emit();
  }

  RowBuilder rows_;
  bool ignore_failed_;
  std::unordered_map<pid_t, ExecCall> calls_;  // that have not returned, by process
};

}  // namespace

std::unique_ptr<PtraceGadget> make_ptrace_execs(std::vector<EventSchema> schemas,
                                                const GadgetParameters& parameters,
                                                PtraceOutput& output) {
  const auto ignore = parameters.find("ignore-failed");
  const bool ignore_failed = ignore != parameters.end() && ignore->second == "true";
  return std::make_unique<PtraceExecs>(std::move(schemas.front()), ignore_failed, output);
}

}  // namespace ig
