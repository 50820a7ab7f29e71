// SPDX-License-Identifier: Apache-2.0
// Making a session file: it appears under its name at once and complete, so that a kill never
// leaves half a schema, and never in place of anything that was there.
#pragma once

#include <string>
#include <string_view>

#include "base/handle.h"
#include "base/result.h"

namespace ig {

// Writes `bytes` to a new file (mode 0600) and returns its name with all links of its folder
// resolved. The folder must exist; the name must not, nor those of SQLite's files beside it.
Result<std::string> make_new_file(const std::string& path, std::string_view bytes);

// Takes it away again, with what SQLite put beside it, where nothing was stored in it.
void remove_new_file(const std::string& name);

Error disk_full(const std::string& path);  // too full for a new file

// SQLite's files beside the session are as private as it is: in a folder where others may write,
// one of theirs could have come first.
Result<> expect_own_beside(const std::string& name);

// Room set aside in the folder of `path`, in a file without a name, which closing the descriptor
// gives back: what makes it possible to close a session in order on a disk that is full. At most a
// quarter of what is free. Best effort: empty where the file system cannot or there is no room.
UniqueFd reserve_space(const std::string& path, long bytes);

}  // namespace ig
