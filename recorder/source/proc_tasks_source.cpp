// SPDX-License-Identifier: Apache-2.0
// snapshot_process from /proc, where no BPF is to be had. Kernel threads are among them.
#include <fmt/format.h>
#include <unistd.h>

#include <fstream>

#include "recorder/source/user_sources.h"
#include "recorder/workload/workload_tracker_proc.h"

namespace ig {
namespace {

class ProcTasksSource : public UserSource {
 public:
  explicit ProcTasksSource(bool threads) : threads_(threads) {}

  Result<> open() override { return {}; }

  Result<> read() override {
    for (const auto pid : running_processes("/proc")) {
      const auto process = read_process_facts("/proc", pid);
      if (!process) continue;
      if (threads_) {
        write_threads(*process);
      } else {
        write(*process);
      }
    }
    return {};
  }

 private:
  void write_threads(ProcessFacts process) {
    const auto folder = fmt::format("/proc/{}/task", process.pid);
    for (const auto tid : running_processes(folder)) {
      process.tid = tid;
      std::ifstream comm(fmt::format("{}/{}/comm", folder, tid));
      if (std::getline(comm, process.comm)) write(process);
    }
  }

  void write(const ProcessFacts& process) {
    auto& row = output().first();
    row.set_process(process).set("threads", process.threads);
    row.set("netns_id", static_cast<std::int64_t>(process.identity.netns_id)).emit();
  }

  bool threads_;
};

}  // namespace

Result<> check_proc() {
  if (::access("/proc/self/stat", R_OK) == 0) return {};
  return fail(ErrorCode::kUnsupported, "/proc is not mounted");
}

std::unique_ptr<UserSource> make_proc_processes(const Gadget&, const UserParameters& parameters) {
  return std::make_unique<ProcTasksSource>(parameters.is_on("threads"));
}

}  // namespace ig
