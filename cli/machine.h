// SPDX-License-Identifier: Apache-2.0
// What a session says of the machine that it was recorded on.
#pragma once

#include <string>

#include "store/session_writer.h"

namespace ig {

// Host, kernel, ids, tool version and start time; the rest is the recording's.
SessionInfo describe_machine();
// "ig-web1-20261103T140211Z.db"
std::string default_session_name(const SessionInfo& info);

}  // namespace ig
