// SPDX-License-Identifier: Apache-2.0
#include "recorder/symbols/process_maps.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/text.h"

namespace ig {
namespace {

constexpr std::size_t kMostMappings = 4096;
constexpr std::size_t kLongestPath = 4096;
constexpr std::size_t kMostMounts = 4096;

// Takes a number and the one character behind it.
bool take(std::string_view& text, std::uint64_t& number, int base, char end) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (result.ec != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(result.ptr - text.data()));
  if (!text.starts_with(end)) return false;
  text.remove_prefix(1);
  return true;
}

// "55d0c0a00000-55d0c0a25000 r-xp 00002000 fe:01 1234      /usr/bin/x"
std::optional<CodeMapping> parse_mapping(std::string_view line) {
  CodeMapping mapping;
  std::uint64_t major = 0, minor = 0;
  if (!take(line, mapping.begin, 16, '-') || !take(line, mapping.end, 16, ' ')) return {};
  constexpr std::size_t kRights = 5;  // "r-xp "
  if (line.size() < kRights || line[2] != 'x') return {};
  line.remove_prefix(kRights);
  if (!take(line, mapping.offset, 16, ' ') || !take(line, major, 16, ':') ||
      !take(line, minor, 16, ' ') || !take(line, mapping.inode, 10, ' ')) {
    return {};
  }
  mapping.major = static_cast<std::uint32_t>(major);
  mapping.minor = static_cast<std::uint32_t>(minor);
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  mapping.path = line.substr(0, kLongestPath);
  return mapping;
}

template <typename Visit>
void each_line(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    visit(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
}

}  // namespace

std::vector<CodeMapping> parse_maps(std::string_view text) {
  std::vector<CodeMapping> mappings;
  each_line(text, [&](std::string_view line) {
    if (mappings.size() >= kMostMappings) return;
    if (auto mapping = parse_mapping(line)) mappings.push_back(std::move(*mapping));
  });
  std::ranges::sort(mappings, {}, &CodeMapping::begin);
  return mappings;
}

// "36 35 98:0 /root /place rw,noatime master:1 - fuse.sshfs source rw"
ServedMounts parse_mounts(std::string_view text) {
  ServedMounts mounts;
  each_line(text, [&](std::string_view line) {
    const auto kind = line.find(" - fuse");
    if (kind == line.npos || mounts.places.size() >= kMostMounts) return;
    const auto words = split(line.substr(0, kind), ' ');
    if (words.size() < 5) return;
    auto device = std::string(words[2]) + " ";
    std::string_view rest = device;
    std::uint64_t major = 0, minor = 0;
    if (!take(rest, major, 10, ':') || !take(rest, minor, 10, ' ')) return;
    mounts.devices.emplace_back(major, minor);
    mounts.places.emplace_back(words[4]);
  });
  return mounts;
}

bool ServedMounts::has_device(std::uint32_t major, std::uint32_t minor) const {
  return std::ranges::find(devices, std::pair(major, minor)) != devices.end();
}

bool ServedMounts::covers(std::string_view path) const {
  return std::ranges::any_of(places, [&](const std::string& place) {
    return place == "/" ||
           (path.starts_with(place) && (path.size() == place.size() || path[place.size()] == '/'));
  });
}

std::uint32_t parse_inner_pid(std::string_view status) {
  std::uint32_t pid = 0;
  each_line(status, [&](std::string_view line) {
    if (!line.starts_with("NSpid:")) return;
    const auto last = line.substr(line.find_last_of("\t ") + 1);
    std::from_chars(last.data(), last.data() + last.size(), pid);
  });
  return pid;
}

}  // namespace ig
