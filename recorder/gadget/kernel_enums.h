// SPDX-License-Identifier: Apache-2.0
// Names of the kernel's own enums whose numbers differ from kernel to kernel. What a gadget's
// object says of them is true of the kernel whose types it was compiled with, so the running one is
// asked.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace ig {

// Whether `name` is such an enum: it is asked for only then, since reading the kernel's types takes
// a moment.
bool is_kernel_enum(std::string_view name);

// By value; empty where this kernel does not have it. Read once.
const std::map<std::int64_t, std::string>& kernel_enum_names(const std::string& name);

}  // namespace ig
