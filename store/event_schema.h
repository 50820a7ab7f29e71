// SPDX-License-Identifier: Apache-2.0
// EventSchema: what one data source of a gadget delivers. It is made from the event struct's BTF
// and the words of gadget.yaml, so a gadget needs no C++; a session file keeps it as JSON (table
// data_source), so a file explains itself and its tables can be checked against it.
//
// Columns are the leaves of the struct in its order; a name is the path with dots ("proc.comm").
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace ig {

enum class ColumnType { kInteger, kReal, kText, kBlob };

// What a column's number or text means: how it is printed, and how the file stores it.
// From the typedef (gadget_*) or the enum in BTF.
enum class Meaning {
  kPlain,
  kTimestamp,  // wall-clock ns since 1970 (the decoder converted it from boot time)
  kDuration,   // ns
  kBytes,      // size
  kErrno,      // 0 = none
  kSyscall,    // number; its architecture is the column `arch_raw` if there is one, else the
               // session's
  kSignal,
  kUid,
  kGid,
  kFileMode,
  kFileFlags,
  kEnum,      // names in EventSchema::enums[type_name]
  kFlagSet,   // an enum named *_set: bits joined by |
  kAddress,   // IPv4 or IPv6 text
  kProtocol,  // 6 = TCP, 17 = UDP, …
  kMntnsId,
  kNetnsId,
  kPath,  // long text, interned in the file
  kBool,
  kStack,  // frames as one text, outermost first, ';' between them; interned like kPath
  kCounter,
  kGauge,
  kHistogram,  // log2 slots, JSON array text
};

// The part that a column plays in a process identity (struct gadget_process), which the file
// interns; kNone for every other column. tid is not part of the identity: it stays in the row.
enum class ProcessPart {
  kNone,
  kComm,
  kPid,
  kTid,
  kUid,
  kGid,
  kMntnsId,
  kParentComm,
  kParentPid,
  kParentTid,
  kCgroupId,
  kMntnsGen,
  kStartTime
};

struct Column {
  std::string name;  // "proc.parent.pid", "flags_raw"
  ColumnType type = ColumnType::kInteger;
  Meaning meaning = Meaning::kPlain;
  std::string type_name;  // of the enum, where meaning is kEnum or kFlagSet
  std::string description;
  std::string unit;     // of a histogram's slots: "us"
  bool key = false;     // part of a map's key
  bool hidden = false;  // not among a table's columns unless asked for
  int width = 0;        // of a printed column; 0 = by type
  ProcessPart process_part = ProcessPart::kNone;
  std::string process;  // name of the gadget_process member that it belongs to ("proc"), or ""

  // The name of what a person sees: without "_raw".
  std::string display_name() const;
};

struct EventSchema {
  enum class Kind { kTracer, kMap, kIterator };

  std::string gadget;       // "trace_open"
  std::string data_source;  // "open"
  std::string view;  // the SQL name: gadget for its first data source, then gadget_datasource
  Kind kind = Kind::kTracer;
  std::string description;
  std::vector<Column> columns;
  std::map<std::string, std::map<std::int64_t, std::string>> enums;  // by Column::type_name

  // Index into columns, or -1.
  int find(std::string_view name) const;

  std::string to_json() const;
  static Result<EventSchema> from_json(std::string_view json);
};

// The name of a number whose meaning has names (enum, flag set, errno, signal, open flags,
// protocol), as the session file's views show it: "UNKNOWN(7)" where there is none; for a flag set
// the names of its bits joined by '|', with the rest in hexadecimal. Else the number.
std::string enum_text(const EventSchema& schema, const Column& column, std::int64_t value);

}  // namespace ig
