// SPDX-License-Identifier: Apache-2.0
// Stacks in the forms that other tools read: folded (flamegraph.pl, inferno), speedscope's JSON,
// and pprof's gzipped protocol buffer.
#pragma once

#include <span>
#include <string>

#include "advisors/report/report.h"
#include "base/result.h"

namespace ig {

// A line a stack; frames of the kernel end in _[k].
std::string folded_stacks(std::span<const report::Report> reports);
std::string speedscope_json(std::span<const report::Report> reports);
// https://github.com/google/pprof/blob/main/proto/profile.proto
Result<std::string> pprof_profile(std::span<const report::Report> reports);

}  // namespace ig
