// SPDX-License-Identifier: Apache-2.0
// The forms of `ig session export`, and what they share.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "advisors/advisor.h"
#include "base/result.h"
#include "cli/options.h"

namespace ig {

struct FileClose {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using OutputFile = std::unique_ptr<std::FILE, FileClose>;

// FOLDER/NAME, for writing; the folder is made.
Result<OutputFile> open_output(const std::string& folder, const std::string& name);

// An error that names the nearest one if `table` is none of them.
Result<> check_table(const std::vector<std::string>& tables, const std::string& table);

// Recording by recording, since each has a machine and losses of its own.
Result<> export_otlp(Recordings recordings, const Arguments& arguments);
Result<> export_packets(Recordings recordings, const Arguments& arguments);

}  // namespace ig
