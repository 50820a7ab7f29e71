// SPDX-License-Identifier: Apache-2.0
// What the running kernel offers, by the names that gadget.yaml may ask for in
// `variants[].requires`. Each is tried, not guessed from a version; the answer is kept.
#pragma once

#include <bpf/bpf.h>

#include <span>
#include <string_view>

namespace ig {

struct KernelFeature {
  std::string_view name;
  std::string_view meaning;
  bool (*probe)();
};
std::span<const KernelFeature> kernel_features();

// False for a name that we do not know: a newer gadget asks for something newer.
bool has_kernel_feature(std::string_view name);

// Loads a program that does nothing. 0, or the negative errno of the refusal.
// `target`: what a tracing program attaches to ("bpf_fentry_test1"); nullptr = nothing.
int try_program(bpf_prog_type type, bpf_attach_type attach = bpf_attach_type{},
                const char* target = nullptr);

}  // namespace ig
