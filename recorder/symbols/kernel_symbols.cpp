// SPDX-License-Identifier: Apache-2.0
#include "recorder/symbols/kernel_symbols.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/file.h"

namespace ig {
namespace {

constexpr std::uint64_t kMostBytes = 256 << 20;
constexpr std::uint64_t kFar = 256 << 10;  // no function is as long
constexpr std::chrono::seconds kReadAgainAfter{5};

// Between a traced function and the program that is attached to it.
bool is_our_own(std::string_view frame) {
  constexpr std::string_view kPrefixes[] = {"bpf_prog_",     "bpf_trace_run",   "__bpf_trace_",
                                            "__traceiter_",  "bpf_trampoline_", "bpf_get_stackid",
                                            "trace_call_bpf"};
  return std::ranges::any_of(kPrefixes,
                             [&](std::string_view prefix) { return frame.starts_with(prefix); });
}

}  // namespace

std::shared_ptr<KernelSymbols> KernelSymbols::shared() {
  static std::weak_ptr<KernelSymbols> known;
  auto symbols = known.lock();
  if (!symbols) known = symbols = std::make_shared<KernelSymbols>();
  return symbols;
}

// "ffffffff81000000 T _text", of a module with "\t[name]" behind it.
SymbolTable KernelSymbols::parse(std::string_view text) {
  SymbolTable table;
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    std::uint64_t address = 0;
    const auto number = std::from_chars(line.data(), line.data() + line.size(), address, 16);
    line.remove_prefix(static_cast<std::size_t>(number.ptr - line.data()));
    constexpr std::string_view kCode = "tTwW";
    // An address of 0 is one that we may not know.
    if (line.size() < 4 || address == 0 || kCode.find(line[1]) == kCode.npos) continue;
    line.remove_prefix(3);
    table.add(address, 0, line.substr(0, line.find_first_of("\t ")));
  }
  table.finish();
  return table;
}

void KernelSymbols::read() {
  read_at_ = std::chrono::steady_clock::now();
  if (const auto text = read_file("/proc/kallsyms", kMostBytes); text) symbols_ = parse(*text);
}

std::string KernelSymbols::name(std::uint64_t address) {
  auto symbol = symbols_.find(address);
  const bool unknown = symbol.name.empty() || symbol.offset > kFar;
  if (unknown && std::chrono::steady_clock::now() - read_at_ > kReadAgainAfter) {
    read();
    symbol = symbols_.find(address);
  }
  if (symbol.name.empty() || symbol.offset > kFar) return fmt::format("[0x{:x}]", address);
  return frame_name(symbol.name);
}

std::string KernelSymbols::stack_text(std::span<const std::uint64_t> addresses) {
  std::vector<std::string> frames;
  for (std::size_t i = 0; i < addresses.size() && addresses[i] != 0; ++i) {
    // A caller's address is behind its call, which may be the last thing that a function does.
    auto frame = name(addresses[i] - (i > 0 ? 1 : 0));
    if (!frames.empty() || !is_our_own(frame)) frames.push_back(std::move(frame));
  }
  std::string text;
  for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame) {
    if (!text.empty()) text += ';';
    text += *frame;
  }
  return text;
}

}  // namespace ig
