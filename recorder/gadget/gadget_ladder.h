// SPDX-License-Identifier: Apache-2.0
// The ladder: a gadget may list variants, best first, and the kernel decides which one it gets. A
// rung is tried by loading it; one that is refused is closed and the next is opened afresh. Whoever
// attaches comes back when that is what fails. A rung that a person forces by
// kVariantParameter is the only one tried.
// Programs that the manifest calls optional are left out one by one where the kernel refuses them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "recorder/gadget/bpf_handles.h"
#include "recorder/gadget/gadget_catalog.h"
#include "recorder/gadget/shared_maps.h"
#include "store/event_sink.h"

namespace ig {

struct LoadOptions {
  const SharedMaps* shared_maps = nullptr;         // nullptr: the gadget keeps its own
  std::map<std::string, std::string> parameters;   // by key
  std::map<std::string, std::uint64_t> constants;  // of the contract, in .rodata, by variable
  std::uint64_t ring_bytes = 0;                    // 0 = as the gadget has it
  std::string btf_path;                            // of the kernel's types; "" = its own
  // Variants that the kernel took but that could not be attached, and why: they are passed over.
  std::map<std::string, std::string> unattachable;
};

struct LoadedObject {
  BpfObject object;  // opened, but not loaded, where the rung is but a source in user space
  std::string variant;
  std::string source;  // its name, or ""
  bool in_kernel = true;
  std::vector<std::string> leaves_empty;    // by the taken variant
  std::vector<GadgetRun::Program> refused;  // of better rungs
  std::vector<GadgetRun::Program> dropped;  // optional ones of this rung
};

Result<LoadedObject> load_best_variant(const Gadget& gadget, const LoadOptions& options);

}  // namespace ig
