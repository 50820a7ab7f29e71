// SPDX-License-Identifier: Apache-2.0
// Reports for machines, and for the page, which draws the same document. docs/reports.md describes
// it.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "advisors/report/report.h"

namespace ig {

nlohmann::ordered_json report_json(const report::Report& report);

}  // namespace ig
