// SPDX-License-Identifier: Apache-2.0
// Where a command that takes something out of a session puts what is left: into a new file, or,
// only if that is asked for, into the place of the old one.
#pragma once

#include "base/result.h"
#include "cli/options.h"
#include "store/session_edit.h"

namespace ig {

OptionGroup changed_session_options();
// Asked before anything is read.
Result<> check_changed_session(const Arguments& arguments);
// Of the session that is the first operand; says what was written on stdout.
Result<> change_session(const Arguments& arguments, const SessionChange& change);

}  // namespace ig
