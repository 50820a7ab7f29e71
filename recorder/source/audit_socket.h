// SPDX-License-Identifier: Apache-2.0
// AuditSocket: the kernel's audit records, as everybody may hear them who has CAP_AUDIT_READ
// (NETLINK_AUDIT, multicast). No audit daemon is needed, and none is disturbed. The kernel sends
// them in the initial network namespace only, so the socket is made there.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>

#include "base/handle.h"
#include "base/result.h"

namespace ig {

class AuditSocket {
 public:
  static Result<AuditSocket> open();
  int fd() const { return socket_.get(); }

  // Records that are there, at most `most` of them; true if there may be more.
  using OnRecord = std::function<void(std::uint16_t type, std::string_view text)>;
  bool receive(int most, const OnRecord& on_record);
  // Of any type: found no room in the socket, or in the kernel's queue, since this was last asked.
  std::uint64_t take_drops();

 private:
  // What the kernel's own queue has lost since the boot; 0 where it may not be asked.
  std::uint32_t queue_losses(std::chrono::milliseconds wait) const;

  UniqueFd socket_, control_;
  std::uint32_t last_socket_drops_ = 0, last_queue_losses_ = 0;
  std::array<char, 16 * 1024> buffer_{};
};

}  // namespace ig
