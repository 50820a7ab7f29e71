// SPDX-License-Identifier: Apache-2.0
#include "advisors/capabilities/needed_capabilities.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <sstream>
#include <string_view>

#include "advisors/capabilities/kernel_asker.h"
#include "store/syscall_table.h"

namespace ig {
namespace {

constexpr std::uint64_t kInitialUserns = 0xEFFFFFFD;  // PROC_USER_INIT_INO, on every machine

// By number, which is that of the bit; without CAP_.
constexpr std::string_view kCapabilities =
    "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP "
    "LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK "
    "IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN "
    "SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE "
    "AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND "
    "AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE";

std::string_view program_family(std::string_view comm) { return comm.substr(0, comm.find(':')); }

// runc and its like run from a sealed copy of themselves that is on no mount.
bool is_runtime_name(std::string_view comm, const Workload& workload) {
  const auto family = program_family(comm);
  constexpr std::array<std::string_view, 3> kRuntimes = {"runc", "crun", "youki"};
  return (!workload.runtime.empty() && family == workload.runtime) ||
         std::ranges::find(kRuntimes, family) != kRuntimes.end();
}

// Whose a use is, and in whose namespaces.
class Judge {
 public:
  Judge(const Workload& workload, const std::vector<CapabilityUse>& uses,
        const std::vector<SetupMark>& marks)
      : workload_(workload) {
    if (!workload.partial) {
      for (const SetupMark& mark : marks) {
        if (mark.mark == "entry_exec") entry_ns_ = mark.first_ns;
      }
    }
    for (const CapabilityUse& use : uses) {
      if (is_own_mount(use)) own_programs_.emplace(program_family(use.comm));
    }
    for (const CapabilityUse& use : uses) note_own(use);
  }

  bool start_seen() const { return entry_ns_ != kNever; }
  const CapabilityUse* first_own() const { return first_; }
  bool root_seen() const { return root_seen_; }

  CapabilityVerdict verdict(const CapabilityUse& use) const {
    if (is_set_up(use)) return CapabilityVerdict::kSetUp;
    if (use.current_userns != home() || use.target_userns != home()) {
      return CapabilityVerdict::kElsewhere;
    }
    if (is_probe(use)) return CapabilityVerdict::kProbed;
    return use.granted ? CapabilityVerdict::kNeeded : CapabilityVerdict::kRefused;
  }

  // The user namespace of the container: it owns its mount namespace.
  std::uint64_t home() const { return home_; }

 private:
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

  bool is_own_mount(const CapabilityUse& use) const {
    return use.program_mntns != 0 &&
           (use.program_mntns == use.mntns_id || use.program_mntns == workload_.mntns_id);
  }

  bool is_set_up(const CapabilityUse& use) const {
    if (start_seen() && use.last_ns <= entry_ns_) return true;
    if (is_own_mount(use)) return false;
    if (use.program_mntns != 0) return true;
    return is_runtime_name(use.comm, workload_) &&
           !own_programs_.contains(std::string(program_family(use.comm)));
  }

  // What the kernel asks in passing. A filter is different: without no_new_privs, seccomp() fails
  // where the capability is missing, though nothing is audited.
  static bool is_probe(const CapabilityUse& use) {
    const bool without_audit = use.audit < 0 ? asked_without_audit(use.kernel_stack) : !use.audit;
    if (!without_audit) return false;
    const auto call = syscall_name(use.arch, use.syscall);
    return use.capability != "CAP_SYS_ADMIN" || !call || (*call != "seccomp" && *call != "prctl");
  }

  void note_own(const CapabilityUse& use) {
    if (is_set_up(use)) return;
    root_seen_ |= use.uid == 0;
    const bool at_home = workload_.mntns_id != 0 && use.mntns_id == workload_.mntns_id;
    if (at_home > home_sure_ || (at_home == home_sure_ && use.first_ns < home_seen_ns_)) {
      home_ = use.mntns_userns;
      home_seen_ns_ = use.first_ns;
      home_sure_ = at_home;
    }
    if (!first_ || use.first_ns < first_->first_ns) first_ = &use;
  }

  const Workload& workload_;
  std::set<std::string> own_programs_;
  std::int64_t entry_ns_ = kNever, home_seen_ns_ = kNever;
  std::uint64_t home_ = 0;
  bool home_sure_ = false, root_seen_ = false;
  const CapabilityUse* first_ = nullptr;
};

std::string call_name(const CapabilityUse& use) {
  if (use.syscall < 0) return "no call";
  const auto name = syscall_name(use.arch, use.syscall);
  return name ? *name : use.arch + " " + std::to_string(use.syscall);
}

void add(CapabilityEvidence& evidence, const CapabilityUse& use) {
  if (evidence.count == 0) evidence.first_ns = use.first_ns;
  evidence.count += use.count;
  evidence.first_ns = std::min(evidence.first_ns, use.first_ns);
  evidence.last_ns = std::max(evidence.last_ns, use.last_ns);
  evidence.comms.insert(use.comm);
  evidence.calls.insert(call_name(use));
  evidence.uids.insert(use.uid);
  evidence.audit_known &= use.audit >= 0 || !use.kernel_stack.empty();
}

// The kernel counts memory at every start of a program, so its first use shows how it began. Of a
// workload that was running before, that is over: whether it ever was root has to do.
StartUser start_user(const Judge& judge) {
  StartUser start;
  const CapabilityUse* first = judge.first_own();
  if (!first || judge.home() != kInitialUserns) return start;
  start.known = true;
  start.uid = first->uid;
  start.effective = first->effective;
  start.root = judge.start_seen() ? first->uid == 0 : judge.root_seen();
  return start;
}

}  // namespace

std::optional<unsigned> capability_bit(const std::string& name) {
  std::istringstream words{std::string(kCapabilities)};
  std::string word;
  for (unsigned bit = 0; words >> word; ++bit) {
    if (name == "CAP_" + word) return bit;
  }
  return std::nullopt;
}

std::set<std::string> NeededCapabilities::with(CapabilityVerdict verdict) const {
  std::set<std::string> names;
  for (const auto& [key, unused] : evidence) {
    if (key.second == verdict) names.insert(key.first);
  }
  return names;
}

std::set<std::string> NeededCapabilities::ambient() const {
  std::set<std::string> names;
  if (!start.known || start.root) return names;
  for (const std::string& name : with(CapabilityVerdict::kNeeded)) {
    const auto bit = capability_bit(name);
    if (bit && (start.effective >> *bit & 1) != 0) names.insert(name);
  }
  return names;
}

std::set<std::string> NeededCapabilities::from_files() const {
  std::set<std::string> names;
  if (!start.known || start.root) return names;
  const auto needed = with(CapabilityVerdict::kNeeded), given = ambient();
  std::ranges::set_difference(needed, given, std::inserter(names, names.end()));
  return names;
}

Result<NeededCapabilities> needed_capabilities(SessionReader& session, const Workload& workload) {
  IG_ASSIGN(const auto uses, session.capabilities(workload.id));
  IG_ASSIGN(const auto marks, session.setup_marks(workload.id));
  const Judge judge(workload, uses, marks);
  NeededCapabilities needed;
  needed.any_use = judge.first_own() != nullptr;
  needed.start_seen = judge.start_seen();
  needed.start = start_user(judge);
  for (const CapabilityUse& use : uses) {
    add(needed.evidence[{use.capability, judge.verdict(use)}], use);
  }
  return needed;
}

}  // namespace ig
