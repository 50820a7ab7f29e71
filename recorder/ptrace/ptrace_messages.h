// SPDX-License-Identifier: Apache-2.0
// What a call sent or received by datagrams: to or from whom, and how much, read from the arguments
// of sendto, sendmsg, sendmmsg, recvfrom, recvmsg, recvmmsg, read and write.
#pragma once

#include <optional>
#include <vector>

#include "recorder/ptrace/ptrace_sockets.h"

namespace ig {

struct Datagram {
  std::optional<Endpoint> peer;  // nullopt: the one that the socket is connected to
  std::uint64_t bytes = 0;
};

bool is_sending(Call call);
bool is_receiving(Call call);

// Of a call that has returned `result` > -1.
std::vector<Datagram> read_datagrams(const TracedThread& thread, std::int64_t result);

}  // namespace ig
