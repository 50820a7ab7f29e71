// SPDX-License-Identifier: Apache-2.0
// What our YAML writers have in common. They write by hand: yaml-cpp has no comments at the end of
// a line, which policies carry as evidence, and knows no ASCII-only output.
#pragma once

#include <string>
#include <string_view>

namespace ig {

// Plain where every YAML reader takes it for this text and nothing else, in double quotes with
// JSON's escapes (which are YAML's as well) where not. Nothing but ASCII.
std::string yaml_scalar(std::string_view text);

}  // namespace ig
