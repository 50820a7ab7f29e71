// SPDX-License-Identifier: Apache-2.0
// Value: one cell of a row on its way from a decoder to a sink. Text and bytes are views into the
// event (the kernel's ring) and are valid only during the call that hands them over: no heap.
#pragma once

#include <cstdint>
#include <string_view>

namespace ig {

struct Value {
  enum class Kind : std::uint8_t { kNull, kInteger, kReal, kText, kBlob };

  Kind kind = Kind::kNull;
  std::int64_t integer = 0;
  double real = 0;
  std::string_view text{};  // also the bytes of a kBlob

  static Value of(std::int64_t number) { return {.kind = Kind::kInteger, .integer = number}; }
  static Value of(double number) { return {.kind = Kind::kReal, .real = number}; }
  static Value of(std::string_view text) { return {.kind = Kind::kText, .text = text}; }
  static Value blob(std::string_view bytes) { return {.kind = Kind::kBlob, .text = bytes}; }

  bool is_null() const { return kind == Kind::kNull; }
};

}  // namespace ig
