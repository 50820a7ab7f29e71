// SPDX-License-Identifier: Apache-2.0
// The road of foreign bytes through the recorder: the first two bytes say how long a record is,
// the record is decoded by the layout that the rest, taken as a BPF object, declares.
#include <cstdint>

#include "recorder/gadget/event_decoder.h"
#include "recorder/gadget/gadget_parameters.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::span input(reinterpret_cast<const std::byte*>(data), size);
  const std::size_t asked = data[0] | std::size_t{data[1]} << 8;
  const auto record = input.subspan(2, std::min(asked, size - 2));
  const auto object = input.subspan(2 + record.size());
  ig::Gadget gadget;
  gadget.object.assign(reinterpret_cast<const char*>(object.data()), object.size());
  static_cast<void>(ig::gadget_parameters(gadget));
  const auto sources = ig::read_data_sources(gadget);
  if (!sources) return 0;
  for (const auto& source : *sources) {
    ig::EventDecoder decoder(source, ig::ClockOffset(0));
    if (!decoder.decode(record)) continue;
    std::size_t bytes = 0;
    for (const auto& value : decoder.values()) bytes += value.text.size();
    if (bytes > (std::size_t{1} << 30)) __builtin_trap();
  }
  return 0;
}
