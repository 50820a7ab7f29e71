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

// Whether `name` is an enum that only the kernel can tell: the object may not have it at all.
bool is_kernel_enum(std::string_view name);

// By value; empty where this kernel does not have it. Read once.
const std::map<std::int64_t, std::string>& kernel_enum_names(const std::string& name);

// Where the kernel has an enum of this name that shares names with the object's, it is that one as
// this kernel numbers it, and its names are taken. (One that shares none is another thing.)
void prefer_kernel_names(const std::string& name, std::map<std::int64_t, std::string>& names);

}  // namespace ig
