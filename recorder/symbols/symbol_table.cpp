// SPDX-License-Identifier: Apache-2.0
#include "recorder/symbols/symbol_table.h"

#define HAVE_DECL_BASENAME 1  // else that header declares its own
#include <libiberty/demangle.h>

#include <algorithm>
#include <csetjmp>
#include <cstring>

namespace ig {
namespace {

constexpr std::size_t kMostSymbols = 2'000'000;
constexpr std::size_t kMostNameBytes = 128 << 20;
constexpr std::size_t kLongestMangled = 1024;
constexpr std::size_t kLongestName = 256;
constexpr int kMostNested = 64;  // symbols that begin before an address and may cover it

// What the demangler has put out. A name of a few hundred characters can stand for gigabytes, so it
// is left by longjmp when that is enough.
struct Demangled {
  char text[kLongestName];
  std::size_t size = 0;
  std::jmp_buf enough;

  static void put(const char* text, std::size_t size, void* context) {
    auto& self = *static_cast<Demangled*>(context);
    const auto taken = std::min(size, sizeof self.text - self.size);
    std::memcpy(self.text + self.size, text, taken);
    self.size += taken;
    if (taken < size) std::longjmp(self.enough, 1);
  }
};

// Without parameters: they make names long, and tell nothing that the callers do not.
bool demangle(const char* mangled, Demangled& result) {
  if (setjmp(result.enough) != 0) return true;
  return rust_demangle_callback(mangled, DMGL_NO_OPTS, Demangled::put, &result) != 0 ||
         cplus_demangle_v3_callback(mangled, DMGL_NO_OPTS, Demangled::put, &result) != 0;
}

}  // namespace

void SymbolTable::add(std::uint64_t address, std::uint64_t size, std::string_view name) {
  name = name.substr(0, kLongestMangled);
  if (entries_.size() >= kMostSymbols || names_.size() + name.size() > kMostNameBytes) return;
  entries_.push_back({address, size, static_cast<std::uint32_t>(names_.size()),
                      static_cast<std::uint32_t>(name.size())});
  names_.append(name);
}

void SymbolTable::finish() {
  // Of equal ranges the first one added stays the first.
  std::ranges::stable_sort(entries_, [](const Entry& a, const Entry& b) {
    return a.address != b.address ? a.address < b.address : a.size > b.size;
  });
  entries_.shrink_to_fit();
  names_.shrink_to_fit();
}

SymbolTable::Symbol SymbolTable::find(std::uint64_t address) const {
  auto it = std::ranges::upper_bound(entries_, address, {}, &Entry::address);
  const auto next = it;
  for (int steps = 0; it != entries_.begin() && steps < kMostNested; ++steps) {
    --it;
    const auto offset = address - it->address;
    // One without a size ends where anything else begins, itself under another name aside.
    const bool open = it->size == 0 && (it + 1 == next || (next - 1)->address == it->address);
    if (offset >= it->size && !open) continue;
    return {std::string_view(names_).substr(it->name, it->length), offset};
  }
  return {};
}

std::string frame_name(std::string_view symbol) {
  std::string name(symbol.substr(0, kLongestMangled));
  if (name.starts_with("_Z") || name.starts_with("_R")) {
    Demangled demangled;
    if (demangle(name.c_str(), demangled)) name.assign(demangled.text, demangled.size);
  }
  if (name.size() > kLongestName) name.resize(kLongestName);
  for (char& c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < ' ' || byte == 0x7f) c = '?';
    if (c == ';') c = ':';
  }
  return name;
}

}  // namespace ig
