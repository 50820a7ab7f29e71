// SPDX-License-Identifier: Apache-2.0
// The part of ig session enrich that adds an inventory: from files, or from an API server.
#pragma once

#include "cli/options.h"
#include "store/session_edit.h"

namespace ig {

OptionGroup inventory_enrichment_options();
bool wants_inventory(const Arguments& arguments);
Result<int> enrich_with_inventory(const Arguments& arguments, SessionEdit& edit);

}  // namespace ig
