// SPDX-License-Identifier: Apache-2.0
// Network policies and sessions of a command line, told apart by what the files begin with.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "advisors/network/policy.h"
#include "base/result.h"

namespace ig {

struct PolicyFiles {
  std::vector<std::string> policy_paths, session_paths;  // of the operands
  std::map<std::string, std::string> texts;              // by path; of a folder, of its files
  std::vector<Policy> policies;
  std::vector<std::string> caveats;

  // Folders stand for the .yaml, .yml and .json files in them.
  static Result<PolicyFiles> read(const std::vector<std::string>& paths);
};

// Only a regular file can be one, so that of a pipe nothing is taken.
bool is_session_file(const std::string& path);

}  // namespace ig
