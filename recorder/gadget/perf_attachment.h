// SPDX-License-Identifier: Apache-2.0
// Programs of type perf_event: they run at each sample of an event that the manifest names
// (`programs.<p>.perf` and `.sampler.frequency`), on every CPU that is online. A CPU that comes
// online later is not sampled.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "recorder/gadget/bpf_handles.h"
#include "recorder/gadget/gadget_manifest.h"

namespace ig {

// `frequency`: samples a second on each CPU; 0 = as the manifest has it. One link for each CPU.
Result<std::vector<BpfLink>> attach_to_perf(bpf_program* program, const PerfManifest& perf,
                                            std::uint64_t frequency);

}  // namespace ig
