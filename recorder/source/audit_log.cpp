// SPDX-License-Identifier: Apache-2.0
#include "recorder/source/audit_log.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

namespace ig {
namespace {

constexpr std::string_view kSeccompType = "1326";
// How the journal begins the text of such a record.
constexpr std::string_view kJournalWord = "SECCOMP ";

// Where "audit(…" begins, behind a type that is seccomp's.
std::size_t find_record(std::string_view line) {
  constexpr std::array<std::string_view, 4> kTypes = {
      "type=SECCOMP msg=", "type=1326 msg=", "type=UNKNOWN[1326] msg=", "type=1326 "};
  constexpr std::string_view kBegin = "audit(";
  for (const auto type : kTypes) {
    const auto at = line.find(type);
    if (at != line.npos && line.substr(at + type.size()).starts_with(kBegin)) {
      return at + type.size();
    }
  }
  return line.npos;
}

// A string, or the bytes of one that is not UTF-8.
std::string text_of(const nlohmann::json& entry, const char* name) {
  const auto field = entry.find(name);
  if (field == entry.end()) return {};
  if (field->is_string()) return field->get<std::string>();
  std::string text;
  if (!field->is_array()) return text;
  for (const auto& byte : *field) {
    if (!byte.is_number_unsigned()) return {};
    text.push_back(static_cast<char>(byte.get<std::uint64_t>()));
  }
  return text;
}

// auditd's name_format puts it first: "node=web1 type=SECCOMP …".
std::string node_of(std::string_view line) {
  constexpr std::string_view kNode = "node=";
  if (!line.starts_with(kNode)) return {};
  return std::string(line.substr(kNode.size(), line.find(' ') - kNode.size()));
}

std::string_view trimmed(std::string_view line) {
  // 0x1e begins an entry of `journalctl -o json-seq`.
  constexpr std::string_view kEnds("\r\n \0\x1e", 5);
  while (!line.empty() && kEnds.contains(line.back())) line.remove_suffix(1);
  while (!line.empty() && line.front() == '\x1e') line.remove_prefix(1);
  return line;
}

}  // namespace

void AuditLog::take(std::string_view line) {
  line = trimmed(line);
  if (in_entry_ || line.starts_with("__CURSOR=")) {
    take_export_line(line);
  } else if (line.starts_with('{')) {
    take_json(line);
  } else {
    take_text(line, "");
  }
}

void AuditLog::end() {
  if (in_entry_) take_export_line("");
}

void AuditLog::take_text(std::string_view text, const std::string& boot_id) {
  const auto begin = find_record(text);
  // A journal's short lines of what came by the audit socket have neither year nor number.
  const bool timeless = text.find(": SECCOMP auid=") != text.npos;
  if (begin == text.npos && !timeless) return;
  Origin origin{.boot_id = boot_id, .node = node_of(text)};
  // auditd's log_format=ENRICHED adds the names of numbers behind 0x1d.
  if (begin != text.npos) text = text.substr(begin, text.find('\x1d', begin) - begin);
  if (auto record = parse_seccomp_record(text)) {
    on_record_(*std::move(record), origin);
  } else {
    ++misread_;
  }
}

void AuditLog::take_json(std::string_view line) {
  const auto entry = nlohmann::json::parse(line, nullptr, false);
  if (!entry.is_object()) {
    if (find_record(line) != line.npos) ++misread_;
    return;
  }
  take_entry({.transport = text_of(entry, "_TRANSPORT"),
              .type = text_of(entry, "_AUDIT_TYPE"),
              .serial = text_of(entry, "_AUDIT_ID"),
              .time_us = text_of(entry, "_SOURCE_REALTIME_TIMESTAMP"),
              .boot_id = text_of(entry, "_BOOT_ID"),
              .message = text_of(entry, "MESSAGE")});
}

void AuditLog::take_entry(const JournalEntry& entry) {
  const std::string_view by = entry.transport;
  if (!by.empty() && by != "kernel" && by != "audit") return;
  if (entry.type != kSeccompType || !entry.message.starts_with(kJournalWord)) {
    return take_text(entry.message, entry.boot_id);
  }
  std::uint64_t time_us = 0;
  std::from_chars(entry.time_us.data(), entry.time_us.data() + entry.time_us.size(), time_us);
  take_text(
      fmt::format("type=1326 audit({}.{:03}:{}): {}", time_us / 1'000'000, time_us / 1'000 % 1'000,
                  entry.serial, std::string_view(entry.message).substr(kJournalWord.size())),
      entry.boot_id);
}

// Lines NAME=VALUE; an empty one ends the entry.
void AuditLog::take_export_line(std::string_view line) {
  in_entry_ = !line.empty();
  if (!in_entry_) return take_entry(std::exchange(entry_, {}));
  const std::array<std::pair<std::string_view, std::string*>, 6> fields = {
      {{"_TRANSPORT=", &entry_.transport},
       {"_AUDIT_TYPE=", &entry_.type},
       {"_AUDIT_ID=", &entry_.serial},
       {"_SOURCE_REALTIME_TIMESTAMP=", &entry_.time_us},
       {"_BOOT_ID=", &entry_.boot_id},
       {"MESSAGE=", &entry_.message}}};
  for (const auto& [name, value] : fields) {
    if (line.starts_with(name)) *value = line.substr(name.size());
  }
}

}  // namespace ig
