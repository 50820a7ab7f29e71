// SPDX-License-Identifier: Apache-2.0
// Which columns of a data source are shown: those that are not hidden, or what `--fields` says:
// a list of names, or +name and -name to change the usual ones.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "store/event_schema.h"

namespace ig {

// Indexes into schema.columns. Names that the schema does not have are passed over, because a
// gadget may have several data sources; check_fields() finds those that none has.
std::vector<std::size_t> choose_columns(const EventSchema& schema,
                                        const std::vector<std::string>& fields);
Result<> check_fields(const std::vector<EventSchema>& schemas,
                      const std::vector<std::string>& fields);

}  // namespace ig
