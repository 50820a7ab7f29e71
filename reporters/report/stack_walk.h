// SPDX-License-Identifier: Apache-2.0
// The stacks of a flame graph one after another.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "advisors/report/report.h"

namespace ig {

// Frames outermost first, without the root, printable; and how many samples were in the last one.
using OnStack = std::function<void(const std::vector<std::string>& frames, std::uint64_t samples)>;

void each_stack(const report::FlameGraph& graph, const OnStack& on_stack);
// The flame graph of a report; null where it has none.
const report::FlameGraph* flame_graph_of(const report::Report& report);

}  // namespace ig
