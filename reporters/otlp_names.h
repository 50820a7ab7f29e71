// SPDX-License-Identifier: Apache-2.0
// What OpenTelemetry calls the things that a session knows: its semantic conventions where one
// fits, else "ig." and our own name. Values are in OTLP's JSON, which writes 64-bit numbers as
// text.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/event_schema.h"
#include "store/session_writer.h"
#include "store/value.h"
#include "store/workload.h"

namespace ig::otlp {

using Json = nlohmann::ordered_json;

// {"key": …, "value": {"stringValue": …}}; null and "" say nothing and are left out.
void add_attribute(Json& attributes, std::string_view key, const Json& value);
// fixed64 and int64.
Json number64(std::int64_t number);
Json number64(std::uint64_t number);

// The workload as a resource; the machine itself where it is null.
Json resource(const SessionInfo& info, const Workload* workload);

// What each column that `wants` says yes to is called: "process.pid", "source.address", "ig.flags".
// "" for the others, and for what only tells workloads apart, which the resource does already.
std::vector<std::string> attribute_names(const EventSchema& schema,
                                         bool (*wants)(const Column& column));
// The cells of the columns that have a name.
Json row_attributes(const EventSchema& schema, std::span<const std::string> names,
                    std::span<const Value> row);

}  // namespace ig::otlp
