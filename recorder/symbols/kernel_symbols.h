// SPDX-License-Identifier: Apache-2.0
// KernelSymbols: names of addresses in the kernel, by /proc/kallsyms. Read when the first stack is
// named, and again when an address is far from all that is known (a module was loaded meanwhile).
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "recorder/symbols/symbol_table.h"

namespace ig {

class KernelSymbols {
 public:
  static std::shared_ptr<KernelSymbols> shared();  // one for all gadgets

  // The frames of a stack as the kernel gives it (innermost first) as text, outermost first, with
  // ';' between them. What brought our own program there is left out.
  std::string stack_text(std::span<const std::uint64_t> addresses);

  static SymbolTable parse(std::string_view kallsyms);

 private:
  std::string name(std::uint64_t address);
  void read();

  SymbolTable symbols_;
  std::chrono::steady_clock::time_point read_at_{};
};

}  // namespace ig
