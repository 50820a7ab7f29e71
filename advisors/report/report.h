// SPDX-License-Identifier: Apache-2.0
// Reports: what a person wants to see of a session. Each kind is one file with one function, and
// one line of the table in kinds.cpp, from which the help and the overview are made as well.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "advisors/advisor.h"
#include "advisors/report/blocks.h"
#include "base/result.h"
#include "store/session_reader.h"

namespace ig::report {

class Source;

// A wall-clock time, or one counted from the beginning of the recording.
struct Moment {
  bool from_start = false;
  std::int64_t ns = 0;
};

enum class By { kNothing, kWorkload, kProcess, kComm, kTime };

struct Question {
  Selector selector = {};
  By by = By::kNothing;
  std::size_t slices = 24;
  std::optional<Moment> since = {}, until = {};
  std::size_t most_rows = 10;
  bool only_headlines = false;  // of kinds: what takes time and is not in a headline is left out
};

struct Kind {
  std::string_view name;                  // "block-io"
  std::string_view title;                 // "Block I/O"
  std::string_view summary;               // for the help
  std::vector<std::string_view> gadgets;  // any of them is enough; what they lost is said
  Result<> (*fill)(Source& source, Section& section);
};

std::span<const Kind> kinds();
const Kind* find_kind(std::string_view name);

inline constexpr std::string_view kOverview = "overview";

// One section, or of the overview one for the session itself and one for each kind.
struct Report {
  std::string file;
  SessionInfo info;
  std::vector<Section> sections;
};

// `kind` is a name of kinds().
Result<Report> make_report(const Recording& recording, std::string_view kind,
                           const Question& question);
// Everything, for a page: all kinds that were recorded, and the policies that advisors write.
Result<Report> make_full_report(const Recording& recording, const Question& question);

// "1762178400", "2025-11-03T14:00:00Z", "14:05:00" is not taken: a day is needed; "90s" counts from
// the beginning of the recording.
Result<Moment> parse_moment(std::string_view text);

}  // namespace ig::report
