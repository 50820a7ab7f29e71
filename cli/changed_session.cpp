// SPDX-License-Identifier: Apache-2.0
#include "cli/changed_session.h"

#include <fmt/format.h>

#include "reporters/display_text.h"
#include "reporters/terminal.h"

namespace ig {

OptionGroup changed_session_options() {
  return {"Output (one of them)",
          {{"output", "FILE", "the new session file, which must not exist; the old one stays", 'o'},
           {"in-place", "", "the new one takes the old one's place: there is no way back"}}};
}

Result<> check_changed_session(const Arguments& arguments) {
  if (arguments.has("output") != arguments.has("in-place")) return {};
  const bool both = arguments.has("output");
  return fail(ErrorCode::kUsage,
              both ? "a new file or the old one, not both" : "where to is not said",
              "-o FILE writes a new session, --in-place changes this one");
}

Result<> change_session(const Arguments& arguments, const SessionChange& change) {
  const auto file = arguments.operand(0);
  const auto out = arguments.has("output") ? arguments.text("output") : file;
  if (arguments.has("output")) {
    IG_TRY(write_changed_session(file, out, change));
  } else {
    IG_ASSIGN(auto edit, SessionEdit::open(file));
    IG_TRY(edit.rewrite(change));
  }
  put(stdout, printable(out) + '\n');
  return {};
}

}  // namespace ig
