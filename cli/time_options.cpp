// SPDX-License-Identifier: Apache-2.0
#include "cli/time_options.h"

#include <fmt/format.h>

#include "advisors/report/report.h"

namespace ig {

Result<std::optional<std::int64_t>> parse_time(const Arguments& arguments, std::string_view name,
                                               const SessionInfo& info) {
  if (!arguments.has(name)) return std::nullopt;
  auto moment = report::parse_moment(arguments.text(name));
  if (!moment) {
    moment.error().message = fmt::format("--{}: {}", name, moment.error().message);
    return std::unexpected(moment.error());
  }
  std::int64_t ns = moment->ns;
  // A start that is no time of ours counts as none.
  if (moment->from_start && __builtin_add_overflow(info.started_ns, moment->ns, &ns))
    ns = moment->ns;
  return ns;
}

}  // namespace ig
