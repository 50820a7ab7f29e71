// SPDX-License-Identifier: Apache-2.0
#include "advisors/advice_text.h"

#include <fmt/format.h>

#include "base/clock.h"
#include "base/text.h"

namespace ig {
namespace {

bool is_label_character(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::string span_text(std::int64_t first_ns, std::int64_t last_ns) {
  const std::string first = format_time(first_ns), last = format_time(last_ns);
  return first == last ? "at " + first : first + " to " + last;
}

std::string window_text(const SessionInfo& session) {
  const std::string host = session.host_name.empty() ? "" : " on " + one_line(session.host_name);
  if (session.ended_ns == 0) {
    return fmt::format("recorded from {}{}, cut off", format_time(session.started_ns), host);
  }
  return fmt::format("recorded {}{}", span_text(session.started_ns, session.ended_ns), host);
}

std::string count_text(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", format_count(count), noun, count == 1 ? "" : "s");
}

std::string workload_text(const Workload& workload) {
  std::string text = fmt::format("{} ({}", one_line(workload.name), to_string(workload.kind));
  if (!workload.runtime.empty()) text += " of " + one_line(workload.runtime);
  if (!workload.image.empty()) text += ", image " + one_line(workload.image);
  return text + ")";
}

std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c >= ' ' && c <= '~') {
      out += c;
    } else {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string NameGiver::give(std::string_view wanted) {
  constexpr std::size_t kLongest = 50;  // leaves room for what a document adds to its name
  std::string label;
  for (const char c : wanted) {
    if (is_label_character(lower(c))) {
      label += lower(c);
    } else if (!label.empty() && label.back() != '-') {
      label += '-';
    }
    if (label.size() == kLongest) break;
  }
  while (!label.empty() && label.back() == '-') label.pop_back();
  if (label.empty()) label = "workload";
  std::string name = label;
  for (int next = 2; !given_.insert(name).second; ++next) name = fmt::format("{}-{}", label, next);
  return name;
}

}  // namespace ig
