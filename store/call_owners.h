// SPDX-License-Identifier: Apache-2.0
// CallOwners: whose a call was that an audit record tells of. A record has the number of a process
// and a time, and no container; so it is asked which process of the recording had that number then.
// What no process explains belongs to nobody, unless a person says whose lines of such a program
// are. Nothing is guessed.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/denied_call.h"
#include "store/session_reader.h"

namespace ig {

// What a person said: lines that no recorded process explains are this workload's, where the
// program is one of these. Shell patterns are allowed.
struct NamedOwner {
  WorkloadId workload = 0;
  std::vector<std::string> comm{}, exe{};  // both empty: the names that its processes had
};

class CallOwners {
 public:
  static Result<CallOwners> open(SessionReader& session, std::optional<NamedOwner> named);

  // nullopt: nobody's.
  std::optional<CallOwner> owner_of(const DeniedCall& call) const;

 private:
  // A process of that number began at `start_ns`.
  struct Life {
    std::int64_t start_ns = 0;
    WorkloadId workload = 0;
  };

  Result<> take_processes(SessionReader& session);
  bool is_of_recording(const DeniedCall& call) const;
  bool was_there(WorkloadId workload, std::int64_t time_ns) const;
  std::set<WorkloadId> candidates(const DeniedCall& call) const;
  std::optional<WorkloadId> by_process(const DeniedCall& call) const;
  WorkloadId innermost(const std::set<WorkloadId>& workloads) const;
  bool fits_name(const DeniedCall& call) const;

  SessionInfo info_;
  std::int64_t end_ns_ = 0;  // of the recording
  std::map<WorkloadId, Workload> workloads_;
  std::map<std::int64_t, std::vector<Life>> lives_;  // by process id
  std::map<std::int64_t, std::set<WorkloadId>> first_processes_;
  std::optional<NamedOwner> named_;
  std::set<std::string> names_;  // that processes of the named workload had
};

}  // namespace ig
