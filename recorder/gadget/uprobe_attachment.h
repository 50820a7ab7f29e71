// SPDX-License-Identifier: Apache-2.0
// Programs of sections uprobe/TARGET:SYMBOL and uretprobe/TARGET:SYMBOL, attached to every file
// that a process means by TARGET: the library that its own root folder has under that name, and
// whatever library of that name it has mapped from elsewhere.
//
// The kernel keeps probes by inode, so a file is probed once for all its users, and those who start
// later are seen from their first call on.
#pragma once

#include <cstdint>
#include <ctime>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/handle.h"
#include "recorder/gadget/process_attachment.h"

namespace ig {

class UprobeAttachment : public ProcessAttachment {
 public:
  static Result<std::unique_ptr<UprobeAttachment>> open();

  // `target`: "libssl:SSL_write"; "" = as the section has it.
  Result<> add(const bpf_program* program, const std::string& target);

  void follow(pid_t pid) override;
  void forget_unseen() override;

 private:
  struct Probe {
    const bpf_program* program;
    std::string symbol;
    bool is_return;
  };
  // Who sees the same files under the same names: mount namespace, and root folder (device, inode).
  using Place = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>;
  // Of a file: device (0 in an overlay, which has a device of its own for each container though the
  // file is the same), inode, size, and the time of its last change.
  using Identity =
      std::tuple<std::uint64_t, std::uint64_t, std::int64_t, std::int64_t, std::int64_t>;
  struct Probed {
    std::vector<BpfLink> links;
    std::set<Place> users;
  };
  struct Process {
    Place place;
    int looks = 0;  // at its mappings
    bool is_seen = false;
  };

  UprobeAttachment() = default;
  static Identity identity_of(const UniqueFd& file);
  void look_at_mappings(pid_t pid, const UniqueFd& root, const Place& place);
  void probe(const UniqueFd& file, const std::string& target, const Place& place);

  std::map<std::string, std::vector<Probe>> probes_;  // by target
  std::map<std::pair<Identity, std::string>, Probed> probed_;
  std::set<Place> places_;
  std::map<pid_t, Process> processes_;
};

}  // namespace ig
