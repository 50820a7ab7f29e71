// SPDX-License-Identifier: Apache-2.0
// SymbolTable: which function an address belongs to. Names lie in one string, so that a table of a
// hundred thousand functions is three allocations; both are bounded, since tables come from files
// that anybody may write.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ig {

class SymbolTable {
 public:
  // What is too much is left out. `size` 0: up to the next symbol.
  void add(std::uint64_t address, std::uint64_t size, std::string_view name);
  void finish();  // after the last add()

  struct Symbol {
    std::string_view name;  // valid as long as the table; "" = none covers the address
    std::uint64_t offset = 0;
  };
  Symbol find(std::uint64_t address) const;

  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }
  std::size_t bytes() const { return entries_.capacity() * sizeof(Entry) + names_.capacity(); }

 private:
  struct Entry {
    std::uint64_t address;
    std::uint64_t size;
    std::uint32_t name;
    std::uint32_t length;
  };
  std::vector<Entry> entries_;
  std::string names_;
};

// A symbol's name as a frame of a stack: C++ names demangled, cut where they are very long, and
// without the characters that separate frames. Control characters are replaced.
std::string frame_name(std::string_view symbol);

}  // namespace ig
