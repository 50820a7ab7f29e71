// SPDX-License-Identifier: Apache-2.0
// Replaces what tells of people and machines in every table of a session: all texts of the core
// tables but those that are ours (kinds, versions, names of gadgets), and all of gadgets' tables
// but histograms and the kernel's own stacks. What a column is comes from the session's schemas, so
// a gadget that nobody here knows is covered as well, and so is a column that a later version of
// the core tables adds. Numbers and times stay.
#pragma once

#include <cstdint>

#include "store/database.h"
#include "store/pseudonyms.h"

namespace ig {

// Within SessionEdit::rewrite() or write_changed_session().
Result<> anonymize(Database& database, Pseudonyms& pseudonyms);

}  // namespace ig
