// SPDX-License-Identifier: Apache-2.0
#include "store/workload.h"

#include "base/check.h"

namespace ig {

const char* to_string(WorkloadKind kind) {
  switch (kind) {
    case WorkloadKind::kHost:
      return "host";
    case WorkloadKind::kUnit:
      return "unit";
    case WorkloadKind::kContainer:
      return "container";
    case WorkloadKind::kCommand:
      return "command";
  }
  IG_CHECK(false && "a workload kind without a name");
}

}  // namespace ig
