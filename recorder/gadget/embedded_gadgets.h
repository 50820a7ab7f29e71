// SPDX-License-Identifier: Apache-2.0
// The BPF objects and gadget manifests that are part of the binary, by name: "trace_open" in both
// tables is one gadget; an object without a manifest ("workload_events") is the recorder's own.
#pragma once

#include "base/embedded.h"

namespace ig {

extern const std::span<const EmbeddedFile> kBpfObjects;
extern const std::span<const EmbeddedFile> kGadgetManifests;

// Empty where there is none of that name.
std::string_view embedded_object(std::string_view name);

}  // namespace ig
