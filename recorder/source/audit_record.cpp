// SPDX-License-Identifier: Apache-2.0
#include "recorder/source/audit_record.h"

#include <linux/audit.h>

#include <charconv>

namespace ig {
namespace {

template <typename T>
bool read_number(std::string_view text, T& number, int base = 10) {
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, base);
  return error == std::errc() && stop == end;
}

std::optional<std::string_view> value_at(std::string_view text, std::size_t begin) {
  if (begin == text.npos) return std::nullopt;
  const auto value = text.substr(begin);
  return value.substr(0, value.find(' '));
}

// " key=": a space before it, so that "uid=" is not found in "auid=".
std::optional<std::string_view> first_value(std::string_view text, std::string_view mark) {
  const auto at = text.find(mark);
  return value_at(text, at == text.npos ? at : at + mark.size());
}

std::optional<std::string_view> last_value(std::string_view text, std::string_view mark) {
  const auto at = text.rfind(mark);
  return value_at(text, at == text.npos ? at : at + mark.size());
}

template <typename T>
bool read_field(std::optional<std::string_view> value, T& number, int base = 10) {
  if (!value) return false;
  if (base == 16 && value->starts_with("0x")) value->remove_prefix(2);
  return read_number(*value, number, base);
}

// "name", or its bytes in hexadecimal.
std::string untrusted_text(std::string_view value) {
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
    return std::string(value.substr(1, value.size() - 2));
  }
  std::string text;
  for (; value.size() >= 2; value.remove_prefix(2)) {
    unsigned byte = 0;
    if (!read_number(value.substr(0, 2), byte, 16)) return {};
    text.push_back(static_cast<char>(byte));
  }
  return text.substr(0, text.find('\0'));
}

// "audit(SECONDS.MILLISECONDS:SERIAL):"
bool read_stamp(std::string_view text, std::int64_t& time_ns, std::uint64_t& serial) {
  constexpr std::string_view kBegin = "audit(";
  constexpr std::int64_t kMostSeconds = 8'000'000'000;  // so that nanoseconds do not overflow
  const auto dot = text.find('.'), end = text.find(')');
  if (!text.starts_with(kBegin) || dot == text.npos || end == text.npos) return false;
  if (end < dot + 5 || text[dot + 4] != ':') return false;
  std::int64_t seconds = 0, milliseconds = 0;
  if (!read_number(text.substr(kBegin.size(), dot - kBegin.size()), seconds)) return false;
  if (!read_number(text.substr(dot + 1, 3), milliseconds)) return false;
  if (!read_number(text.substr(dot + 5, end - dot - 5), serial)) return false;
  if (seconds < 0 || seconds > kMostSeconds || milliseconds < 0) return false;
  time_ns = seconds * 1'000'000'000 + milliseconds * 1'000'000;
  return true;
}

}  // namespace

std::optional<SeccompRecord> parse_seccomp_record(std::string_view text) {
  while (!text.empty() && (text.back() == '\0' || text.back() == '\n')) text.remove_suffix(1);
  SeccompRecord record;
  const auto comm = last_value(text, " comm=");
  const bool whole = read_stamp(text, record.time_ns, record.serial) &&
                     read_field(first_value(text, " uid="), record.uid) &&
                     read_field(first_value(text, " gid="), record.gid) &&
                     read_field(last_value(text, " pid="), record.pid) && comm &&
                     read_field(last_value(text, " arch="), record.arch, 16) &&
                     read_field(last_value(text, " syscall="), record.syscall) &&
                     read_field(last_value(text, " code="), record.code, 16);
  if (!whole || record.pid <= 0) return std::nullopt;
  record.comm = untrusted_text(*comm);
  if (const auto exe = last_value(text, " exe=")) record.exe = untrusted_text(*exe);
  return record;
}

std::string_view syscall_table_of(std::uint32_t audit_arch, std::uint32_t& number) {
  constexpr std::uint32_t kX32 = 0x40000000;
  switch (audit_arch) {
    case AUDIT_ARCH_X86_64:
      if ((number & kX32) == 0 || static_cast<std::int32_t>(number) < 0) return "x86_64";
      number &= ~kX32;
      return "x32";
    case AUDIT_ARCH_I386:
      return "i386";
    case AUDIT_ARCH_AARCH64:
      return "aarch64";
    case AUDIT_ARCH_ARM:
      return "arm";
    default:
      return "";
  }
}

}  // namespace ig
