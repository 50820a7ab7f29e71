// SPDX-License-Identifier: Apache-2.0
// Which gadgets a recording runs: those of a preset, those named, and their parameters.
#pragma once

#include <string>
#include <vector>

#include "cli/options.h"
#include "recorder/gadget/gadget_catalog.h"
#include "recorder/recorder.h"

namespace ig {

std::vector<std::string> preset_names();

// From --preset, --gadgets and --param.
Result<std::vector<GadgetRequest>> choose_gadgets(const GadgetCatalog& catalog,
                                                  const Arguments& arguments);

}  // namespace ig
