// SPDX-License-Identifier: Apache-2.0
// Rows of a map as OTLP's metrics: a column that is an amount is a metric, and the others say what
// it was counted of.
#pragma once

#include "reporters/otlp_names.h"

namespace ig::otlp {

// By what its type means; a bare number may be anything, and stays a word beside the amounts.
bool is_amount(const Column& column);
bool names_amount(const Column& column);

// Puts the amount into a data point; false where the row has none.
bool add_amount(Json& point, const Column& column, const Value& value);
Json metric_of(const EventSchema& schema, const Column& column, Json points);

}  // namespace ig::otlp
