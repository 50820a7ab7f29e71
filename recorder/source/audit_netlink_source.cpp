// SPDX-License-Identifier: Apache-2.0
// audit_seccomp from the audit records of the kernel. A record has a process id and no workload,
// and the one who made it may have been killed for it: that process is looked up at once, and where
// it is gone the row says no more than the record. Where programs for the signals run beside it,
// only records of those who live on are taken.
#include <fmt/format.h>
#include <linux/audit.h>
#include <linux/seccomp.h>

#include "recorder/source/audit_record.h"
#include "recorder/source/audit_socket.h"
#include "recorder/source/user_sources.h"

namespace ig {
namespace {

constexpr int kTurn = 256;

class AuditNetlinkSource : public UserSource {
 public:
  explicit AuditNetlinkSource(bool with_signals) : with_signals_(with_signals) {}

  Result<> open() override {
    IG_ASSIGN(auto socket, AuditSocket::open());
    socket_ = std::make_unique<AuditSocket>(std::move(socket));
    return {};
  }

  int poll_fd() const override { return socket_ ? socket_->fd() : -1; }

  bool consume() override {
    const bool more = socket_->receive(kTurn, [this](std::uint16_t type, std::string_view text) {
      if (type == AUDIT_SECCOMP) take(text);
    });
    if (more) return true;
    report_losses();
    return false;
  }

 private:
  void take(std::string_view text) {
    auto record = parse_seccomp_record(text);
    if (!record) return output().lose(Loss::Kind::kMalformed, 1, "audit record");
    const auto action = record->code & SECCOMP_RET_ACTION_FULL;
    const bool signals = action == SECCOMP_RET_KILL_PROCESS || action == SECCOMP_RET_KILL_THREAD ||
                         action == SECCOMP_RET_TRAP;
    if (signals && !with_signals_) return;
    auto& row = output().first();
    row.set_process(process_of(*record)).set("timestamp_raw", record->time_ns);
    row.set_enum("arch_raw", syscall_table_of(record->arch, record->syscall));
    row.set("syscall_raw", record->syscall).set("code_raw", action).emit();
  }

  ProcessFacts process_of(const SeccompRecord& record) {
    auto facts = read_process_facts("/proc", record.pid);
    if (!facts) facts.emplace();
    if (facts->identity.mntns_id == 0 && facts->identity.cgroup_id == 0) ++gone_;
    // The record does not say which thread it was.
    facts->tid = facts->threads == 1 ? record.pid : 0;
    facts->pid = record.pid;
    facts->comm = record.comm;
    facts->uid = record.uid;
    facts->gid = record.gid;
    return *std::move(facts);
  }

  void report_losses() {
    if (const auto drops = socket_->take_drops(); drops > 0) {
      output().lose(Loss::Kind::kRingFull, drops, "audit records, of any kind");
    }
    if (gone_ > 0) {
      output().lose(Loss::Kind::kBackendLimit, gone_,
                    "processes were gone before their workload was looked up");
    }
    gone_ = 0;
  }

  bool with_signals_;
  std::unique_ptr<AuditSocket> socket_;
  std::uint64_t gone_ = 0;
};

}  // namespace

Result<> check_audit_netlink() {
  if (auto socket = AuditSocket::open(); !socket) return std::unexpected(socket.error());
  return {};
}

std::unique_ptr<UserSource> make_audit_netlink(const Gadget&, const UserParameters&) {
  return std::make_unique<AuditNetlinkSource>(true);
}

std::unique_ptr<UserSource> make_audit_netlink_beside_signals(const Gadget&,
                                                              const UserParameters&) {
  return std::make_unique<AuditNetlinkSource>(false);
}

}  // namespace ig
