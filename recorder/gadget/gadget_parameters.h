// SPDX-License-Identifier: Apache-2.0
// A gadget's parameters are constants of its .rodata, written before it is loaded, so that the
// verifier removes what a parameter switches off. Their types are their BTF's.
#pragma once

#include <bpf/libbpf.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "recorder/gadget/gadget_catalog.h"

namespace ig {

// What a person may set: the variables named gadget_param_*, with the words of the manifest, and
// kVariantParameter where there are variants, kFrequencyParameter where something is sampled,
// kInterfaceParameter where there are classifiers.
std::vector<GadgetParameter> gadget_parameters(const Gadget& gadget);

// The rung that kVariantParameter names; nullptr where nobody asks for one.
Result<const VariantManifest*> forced_variant(const Gadget& gadget,
                                              const std::map<std::string, std::string>& values);

// What kFrequencyParameter says; 0 = nothing, the manifest's is taken.
Result<std::uint64_t> sampling_frequency(const Gadget& gadget,
                                         const std::map<std::string, std::string>& values);

// Checks every key (naming the nearest one) and value, and writes them into the opened object.
Result<> set_parameters(bpf_object* object, const Gadget& gadget,
                        const std::map<std::string, std::string>& values);

// A constant of the contract that is no parameter (gadget_filter_by_mntns): a bool or a number.
// False if the object does not have it.
bool set_constant(bpf_object* object, std::string_view variable, std::uint64_t value);
// Its value as it is now; nullopt if the object does not have it.
std::optional<std::uint64_t> constant(bpf_object* object, std::string_view variable);

}  // namespace ig
