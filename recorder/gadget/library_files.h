// SPDX-License-Identifier: Apache-2.0
// Where a process would find a library or a program: in its own root folder, by the dynamic
// linker's cache there and the usual folders. What a container's files say is its own word: all
// names are looked up within its root, whatever its links say, and all sizes are checked.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/handle.h"

namespace ig {

// Whether a file of this name is the library `library` ("libssl"): libssl.so.3, libssl-1a2b.so.3.
bool is_library_file(std::string_view file_name, std::string_view library);

// Paths that a dynamic linker's cache (/etc/ld.so.cache of glibc) has for the library.
std::vector<std::string> paths_in_linker_cache(std::string_view cache, std::string_view library);

// A file within a root folder; its links stay within that too.
UniqueFd open_in_root(const UniqueFd& root, const std::string& path, int flags);

// The target of a probe: an absolute path, a library ("libssl") or else a program ("bash").
std::vector<UniqueFd> find_probe_targets(const UniqueFd& root, const std::string& target);

}  // namespace ig
