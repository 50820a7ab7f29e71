// SPDX-License-Identifier: Apache-2.0
// What a recorder gives up once everything is attached: capabilities, new privileges, and all
// system calls but those of a profile that tests/container/test_recorder_confinement.py makes of
// its own recordings.
#pragma once

#include <string>

namespace ig {

struct RecorderNeeds {
  std::string session_folder;  // where side files are unlinked at the end; "" = nowhere
  bool attaches_more = false;  // in processes and network namespaces to come
};

// Capabilities of the calling thread, calls of all threads. What the kernel, or who confined ig
// already, does not permit is left out with a warning; the filter is left out in silence on an
// architecture that the profile was not recorded on.
void confine_recorder(const RecorderNeeds& needs);

}  // namespace ig
