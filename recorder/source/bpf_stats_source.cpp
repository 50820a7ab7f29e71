// SPDX-License-Identifier: Apache-2.0
// bpfstats: the cost of every BPF program in the kernel. The kernel counts while somebody holds its
// statistics enabled, which costs each run of each program some nanoseconds; we do while we record.
// Numbers are of the recording, not since the program was loaded.
#include <bpf/bpf.h>
#include <fmt/format.h>
#include <linux/bpf.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "base/handle.h"
#include "base/text.h"
#include "recorder/source/bpf_programs.h"
#include "recorder/source/user_sources.h"

namespace ig {
namespace {

using Clock = std::chrono::steady_clock;

// Going through the descriptors of all processes is the dear part.
constexpr std::chrono::seconds kHoldersAge{5};

Result<UniqueFd> enable_statistics() {
  UniqueFd fd(bpf_enable_stats(BPF_STATS_RUN_TIME));
  if (fd) return fd;
  return std::unexpected(system_error(errno, "enable the kernel's statistics of BPF programs"));
}

class BpfStatsSource : public UserSource {
 public:
  Result<> open() override {
    IG_ASSIGN(statistics_, enable_statistics());
    started_ = last_read_ = Clock::now();
    for (const auto& program : loaded_bpf_programs()) before_[program.id] = counts_of(program);
    return {};
  }

  void close() override { closed_ = true; }

  Result<> read() override {
    const auto now = Clock::now();
    const auto programs = loaded_bpf_programs();
    refresh_holders(programs, now);
    for (const auto& program : programs) write(program, now);
    last_read_ = now;
    return {};
  }

 private:
  struct Counts {
    std::uint64_t time_ns = 0, runs = 0;
  };
  static Counts counts_of(const BpfProgram& program) {
    return {program.run_time_ns, program.run_count};
  }

  void write(const BpfProgram& program, Clock::time_point now) {
    const auto& before = before_[program.id];
    auto& last = last_.try_emplace(program.id, before).first->second;
    // At the end the share is that of the whole recording.
    const auto since = closed_ ? before : last;
    const std::chrono::duration<double, std::nano> elapsed =
        now - (closed_ ? started_ : last_read_);
    const auto spent = static_cast<double>(program.run_time_ns - since.time_ns);
    const auto share = elapsed.count() > 0 ? 100 * spent / elapsed.count() : 0;
    last = counts_of(program);

    auto& row = output().first();
    const auto& holders = holders_[program.id];
    std::vector<std::string> comms, pids;
    for (const auto& holder : holders) {
      comms.push_back(holder.comm);
      pids.push_back(std::to_string(holder.pid));
    }
    const bool own = std::ranges::count(holders, ::getpid(), &BpfHolder::pid) > 0;
    row.set("progID", program.id).set("progName", program.name).set("progType", program.type);
    row.set("runtime_raw", static_cast<std::int64_t>(program.run_time_ns - before.time_ns));
    row.set("runcount", static_cast<std::int64_t>(program.run_count - before.runs));
    row.set_real("cpuUsage", share).set_real("cpuUsageRelative", share / cpus_);
    row.set("mapMemory_raw", static_cast<std::int64_t>(program.map_bytes));
    row.set("mapCount", program.map_count).set("own", own ? 1 : 0);
    row.set("comms", join(comms, ",")).set("pids", join(pids, ",")).emit();
  }

  void refresh_holders(const std::vector<BpfProgram>& programs, Clock::time_point now) {
    const bool has_new = std::ranges::any_of(
        programs, [this](const BpfProgram& program) { return !last_.contains(program.id); });
    if (!has_new && !closed_ && now - holders_found_ < kHoldersAge) return;
    holders_ = find_bpf_holders("/proc");
    holders_found_ = now;
  }

  UniqueFd statistics_;
  std::map<std::uint32_t, Counts> before_, last_;
  BpfHolders holders_;
  Clock::time_point started_, last_read_, holders_found_;
  bool closed_ = false;
  double cpus_ = static_cast<double>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
};

}  // namespace

Result<> check_bpf_stats() {
  if (auto fd = enable_statistics(); !fd) return std::unexpected(fd.error());
  return {};
}

std::unique_ptr<UserSource> make_bpf_stats(const Gadget&, const UserParameters&) {
  return std::make_unique<BpfStatsSource>();
}

}  // namespace ig
