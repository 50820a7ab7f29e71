// SPDX-License-Identifier: Apache-2.0
// Questions in SQL that come with ig, one file each in schemas/queries: a comment that says what it
// answers, one that names the view that is asked and, where its name is another, the gadget that
// makes it, and the SELECT.
#pragma once

#include <span>
#include <string_view>

namespace ig {

struct NamedQuery {
  std::string_view name;     // "failed-opens"
  std::string_view summary;  // one line
  std::string_view view;     // "trace_open"; "" = of every session
  std::string_view gadget;   // that makes it
  std::string_view sql;
};

std::span<const NamedQuery> named_queries();
const NamedQuery* find_named_query(std::string_view name);

}  // namespace ig
