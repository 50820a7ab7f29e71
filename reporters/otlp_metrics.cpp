// SPDX-License-Identifier: Apache-2.0
#include "reporters/otlp_metrics.h"

#include <fmt/format.h>

#include <cmath>

#include "reporters/histogram.h"

namespace ig::otlp {
namespace {

constexpr int kCumulative = 2;  // AGGREGATION_TEMPORALITY_CUMULATIVE

const char* unit_of(const Column& column) {
  if (column.meaning == Meaning::kBytes) return "By";
  return column.meaning == Meaning::kDuration ? "ns" : "";
}

Json metric_head(const EventSchema& schema, const Column& column) {
  Json metric = {{"name", fmt::format("ig.{}.{}", schema.view, column.display_name())}};
  if (!column.description.empty()) metric["description"] = column.description;
  const auto unit = column.unit.empty() ? unit_of(column) : column.unit;
  if (!unit.empty()) metric["unit"] = unit;
  return metric;
}

// Slot i is the values up to 2^(i+1)-1, and OTLP's buckets have their bound within; the last slot
// has no end. False where nothing was counted.
bool add_buckets(Json& point, std::string_view json) {
  const auto slots = histogram_slots(json);
  Json counts = Json::array(), bounds = Json::array();
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    sum += slots[i];
    counts.push_back(number64(slots[i]));
    if (i + 1 < slots.size()) {
      bounds.push_back(static_cast<double>((std::uint64_t{2} << i) - 1));
    }
  }
  point["count"] = number64(sum);
  point["bucketCounts"] = std::move(counts);
  point["explicitBounds"] = std::move(bounds);
  return sum > 0;
}

}  // namespace

bool is_amount(const Column& column) {
  using enum Meaning;
  if (column.key || column.process_part != ProcessPart::kNone) return false;
  return column.meaning == kHistogram || column.meaning == kCounter || column.meaning == kGauge ||
         column.meaning == kBytes || column.meaning == kDuration ||
         column.type == ColumnType::kReal;
}

bool names_amount(const Column& column) {
  return !is_amount(column) && column.meaning != Meaning::kTimestamp;
}

bool add_amount(Json& point, const Column& column, const Value& value) {
  if (column.meaning == Meaning::kHistogram) return add_buckets(point, value.text);
  if (value.kind == Value::Kind::kInteger) {
    point["asInt"] = number64(value.integer);
  } else if (value.kind == Value::Kind::kReal && std::isfinite(value.real)) {
    point["asDouble"] = value.real;
  } else {
    return false;
  }
  return true;
}

Json metric_of(const EventSchema& schema, const Column& column, Json points) {
  auto metric = metric_head(schema, column);
  if (column.meaning == Meaning::kHistogram) {
    metric["histogram"] = {{"dataPoints", std::move(points)},
                           {"aggregationTemporality", kCumulative}};
  } else if (column.meaning == Meaning::kCounter) {
    metric["sum"] = {{"dataPoints", std::move(points)},
                     {"aggregationTemporality", kCumulative},
                     {"isMonotonic", true}};
  } else {
    metric["gauge"] = {{"dataPoints", std::move(points)}};
  }
  return metric;
}

}  // namespace ig::otlp
