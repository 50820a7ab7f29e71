// SPDX-License-Identifier: Apache-2.0
// The records about seccomp in a log that somebody kept, line by line, whatever stands between:
//   auditd's file      type=SECCOMP msg=audit(1732243000.123:45): auid=…
//   dmesg, syslog      … audit: type=1326 audit(1732243000.123:45): auid=…
//   journalctl         the same lines, or its JSON (-o json) and export format (-o export), where
//                      the journal keeps time and number of what came by the audit socket
// Anybody may write into a journal. Where an entry says who wrote it (JSON, export), only the
// kernel's are taken; a line of text cannot say it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "recorder/source/audit_record.h"

namespace ig {

class AuditLog {
 public:
  // Where the log says it: the boot that the record is of, and the machine. "" = it does not.
  struct Origin {
    std::string boot_id;  // without dashes
    std::string node;
  };
  using OnRecord = std::function<void(SeccompRecord, const Origin&)>;
  explicit AuditLog(OnRecord on_record) : on_record_(std::move(on_record)) {}

  void take(std::string_view line);
  void end();  // after the last line

  // Lines that speak of seccomp and cannot be used: cut off, or without a time.
  std::uint64_t misread() const { return misread_; }

 private:
  struct JournalEntry {
    std::string transport, type, serial, time_us, boot_id, message;
  };

  void take_json(std::string_view line);
  void take_entry(const JournalEntry& entry);
  void take_text(std::string_view text, const std::string& boot_id);
  void take_export_line(std::string_view line);

  OnRecord on_record_;
  std::uint64_t misread_ = 0;
  bool in_entry_ = false;  // of the export format
  JournalEntry entry_;
};

}  // namespace ig
