// SPDX-License-Identifier: Apache-2.0
#include "reporters/cell.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "base/clock.h"
#include "base/text.h"
#include "store/syscall_table.h"

namespace ig {
namespace {

std::string syscall_text(const EventSchema& schema, std::span<const Value> row,
                         std::int64_t number) {
  std::string arch(native_syscall_arch());
  if (const auto index = schema.find("arch_raw"); index >= 0) {
    const auto i = static_cast<std::size_t>(index);
    arch = enum_text(schema, schema.columns[i], row[i].integer);
  }
  return syscall_name(arch, number).value_or(fmt::format("syscall_{}", number));
}

// The name of a number that is a code; nullopt where the number itself is the fact.
std::optional<std::string> code_text(const EventSchema& schema, std::size_t index,
                                     std::span<const Value> row) {
  const auto& column = schema.columns[index];
  const auto number = row[index].integer;
  switch (column.meaning) {
    case Meaning::kSyscall:
      return syscall_text(schema, row, number);
    case Meaning::kFileMode:
      return fmt::format("{:04o}", number);
    case Meaning::kErrno:
    case Meaning::kSignal:
    case Meaning::kFileFlags:
    case Meaning::kEnum:
    case Meaning::kFlagSet:
    case Meaning::kProtocol:
      return enum_text(schema, column, number);
    default:
      return std::nullopt;
  }
}

std::string number_text(Meaning meaning, std::int64_t number) {
  switch (meaning) {
    case Meaning::kTimestamp:
      // The day is the session's; a live line only needs the time.
      return number == 0 ? "" : format_time_precise(number).substr(11, 12);
    case Meaning::kDuration:
      return format_duration(std::chrono::nanoseconds(number));
    case Meaning::kBytes:
      return format_size(static_cast<std::uint64_t>(number));
    case Meaning::kBool:
      return number != 0 ? "true" : "false";
    default:
      return std::to_string(number);
  }
}

std::string hexadecimal(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return out;
}

}  // namespace

std::string cell_text(const EventSchema& schema, std::size_t column, std::span<const Value> row) {
  const auto& value = row[column];
  switch (value.kind) {
    case Value::Kind::kNull:
      return "";
    case Value::Kind::kReal:
      return fmt::format("{:.3f}", value.real);
    case Value::Kind::kText:
      return std::string(value.text);
    case Value::Kind::kBlob:
      return hexadecimal(value.text);
    case Value::Kind::kInteger:
      break;
  }
  if (auto text = code_text(schema, column, row)) return *text;
  return number_text(schema.columns[column].meaning, value.integer);
}

nlohmann::ordered_json cell_json(const EventSchema& schema, std::size_t column,
                                 std::span<const Value> row) {
  const auto& value = row[column];
  switch (value.kind) {
    case Value::Kind::kNull:
      return nullptr;
    case Value::Kind::kReal:
      return value.real;
    case Value::Kind::kText:
      return std::string(value.text);
    case Value::Kind::kBlob:
      return hexadecimal(value.text);
    case Value::Kind::kInteger:
      break;
  }
  if (auto text = code_text(schema, column, row)) return *text;
  const auto meaning = schema.columns[column].meaning;
  if (meaning == Meaning::kTimestamp) return format_time_precise(value.integer);
  if (meaning == Meaning::kBool) return value.integer != 0;
  return value.integer;
}

std::string json_line(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

std::string json_document(const nlohmann::ordered_json& json) {
  return json.dump(2, ' ', true, nlohmann::json::error_handler_t::replace) + '\n';
}

}  // namespace ig
