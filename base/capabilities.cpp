// SPDX-License-Identifier: Apache-2.0
#include "base/capabilities.h"

#include <cap-ng.h>

#include <algorithm>
#include <cerrno>

namespace ig {

Result<> keep_capabilities(const std::vector<unsigned>& kept) {
  constexpr auto kEvery = static_cast<capng_type_t>(CAPNG_EFFECTIVE | CAPNG_PERMITTED |
                                                    CAPNG_INHERITABLE | CAPNG_BOUNDING_SET);
  if (capng_get_caps_process() != 0) {
    return fail(ErrorCode::kFailed, "cannot tell which capabilities it has");
  }
  // The bounding set only matters to a program that it would become; to change it is a right
  // itself.
  const bool may_bound = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP) != 0;
  for (unsigned one = 0; capng_capability_to_name(one) != nullptr; ++one) {
    if (std::ranges::count(kept, one) == 0) capng_update(CAPNG_DROP, kEvery, one);
  }
  if (capng_apply(may_bound ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS) == 0) return {};
  return std::unexpected(system_error(errno, "give up capabilities"));
}

}  // namespace ig
