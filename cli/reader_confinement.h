// SPDX-License-Identifier: Apache-2.0
// What a command that only reads gives up before it opens what strangers may have written.
#pragma once

#include "cli/options.h"

namespace ig {

// Files are changed beneath --output, --output-dir, folders of sessions with a log, and the folder
// of temporary files only; no program is run, nobody connected to; of the capabilities those stay
// that reading and writing anybody's files takes. As far as the kernel, or who confined ig already,
// permits.
void confine_reader(const Arguments& arguments);

}  // namespace ig
