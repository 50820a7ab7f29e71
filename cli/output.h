// SPDX-License-Identifier: Apache-2.0
// Facts on stdout: --output, which commands have in common, and writing files whole or not at all.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/options.h"
#include "reporters/terminal.h"

namespace ig {

// --output columns|json
Option output_option();
bool wants_json(const Arguments& arguments);
Style stdout_style();
Style stderr_style();

// Writes beside the file and renames, so that nobody ever reads half of it.
Result<> write_file(const std::string& path, std::string_view content);

}  // namespace ig
