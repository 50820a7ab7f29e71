// SPDX-License-Identifier: Apache-2.0
#include "store/event_sink.h"

#include "base/check.h"

namespace ig {

const char* to_string(Loss::Kind kind) {
  switch (kind) {
    case Loss::Kind::kRingFull:
      return "ring full";
    case Loss::Kind::kMapFull:
      return "map full";
    case Loss::Kind::kSkipped:
      return "skipped";
    case Loss::Kind::kMalformed:
      return "malformed";
    case Loss::Kind::kNotAttached:
      return "not attached";
    case Loss::Kind::kDetached:
      return "detached";
    case Loss::Kind::kUnresolved:
      return "unresolved";
    case Loss::Kind::kWriterFailed:
      return "writer failed";
    case Loss::Kind::kBackendLimit:
      return "backend limit";
    case Loss::Kind::kPruned:
      return "pruned";
  }
  IG_CHECK(false && "a kind of loss without a name");
}

}  // namespace ig
