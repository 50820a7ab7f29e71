// SPDX-License-Identifier: Apache-2.0
// Every file of somebody else's that a stack is named by: an ELF file, a perf map, maps.
#include <cstdint>
#include <span>

#include "recorder/symbols/elf_file.h"
#include "recorder/symbols/kernel_symbols.h"
#include "recorder/symbols/perf_map.h"
#include "recorder/symbols/process_maps.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto elf = ig::read_elf(ig::read_from(std::as_bytes(std::span(data, size))))) {
    for (const auto& segment : elf->code) {
      if (const auto address = elf->address_of(segment.offset)) elf->functions.find(*address);
    }
  }
  const auto made = ig::parse_perf_map(text);
  const auto kernel = ig::KernelSymbols::parse(text);
  for (const auto& mapping : ig::parse_maps(text)) {
    ig::frame_name(made.find(mapping.begin).name);
    ig::frame_name(kernel.find(mapping.end).name);
  }
  ig::parse_mounts(text).covers("/tmp");
  ig::parse_inner_pid(text);
  ig::frame_name(text);
  return 0;
}
