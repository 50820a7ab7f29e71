// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/result.h"

namespace ig {

// The documents of a YAML text as the JSON that they stand for. What is deeper than any document of
// Kubernetes, or grows by its aliases, is an error; so is a key that is not text.
Result<std::vector<nlohmann::json>> yaml_documents(const std::string& text);

}  // namespace ig
