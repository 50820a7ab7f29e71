// SPDX-License-Identifier: Apache-2.0
// Text as people read and write it: durations, sizes, counts, lists, near names.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ig {

// "90", "90s", "10m", "1h30m", "250ms" → nanoseconds. A bare number is seconds.
Result<std::chrono::nanoseconds> parse_duration(std::string_view text);
// "4096", "4k", "8MiB", "2g" (powers of 1024) → bytes.
Result<std::uint64_t> parse_size(std::string_view text);

std::string format_duration(std::chrono::nanoseconds duration);  // "1h02m", "12.4s", "350ms"
std::string format_size(std::uint64_t bytes);                    // "8.0 MiB"
std::string format_count(std::uint64_t count);                   // "1,204,511"

std::vector<std::string_view> split(std::string_view text, char separator);
std::string join(std::span<const std::string> parts, std::string_view separator);

// What would steer a terminal, and what is not UTF-8, as \xNN, \n, \t; the rest as it is.
std::string escape_control(std::string_view text);

// The candidate that the person probably meant, or "" when none is near.
std::string nearest_name(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace ig
