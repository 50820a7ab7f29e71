// SPDX-License-Identifier: Apache-2.0
// Histograms of powers of two, drawn as the BCC tools draw them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ig {

// Slot i counts values from 2^i to 2^(i+1)-1; slot 0 also those that are 0. `json` is what a
// histogram column holds, an array of numbers; anything else gives "".
std::vector<std::uint64_t> histogram_slots(std::string_view json);

// Lines from the first slot that counted something to the last, with bars. `width` is the
// terminal's, 0 = any. Nothing counted gives "".
std::string histogram_text(std::span<const std::uint64_t> slots, std::string_view unit,
                           std::size_t width);
std::string histogram_text(std::string_view json, std::string_view unit, std::size_t width);

}  // namespace ig
