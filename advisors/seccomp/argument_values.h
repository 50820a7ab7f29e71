// SPDX-License-Identifier: Apache-2.0
// Sets of arguments in words.
#pragma once

#include <string>
#include <string_view>

#include "advisors/seccomp/decision_diagrams.h"

namespace ig {

// The arguments of `call` for which `set` is not 0: "argument 1: AF_UNIX, AF_INET",
// "argument 1: all but AF_VSOCK"; "" = whatever they are.
std::string values_text(const DecisionDiagrams& diagrams, DecisionDiagrams::Node set,
                        DecisionDiagrams::Node complement, std::string_view call);

}  // namespace ig
