// SPDX-License-Identifier: Apache-2.0
// What gadgets of Inspektor Gadget's contract expect of their runner for their maps, beyond what
// libbpf does by itself.
#pragma once

#include <bpf/libbpf.h>

#include <vector>

#include "base/handle.h"
#include "base/result.h"

namespace ig {

// For an opened object whose parameters are set:
//   a constant `<map>_max_entries` is the size of that map;
//   the maps within a map of maps whose size is 0 get one element for each CPU;
//   a map that is pinned by its name is the object's own.
// What is returned has to be kept until the object is loaded: libbpf only borrows it.
Result<std::vector<UniqueFd>> adapt_maps(bpf_object* object);

}  // namespace ig
