// SPDX-License-Identifier: Apache-2.0
// Where a seccomp profile is found in a file: the file is it; or it is linux.seccomp of a
// config.json, the spec of a SeccompProfile of the Security Profiles Operator, or the only entry of
// a ConfigMap. JSON or YAML. Nothing of it is judged here.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "base/result.h"

namespace ig {

// The object that has defaultAction, syscalls and so on.
Result<nlohmann::json> read_profile_document(std::string_view text);

}  // namespace ig
