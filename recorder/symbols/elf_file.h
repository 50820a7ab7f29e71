// SPDX-License-Identifier: Apache-2.0
// What naming an address needs of an ELF file: where its code is mapped from, its functions, its
// build id. Read by hand and not by libelf, because such a file may be anybody's, and everything
// that is taken from it is bounded here: offsets are only used to read, and what does not fit is
// left out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "recorder/symbols/symbol_table.h"

namespace ig {

// Reads all of `bytes` from an offset of the file; false if they are not there.
using ReadAt = std::function<bool(std::uint64_t offset, std::span<std::byte> bytes)>;

struct ElfFile {
  struct Segment {
    std::uint64_t offset, size, address;
  };
  std::vector<Segment> code;  // executable segments
  SymbolTable functions;      // by the file's own addresses
  bool has_symtab = false;    // else only the exported functions are known
  std::string build_id;       // hexadecimal
  std::uint64_t bytes() const { return functions.bytes() + code.capacity() * sizeof(Segment); }

  // The file's own address of what lies at this offset of the file.
  std::optional<std::uint64_t> address_of(std::uint64_t offset) const;
};

// Of this machine's byte order, 32 or 64 bits; nullopt if it is no such file.
std::optional<ElfFile> read_elf(const ReadAt& read);

ReadAt read_from(int fd);  // a regular file
ReadAt read_from(std::span<const std::byte> memory);

}  // namespace ig
