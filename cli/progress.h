// SPDX-License-Identifier: Apache-2.0
// What a person is told of a recording while it runs and when it has ended.
#pragma once

#include <string>

#include "recorder/recorder.h"

namespace ig {

// One line of at most `width` columns.
std::string progress_text(const RecorderStatus& status, std::size_t width);
// "10.0s, 12,034 events, 3 workloads, nothing lost"
std::string summary_text(const RecorderStatus& status);

}  // namespace ig
