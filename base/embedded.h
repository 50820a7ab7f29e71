// SPDX-License-Identifier: Apache-2.0
// Files that are part of the binary: BPF objects, gadget manifests, SQL schemas.
// cmake/embed.cmake makes the tables; who owns one declares it in its own header.
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace ig {

struct EmbeddedFile {
  std::string_view name;
  std::string_view bytes;
};

}  // namespace ig
