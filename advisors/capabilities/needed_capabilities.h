// SPDX-License-Identifier: Apache-2.0
// What the recorded checks of one workload say: which capabilities it needs, and why the others
// that it was asked for are not among them. That the kernel asked is not yet a need: it asks in
// passing (memory accounting, /proc), in user namespaces that a program made itself, and of the
// runtime that prepares the container.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/session_reader.h"

namespace ig {

enum class CapabilityVerdict {
  kNeeded,
  kRefused,    // it was not there, and the workload lived with it
  kProbed,     // asked without audit: the answer only chooses what is shown or counted
  kElsewhere,  // in a user namespace that is not the container's own
  kSetUp,      // asked of the runtime, by a program from outside the container
};

struct CapabilityEvidence {
  std::uint64_t count = 0;
  std::int64_t first_ns = 0, last_ns = 0;
  std::set<std::string> comms, calls;
  std::set<std::uint32_t> uids;
  bool audit_known = true;  // false: taken for a need since nothing says that it was a probe
};

// How the entry point began, as far as the recording tells.
struct StartUser {
  bool known = false;  // not in a user namespace, where 0 may be somebody
  bool root = true;
  std::uint32_t uid = 0;
  std::uint64_t effective = 0;  // of its first moment
};

struct NeededCapabilities {
  using Key = std::pair<std::string, CapabilityVerdict>;
  std::map<Key, CapabilityEvidence> evidence;
  StartUser start;
  bool any_use = false;  // of the workload itself
  bool start_seen = false;

  std::set<std::string> with(CapabilityVerdict verdict) const;
  // Of those that are needed: what a program that does not start as root has to be given, since
  // an exec would take it away, and had in this recording.
  std::set<std::string> ambient() const;
  // Needed after a start as another user than root without having them: from a program with
  // capabilities of its own, or a setuid one.
  std::set<std::string> from_files() const;
};

// nullopt for a name that the kernel's headers here do not know.
std::optional<unsigned> capability_bit(const std::string& name);

Result<NeededCapabilities> needed_capabilities(SessionReader& session, const Workload& workload);

}  // namespace ig
