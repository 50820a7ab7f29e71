// SPDX-License-Identifier: Apache-2.0
#include "reporters/schema_text.h"

#include <fmt/format.h>

#include "reporters/column_choice.h"
#include "reporters/text_table.h"

namespace ig {
namespace {

std::string_view type_text(ColumnType type) {
  switch (type) {
    case ColumnType::kInteger:
      return "number";
    case ColumnType::kReal:
      return "real";
    case ColumnType::kText:
      return "text";
    case ColumnType::kBlob:
      return "bytes";
  }
  return "";
}

std::string_view kind_text(EventSchema::Kind kind) {
  switch (kind) {
    case EventSchema::Kind::kTracer:
      return "one row an event";
    case EventSchema::Kind::kMap:
      return "one row a key, summed up in the kernel";
    case EventSchema::Kind::kIterator:
      return "one row for each thing there is";
  }
  return "";
}

}  // namespace

std::string_view meaning_text(const Column& column) {
  switch (column.meaning) {
    case Meaning::kTimestamp:
      return "time";
    case Meaning::kDuration:
      return "duration (ns)";
    case Meaning::kBytes:
      return "size (bytes)";
    case Meaning::kErrno:
      return "errno";
    case Meaning::kSyscall:
      return "syscall";
    case Meaning::kSignal:
      return "signal";
    case Meaning::kUid:
      return "user id";
    case Meaning::kGid:
      return "group id";
    case Meaning::kFileMode:
      return "file mode";
    case Meaning::kFileFlags:
      return "open flags";
    case Meaning::kEnum:
      return "name";
    case Meaning::kFlagSet:
      return "names";
    case Meaning::kAddress:
      return "address";
    case Meaning::kProtocol:
      return "protocol";
    case Meaning::kMntnsId:
    case Meaning::kNetnsId:
      return "namespace";
    case Meaning::kPath:
      return "path";
    case Meaning::kBool:
      return "yes/no";
    case Meaning::kStack:
      return "stack";
    case Meaning::kCounter:
      return "counter";
    case Meaning::kGauge:
      return "gauge";
    case Meaning::kHistogram:
      return "histogram";
    case Meaning::kPlain:
      break;
  }
  return type_text(column.type);
}

std::string schema_text(const EventSchema& schema, const Style& style) {
  TextTable table({{"FIELD"}, {"IN JSON"}, {"TYPE"}, {"SHOWN"}, {"MEANING"}});
  for (const auto& column : schema.columns) {
    auto words = column.description;
    if (column.key) words += words.empty() ? "(key)" : " (key)";
    table.add({column_title(column), column.display_name(), std::string(meaning_text(column)),
               usually_shown(schema, column) ? "yes" : "-", words});
  }
  return fmt::format("{}: {}{}\n{}", style.bold("Table " + schema.view), kind_text(schema.kind),
                     schema.description.empty() ? "" : "; " + printable(schema.description),
                     table.render(style, 2));
}

}  // namespace ig
