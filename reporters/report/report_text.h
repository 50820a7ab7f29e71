// SPDX-License-Identifier: Apache-2.0
// Reports for a terminal. Recorded strings are made printable here, and lines fit the width.
#pragma once

#include <string>

#include "advisors/report/report.h"
#include "reporters/terminal.h"

namespace ig {

std::string report_text(const report::Report& report, const Style& style);

// The parts of it, a file each.
std::string table_text(const report::Table& table, const Style& style);
std::string flame_text(const report::FlameGraph& graph, const Style& style);
std::string process_tree_text(const report::ProcessTree& tree, const Style& style);
std::string heat_map_text(const report::HeatMap& map, const Style& style);
std::string timeline_text(const report::Timeline& timeline, const Style& style);

// A cell as people read it: "1,204", "8.0 MiB", "≤31.0us", "14:02:11.123".
std::string cell_text(const report::TableColumn& column, const report::Cell& cell);
// The text cut to the width of the terminal, without blanks at its end.
std::string cut_line(std::string_view line, const Style& style);

}  // namespace ig
