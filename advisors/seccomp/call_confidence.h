// SPDX-License-Identifier: Apache-2.0
// How far a set of observed calls can be trusted to be all: when the last new one came, and
// estimates of what was not seen. The estimators take calls for independent draws of an unchanging
// load. Programs are not like that (start-up happens once, error paths never), so they are a lower
// bound that can warn and cannot reassure; what is printed says so.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "advisors/seccomp/observed_calls.h"

namespace ig {

struct CallConfidence {
  std::size_t calls = 0;  // different ones
  // From the subject's first call to the first use of the call that came last, and to its end.
  std::int64_t last_new_after_ns = 0, span_ns = 0;
  // How many calls were new in each tenth of that span: what is saturated ends in zeros.
  std::array<std::size_t, 10> new_by_tenth{};
  std::size_t seen_once = 0;
  // Good-Turing: the chance that one more call is a new one.
  double next_is_new = 0;
  // Chao1 (of counts), or Chao2 (of how many of at least three instances used a call): at least
  // so many more are to be expected.
  double unseen = 0;
  bool of_instances = false;
};

// `sessions_end_ns`: when the last of the recordings ended.
CallConfidence call_confidence(const ObservedCalls& observed, std::size_t instances,
                               std::int64_t sessions_end_ns);
// Lines for a person, the assumptions with them.
std::vector<std::string> confidence_text(const CallConfidence& confidence);

}  // namespace ig
