// SPDX-License-Identifier: Apache-2.0
// The recording of one command by ptrace(2), for where BPF is not permitted: an ordinary user, an
// unprivileged container. It follows the command and all its descendants as strace -f does and
// delivers the same rows as the BPF gadgets, so the session file and the advice are the same.
#pragma once

#include "recorder/recorder.h"

namespace ig {

// As Recorder::run, with `options.command` set. What ptrace cannot see is delivered as losses of
// kind kBackendLimit.
Result<std::string> record_by_ptrace(const RecorderOptions& options, EventSink& sink,
                                     const std::function<void(const RecorderStatus&)>& on_status,
                                     int& command_status);

}  // namespace ig
