// SPDX-License-Identifier: Apache-2.0
// FakeSession: a session as advisors see it, built in a test line by line. Times are seconds after
// kStart, so that a test reads like a timetable.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "store/session_reader.h"
#include "store/syscall_table.h"

namespace ig::test {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kStart = 1'762'178'400 * kSecond;  // 2025-11-03T14:00:00Z
constexpr std::int64_t at(std::int64_t second) { return kStart + second * kSecond; }

constexpr std::uint64_t kInitialUserns = 4026531837;  // the kernel's own constant
constexpr std::uint64_t kMntns = 4026532200;

class FakeSession : public SessionReader {
 public:
  FakeSession() {
    info_.host_name = "node1";
    info_.architecture = "x86_64";
    info_.kernel_release = "6.1.0-30-amd64";
    info_.started_ns = at(0);
    info_.ended_ns = at(600);
    info_.complete = true;
    runs_.resize(3);
    runs_[0].gadget = "advise_seccomp";
    runs_[1].gadget = "advise_networkpolicy";
    runs_[2].gadget = "trace_capabilities";
  }

  Workload& workload(const std::string& name, WorkloadKind kind = WorkloadKind::kContainer) {
    Workload workload;
    workload.id = static_cast<WorkloadId>(workloads_.size()) + 1;
    workload.kind = kind;
    workload.name = name;
    workload.first_seen_ns = at(0);
    workload.last_seen_ns = at(600);
    workloads_.reserve(100);  // references stay good
    workloads_.push_back(workload);
    return workloads_.back();
  }

  // All of `names`, each called once at `first` and once at `last`.
  FakeSession& calls(const Workload& workload, const std::string& phase,
                     const std::vector<std::string>& names, std::int64_t first = 10,
                     std::int64_t last = 20, const std::string& arch = "x86_64") {
    for (const std::string& name : names) {
      number_call(workload, phase, *syscall_number(arch, name), first, last, arch);
    }
    return *this;
  }
  FakeSession& number_call(const Workload& workload, const std::string& phase, std::int64_t number,
                           std::int64_t first = 10, std::int64_t last = 20,
                           const std::string& arch = "x86_64") {
    syscalls_[workload.id].push_back({arch, phase, number, 2, at(first), at(last)});
    return *this;
  }
  // The call was seen with `values` in its argument `index`; the call itself is added too.
  FakeSession& values(const Workload& workload, const std::string& phase, const std::string& name,
                      unsigned index, const std::vector<std::uint64_t>& values,
                      std::int64_t last = 20, const std::string& arch = "x86_64") {
    const std::int64_t number = *syscall_number(arch, name);
    number_call(workload, phase, number, 10, last, arch);
    for (const std::uint64_t value : values) {
      arguments_[workload.id].push_back(
          {arch, phase, number, index, value, false, 2, at(10), at(last)});
    }
    return *this;
  }
  // More values than were kept.
  FakeSession& more_values(const Workload& workload, const std::string& phase,
                           const std::string& name, unsigned index) {
    arguments_[workload.id].push_back(
        {"x86_64", phase, *syscall_number("x86_64", name), index, 0, true, 5, at(10), at(20)});
    return *this;
  }
  std::vector<SyscallUse>& calls_of(const Workload& workload) { return syscalls_[workload.id]; }
  FakeSession& mark(const Workload& workload, const std::string& name, std::int64_t first,
                    std::int64_t last = -1) {
    marks_[workload.id].push_back({name, at(first), at(last < 0 ? first : last)});
    return *this;
  }
  // Asked in the container's own namespaces by a program of its own, as root, and granted.
  CapabilityUse& asked(const Workload& workload, const std::string& capability,
                       const std::string& call, const std::string& comm, std::int64_t first = 10,
                       std::int64_t last = 20) {
    CapabilityUse use;
    use.capability = capability;
    use.granted = true;
    use.audit = 1;
    use.current_userns = use.target_userns = use.mntns_userns = kInitialUserns;
    use.mntns_id = use.program_mntns = kMntns;
    use.arch = "x86_64";
    use.syscall = *syscall_number(use.arch, call);
    use.comm = comm;
    use.count = 4;
    use.first_ns = at(first);
    use.last_ns = at(last);
    capabilities_[workload.id].reserve(100);
    capabilities_[workload.id].push_back(use);
    return capabilities_[workload.id].back();
  }
  Flow& flow(const Workload& workload, bool egress, const std::string& protocol,
             const std::string& peer, std::uint16_t port) {
    Flow flow;
    flow.egress = egress;
    flow.protocol = protocol;
    flow.peer = peer;
    flow.port = port;
    flow.count = 3;
    flow.first_ns = at(10);
    flow.last_ns = at(20);
    flows_[workload.id].reserve(2000);
    flows_[workload.id].push_back(flow);
    return flows_[workload.id].back();
  }
  // What was recorded of the cluster; it knows nothing until it has a source.
  Inventory& cluster() { return inventory_; }
  std::vector<Translation>& translated() { return translations_; }
  FakeSession& resolved(const Workload& workload, const std::string& name,
                        const std::string& address, std::int64_t first = 5) {
    names_[workload.id].push_back({name, address, at(first), at(first)});
    return *this;
  }
  FakeSession& lose(const std::string& gadget, Loss::Kind kind, WorkloadId workload = 0) {
    Loss loss;
    loss.gadget = gadget;
    loss.kind = kind;
    loss.workload = workload;
    loss.count = 7;
    loss.from_ns = at(30);
    loss.to_ns = at(31);
    losses_.push_back(loss);
    return *this;
  }

  SessionInfo& session() { return info_; }
  std::vector<GadgetRun>& runs() { return runs_; }

  Result<SessionInfo> info() override { return info_; }
  Result<std::vector<GadgetRun>> gadget_runs() override { return runs_; }
  Result<std::vector<Workload>> workloads(const Selector& selector) override {
    std::vector<Workload> chosen;
    for (const Workload& workload : workloads_) {
      if (selector.matches(workload)) chosen.push_back(workload);
    }
    return chosen;
  }
  Result<std::vector<Loss>> losses() override { return losses_; }
  Result<std::vector<TableInfo>> tables() override { return std::vector<TableInfo>{}; }
  Result<std::vector<Enrichment>> enrichments() override { return std::vector<Enrichment>{}; }
  Result<std::vector<SyscallUse>> syscalls(WorkloadId id) override { return syscalls_[id]; }
  Result<std::vector<SyscallArgumentUse>> syscall_arguments(WorkloadId id) override {
    return arguments_[id];
  }
  Result<std::vector<SetupMark>> setup_marks(WorkloadId id) override { return marks_[id]; }
  Result<std::vector<CapabilityUse>> capabilities(WorkloadId id) override {
    return capabilities_[id];
  }
  Result<std::vector<Flow>> flows(WorkloadId id) override { return flows_[id]; }
  Result<std::vector<ResolvedName>> resolved_names(WorkloadId id) override { return names_[id]; }
  Result<std::vector<Translation>> translations() override { return translations_; }
  Result<Inventory> inventory() override { return inventory_; }
  Result<> query(const std::string&, std::vector<std::string>&,
                 const std::function<bool(const QueryRow&)>&) override {
    return {};
  }
  void stop_when(std::function<bool()>) override {}

 private:
  SessionInfo info_;
  std::vector<GadgetRun> runs_;
  std::vector<Workload> workloads_;
  std::vector<Loss> losses_;
  std::map<WorkloadId, std::vector<SyscallUse>> syscalls_;
  std::map<WorkloadId, std::vector<SyscallArgumentUse>> arguments_;
  std::map<WorkloadId, std::vector<SetupMark>> marks_;
  std::map<WorkloadId, std::vector<CapabilityUse>> capabilities_;
  std::map<WorkloadId, std::vector<Flow>> flows_;
  std::map<WorkloadId, std::vector<ResolvedName>> names_;
  std::vector<Translation> translations_;
  Inventory inventory_;
};

}  // namespace ig::test
