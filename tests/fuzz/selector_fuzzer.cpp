// SPDX-License-Identifier: Apache-2.0
// A selector of Calico, which is a language of its own.
#include <cstdint>

#include "advisors/network/readers/calico_selector.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto terms = ig::parse_calico_selector({reinterpret_cast<const char*>(data), size});
  return terms || !terms.error().message.empty() ? 0 : -1;
}
