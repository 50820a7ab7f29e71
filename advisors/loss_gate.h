// SPDX-License-Identifier: Apache-2.0
// LossGate decides whether evidence is good enough for an enforcing policy. What an advisor's own
// gadgets could not record would be denied by the policy, so such a loss is a refusal (exit status
// 3) unless it is tolerated; then the document says so and does not enforce. Losses of other
// gadgets and other workloads are not its business.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/session_reader.h"

namespace ig {

struct EvidenceState {
  bool lossy = false;                // only with tolerate_loss
  std::vector<std::string> caveats;  // the losses, and what this way of recording leaves empty
};

class LossGate {
 public:
  // Fails where the session never recorded `gadget`; `subject` says what it records.
  static Result<LossGate> open(SessionReader& session, const std::string& gadget,
                               std::string_view subject);

  // kRefused where this workload's evidence is lossy and that is not tolerated.
  Result<EvidenceState> judge(const Workload& workload, bool tolerate_loss) const;

 private:
  std::string gadget_;
  std::vector<std::string> session_losses_;  // of any workload
  std::vector<std::string> session_caveats_;
  std::vector<Loss> losses_;  // of one workload
};

}  // namespace ig
