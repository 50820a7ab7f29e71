// SPDX-License-Identifier: Apache-2.0
// LearnedCalls: what audit records add to a session. Each is asked whose it is and whether it is
// there already; what remains is stored together, or not at all. A record is known by its time and
// serial number, so a log that is read twice, or kept in two places, adds its calls once.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "store/call_owners.h"
#include "store/session_edit.h"

namespace ig {

class LearnedCalls {
 public:
  struct Counts {
    std::uint64_t records = 0;    // each counted once
    std::uint64_t added = 0;      // to be stored
    std::uint64_t known = 0;      // the session has them
    std::uint64_t nobodys = 0;    // no workload's
    std::uint64_t others = 0;     // of workloads that were not asked for
    std::uint64_t elsewhere = 0;  // of a machine that the recorded one is not
  };
  // One call of one workload.
  struct Call {
    WorkloadId workload = 0;
    std::string arch;
    std::int64_t number = 0;
    auto operator<=>(const Call&) const = default;
  };
  struct Use {
    std::uint64_t count = 0;
    std::int64_t first_ns = 0, last_ns = 0;
    std::set<std::string> comms;
    bool is_new = false;  // the session did not have this call of this workload
  };

  static Result<LearnedCalls> open(SessionReader& session, std::optional<NamedOwner> named);

  void take(DeniedCall call);
  Result<> store(SessionEdit& edit, const Enrichment& enrichment) const;

  const Counts& counts() const { return counts_; }
  const std::map<Call, Use>& calls() const { return calls_; }

 private:
  struct Stamp {
    std::int64_t time_ns;
    std::uint64_t serial;
    bool operator==(const Stamp&) const = default;
  };
  struct StampHash {
    std::size_t operator()(const Stamp& stamp) const {
      return static_cast<std::size_t>(stamp.time_ns) * 31 + stamp.serial;
    }
  };
  struct Owned {
    DeniedCall call;
    CallOwner owner;
  };

  explicit LearnedCalls(CallOwners owners) : owners_(std::move(owners)) {}
  Result<> take_known(SessionReader& session);
  void keep(DeniedCall call, const CallOwner& owner);

  CallOwners owners_;
  WorkloadId only_ = 0;  // 0 = any
  std::string native_arch_;
  std::unordered_set<Stamp, StampHash> stored_, seen_;
  std::set<Call> recorded_;
  std::vector<Owned> added_;
  std::map<Call, Use> calls_;
  Counts counts_;
};

}  // namespace ig
