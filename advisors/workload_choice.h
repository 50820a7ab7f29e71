// SPDX-License-Identifier: Apache-2.0
// The workloads that an advisor writes for: those of the selector, without the host itself unless
// it was asked for by name. No workload at all is an error, so that nothing is never silent.
#pragma once

#include <vector>

#include "advisors/advisor.h"
#include "base/result.h"

namespace ig {

Result<std::vector<Workload>> choose_workloads(SessionReader& session, const Selector& selector);

struct RecordedWorkload {
  std::size_t recording = 0;  // index
  Workload workload;
};

// kNotFound where no recording has a workload that the selector chooses.
Result<std::vector<RecordedWorkload>> choose_recorded(Recordings recordings,
                                                      const Selector& selector);

}  // namespace ig
