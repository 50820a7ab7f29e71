// SPDX-License-Identifier: Apache-2.0
// The options that say which API server is asked for an inventory.
#pragma once

#include <optional>

#include "cli/options.h"
#include "recorder/inventory/kube_config.h"

namespace ig {

std::vector<Option> kube_options();
// Nothing where none is asked for.
Result<std::optional<KubeConfig>> parse_kube_options(const Arguments& arguments);

}  // namespace ig
