// SPDX-License-Identifier: Apache-2.0
// The words that advisors share, so that two documents say the same thing in the same way. What a
// session file says about names is never trusted: it passes through here before it stands in a
// file name or a comment.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "store/session_reader.h"

namespace ig {

// "2026-11-03T14:02:11Z to 2026-11-03T14:12:09Z"
std::string span_text(std::int64_t first_ns, std::int64_t last_ns);
// "recorded 2026-11-03T14:02:11Z to 2026-11-03T14:12:09Z on node1"
std::string window_text(const SessionInfo& session);
// "1 call", "12,044 calls"
std::string count_text(std::uint64_t count, std::string_view noun);
// "web (container of crun, image nginx:1)"
std::string workload_text(const Workload& workload);

// As one line of printable ASCII, everything else as \xNN: fit for a comment in any format.
std::string one_line(std::string_view text);

// A DNS-1123 label (letters, digits, '-', at most 50), which is a good file name too. A name that
// was given out already gets "-2", "-3"…
class NameGiver {
 public:
  std::string give(std::string_view wanted);

 private:
  std::set<std::string> given_;
};

}  // namespace ig
