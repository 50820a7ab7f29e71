// SPDX-License-Identifier: Apache-2.0
// Names of the numbers that system calls take, as strace writes them. Pure data, from the system's
// headers; a name that these do not have yet is given with its number.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace ig {

struct Constant {
  std::string_view name;
  std::uint64_t value;
};

struct ConstantTable {
  std::string_view name;     // "open"
  std::string_view unknown;  // what an unknown number is called in a comment: "O_???"
  std::span<const Constant> constants;
};

const ConstantTable* find_constants(std::string_view name);

// A number that is one of them: "SEEK_SET", "0x9 /* SEEK_??? */".
void append_constant(std::string& text, const ConstantTable& table, std::uint64_t value);
// Bits: "O_RDWR|O_CREAT", with unknown ones as a number; 0 where none is set and none means 0.
void append_flags(std::string& text, const ConstantTable& table, std::uint64_t value);
// The name alone; empty where there is none.
std::string_view constant_name(const ConstantTable& table, std::uint64_t value);

}  // namespace ig
