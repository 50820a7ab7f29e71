// SPDX-License-Identifier: Apache-2.0
// LossGate decides whether evidence is good enough for an enforcing policy. What an advisor's own
// gadget could not record would be denied by the policy, so such a loss is a refusal (exit status
// 3) unless it is tolerated; then the document says so and does not enforce. Losses of other
// gadgets and other workloads are not its business.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/session_reader.h"

namespace ig {

struct EvidenceState {
  bool lossy = false;                     // only with tolerate_loss
  std::vector<std::string> caveats = {};  // the losses, and what else this recording lacks
};

class LossGate {
 public:
  struct Evidence {
    std::string_view gadget;   // that records it
    std::string_view subject;  // what it records, as a person says it
    // What may stay empty (GadgetRun::Program::leaves_empty) without making a policy too narrow.
    std::span<const std::string_view> dispensable;
  };

  // Fails where the session never recorded that.
  static Result<LossGate> open(SessionReader& session, const Evidence& evidence);

  // kRefused where this workload's evidence is lossy and that is not tolerated.
  Result<EvidenceState> judge(const Workload& workload, bool tolerate_loss) const;

 private:
  struct Finding {
    Loss::Kind kind;
    WorkloadId workload;  // 0 = any
    std::string text;
  };

  void take_run(const GadgetRun& run, const Evidence& evidence);
  void take_loss(const Loss& loss);

  std::vector<Finding> losses_;
  std::vector<Finding> caveats_;
};

}  // namespace ig
