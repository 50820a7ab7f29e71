// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/libbpf_log.h"

#include <bpf/libbpf.h>

#include <array>
#include <cstdarg>
#include <cstdio>
#include <string_view>

#include "base/check.h"
#include "base/log.h"
#include "base/text.h"

namespace ig {
namespace {

constexpr std::size_t kMaxKept = 1 << 20;  // a verifier log may have millions of lines

std::string* kept = nullptr;

int on_print(libbpf_print_level level, const char* format, va_list arguments) noexcept {
  if (level == LIBBPF_DEBUG) return 0;
  std::array<char, 4096> line{};
  va_list again;
  va_copy(again, arguments);
  const int length = std::vsnprintf(line.data(), line.size(), format, arguments);
  std::string text(line.data());
  if (length >= static_cast<int>(line.size())) {  // with the verifier's log in it
    text.assign(static_cast<std::size_t>(length), '\0');
    std::vsnprintf(text.data(), text.size() + 1, format, again);
  }
  va_end(again);
  for (const auto part : split(text, '\n')) {
    if (!part.empty()) log::debug("{}", part);
  }
  if (kept != nullptr && kept->size() < kMaxKept) *kept += text;
  return length;
}

}  // namespace

void quiet_libbpf() { libbpf_set_print(on_print); }

LibbpfLog::LibbpfLog() {
  IG_CHECK(kept == nullptr);
  quiet_libbpf();
  kept = &text_;
}

LibbpfLog::~LibbpfLog() { kept = nullptr; }

std::string LibbpfLog::blamed_program() const {
  constexpr std::string_view kBegin = "prog '";
  const auto begin = text_.rfind(kBegin);
  if (begin == std::string::npos) return "";
  const auto end = text_.find('\'', begin + kBegin.size());
  if (end == std::string::npos) return "";
  return text_.substr(begin + kBegin.size(), end - begin - kBegin.size());
}

std::string LibbpfLog::reason() const {
  std::string_view last, verifier;
  bool in_verifier = false;
  for (const auto line : split(text_, '\n')) {
    if (line.find("BEGIN PROG LOAD LOG") != line.npos)
      in_verifier = true;
    else if (line.find("END PROG LOAD LOG") != line.npos)
      in_verifier = false;
    else if (in_verifier && !line.empty() && !line.starts_with("processed "))
      verifier = line;
    else if (line.find(": failed to load object") == line.npos && !line.empty() &&
             line.find("failed to load: ") == line.npos)
      last = line;
  }
  std::string_view found = verifier.empty() ? last : verifier;
  if (found.starts_with("libbpf: ")) found.remove_prefix(8);
  return std::string(found);
}

}  // namespace ig
