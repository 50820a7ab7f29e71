// SPDX-License-Identifier: Apache-2.0
// Words that every Linux machine or every Kubernetes cluster has, which therefore tell nothing of
// one: they may stay when names are taken out of a session.
#pragma once

#include <string_view>

namespace ig {

bool is_known_word(std::string_view word);

}  // namespace ig
