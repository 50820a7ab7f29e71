// SPDX-License-Identifier: Apache-2.0
// Reports as one page that needs nothing else: style, script and data are in it, and it asks no
// network. The files it is made of are in html/ and part of the binary.
#pragma once

#include <span>
#include <string>

#include "advisors/report/report.h"

namespace ig {

std::string report_html(std::span<const report::Report> reports);

}  // namespace ig
