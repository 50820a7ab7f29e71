// SPDX-License-Identifier: Apache-2.0
// What each phase of a workload's life used: which calls only its start needs, and so could be
// given up after it by a program that filters itself.
#pragma once

#include <string>

#include "advisors/seccomp/observed_calls.h"

namespace ig {

// Lines of text: a phase, how many calls it used, those that no other phase used.
std::string phase_table(const ObservedCalls& observed);

}  // namespace ig
