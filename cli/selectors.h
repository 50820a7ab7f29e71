// SPDX-License-Identifier: Apache-2.0
// The selectors that every command takes with the same names: which workloads it is about.
#pragma once

#include "base/result.h"
#include "cli/options.h"
#include "store/session_reader.h"

namespace ig {

OptionGroup selector_options();
Result<Selector> parse_selector(const Arguments& arguments);
// The selectors as they were written, for the session and for messages; "" = none.
std::string selector_text(const Arguments& arguments);

}  // namespace ig
