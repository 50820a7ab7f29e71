// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/event_decoder.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <string_view>

#include "base/check.h"

namespace ig {
namespace {

using Bytes = std::span<const std::byte>;
using Kind = FieldLayout::Kind;

constexpr std::size_t kNumberChars = 32;  // of any number in decimal, and a comma

std::size_t scratch_size(const FieldLayout& field) {
  if (field.kind == Kind::kAddress) return INET6_ADDRSTRLEN;
  if (field.kind == Kind::kStrings) return field.size;
  if (field.kind == Kind::kArray) return field.count * kNumberChars + 2;
  return 0;
}

// What the record has of a field; bytes that it lacks are zero.
template <typename T>
T load(Bytes record, std::size_t offset) {
  T value{};
  if (offset < record.size()) {
    std::memcpy(&value, record.data() + offset, std::min(sizeof(T), record.size() - offset));
  }
  return value;
}

std::uint64_t load_unsigned(Bytes record, std::size_t offset, std::uint32_t size) {
  switch (size) {
    case 1:
      return load<std::uint8_t>(record, offset);
    case 2:
      return load<std::uint16_t>(record, offset);
    case 4:
      return load<std::uint32_t>(record, offset);
    default:
      return load<std::uint64_t>(record, offset);
  }
}

std::int64_t load_signed(Bytes record, std::size_t offset, std::uint32_t size) {
  switch (size) {
    case 1:
      return load<std::int8_t>(record, offset);
    case 2:
      return load<std::int16_t>(record, offset);
    case 4:
      return load<std::int32_t>(record, offset);
    default:
      return load<std::int64_t>(record, offset);
  }
}

double load_float(Bytes record, std::size_t offset, std::uint32_t size) {
  return size == 4 ? static_cast<double>(load<float>(record, offset))
                   : load<double>(record, offset);
}

Value read_text(const FieldLayout& field, Bytes record) {
  if (field.offset >= record.size()) return Value::of(std::string_view{});
  const auto size = std::min<std::size_t>(field.size, record.size() - field.offset);
  const auto* begin = reinterpret_cast<const char*>(record.data() + field.offset);
  return Value::of(std::string_view(begin, strnlen(begin, size)));
}

// Joined by spaces, as ps does. Their length is the kernel side's word: it is not trusted beyond
// the array.
Value read_strings(const FieldLayout& field, Bytes record, char* scratch) {
  if (field.offset >= record.size()) return Value::of(std::string_view{});
  const auto present = std::min<std::size_t>(field.size, record.size() - field.offset);
  const auto length = std::min<std::uint64_t>(
      present, load_unsigned(record, field.length_offset, field.length_size));
  std::memcpy(scratch, record.data() + field.offset, length);
  std::string_view text(scratch, length);
  while (text.ends_with('\0')) text.remove_suffix(1);
  std::replace(scratch, scratch + text.size(), '\0', ' ');
  return Value::of(text);
}

Value read_address(const FieldLayout& field, Bytes record, char* scratch) {
  const auto version = load<std::uint8_t>(record, field.version_offset);
  const auto bytes = load<std::array<std::uint8_t, 16>>(record, field.offset);
  const int family = version == 4 ? AF_INET : version == 6 ? AF_INET6 : AF_UNSPEC;
  // No address: text all the same, since an address may be part of a key.
  if (family == AF_UNSPEC) return Value::of(std::string_view{});
  inet_ntop(family, bytes.data(), scratch, INET6_ADDRSTRLEN);
  return Value::of(std::string_view(scratch));
}

std::uint64_t number(std::span<const Value> row, int column) {
  if (column < 0) return 0;
  return static_cast<std::uint64_t>(row[static_cast<std::size_t>(column)].integer);
}

}  // namespace

EventDecoder::EventDecoder(const DataSource& source, ClockOffset clock)
    : source_(source), clock_(clock), values_(source.fields.size()) {
  IG_CHECK(source.fields.size() == source.schema.columns.size());
  std::size_t size = 0;
  for (const auto& field : source.fields) {
    scratch_begins_.push_back(size);
    size += scratch_size(field);
  }
  scratch_.resize(size);
}

bool EventDecoder::decode(Bytes record) {
  if (record.size() < source_.least_size) return false;
  record = record.first(std::min<std::size_t>(record.size(), source_.record_size));
  for (std::size_t i = 0; i < values_.size(); ++i) {
    values_[i] = read(source_.fields[i], record, scratch_.data() + scratch_begins_[i]);
  }
  return true;
}

Value EventDecoder::read(const FieldLayout& field, Bytes record, char* scratch) const {
  switch (field.kind) {
    case Kind::kUnsigned:
      return Value::of(static_cast<std::int64_t>(load_unsigned(record, field.offset, field.size)));
    case Kind::kSigned:
      return Value::of(load_signed(record, field.offset, field.size));
    case Kind::kBool:
      return Value::of(std::int64_t{load_unsigned(record, field.offset, field.size) != 0});
    case Kind::kFloat:
      return Value::of(load_float(record, field.offset, field.size));
    case Kind::kTimestamp: {
      const auto boot = load<std::uint64_t>(record, field.offset);
      // 0 = it never happened. Garbage must not overflow.
      if (boot == 0 || boot > INT64_MAX / 2) return Value::of(std::int64_t{0});
      return Value::of(clock_.to_wall(boot));
    }
    case Kind::kText:
      return read_text(field, record);
    case Kind::kStrings:
      return read_strings(field, record, scratch);
    case Kind::kArray:
      return read_array(field, record, scratch);
    case Kind::kAddress:
      return read_address(field, record, scratch);
    case Kind::kExtension:
      return {};
  }
  return {};
}

Value EventDecoder::read_array(const FieldLayout& field, Bytes record, char* scratch) const {
  char* end = scratch;
  *end++ = '[';
  for (std::uint32_t i = 0; i < field.count; ++i) {
    if (i > 0) *end++ = ',';
    const auto offset = field.offset + std::size_t{i} * field.size;
    char* const limit = end + kNumberChars - 1;
    if (field.element == Kind::kFloat) {
      const auto value = load_float(record, offset, field.size);
      // JSON has no infinity.
      end =
          std::isfinite(value) ? std::to_chars(end, limit, value).ptr : std::copy_n("null", 4, end);
    } else if (field.element == Kind::kSigned) {
      end = std::to_chars(end, limit, load_signed(record, offset, field.size)).ptr;
    } else {
      end = std::to_chars(end, limit, load_unsigned(record, offset, field.size)).ptr;
    }
  }
  *end++ = ']';
  return Value::of(std::string_view(scratch, end));
}

TaskIdentity identity_of(const IdentityColumns& columns, std::span<const Value> row) {
  return {.mntns_id = number(row, columns.mntns_id),
          .mntns_gen = number(row, columns.mntns_gen),
          .cgroup_id = number(row, columns.cgroup_id),
          .netns_id = number(row, columns.netns_id)};
}

std::int64_t time_of(const IdentityColumns& columns, std::span<const Value> row) {
  return static_cast<std::int64_t>(number(row, columns.time));
}

}  // namespace ig
