// SPDX-License-Identifier: Apache-2.0
// The types of the running kernel, for those who ask what it has and how it numbers things.
#pragma once

#include <bpf/btf.h>

#include <string>

namespace ig {

// Where they are to be read from, for a kernel that does not carry them: KernelBtf::path. To be
// said before anybody asks.
void set_kernel_types(const std::string& path);

// Read once, kept until they are let go (they are some 10 MB). nullptr if there are none.
const btf* kernel_types();
void release_kernel_types();

}  // namespace ig
