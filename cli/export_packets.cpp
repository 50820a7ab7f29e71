// SPDX-License-Identifier: Apache-2.0
// ig session export --format pcapng: all packets of a session, or those of a table.
#include <unistd.h>

#include "cli/export_forms.h"
#include "reporters/display_text.h"
#include "reporters/event_rows.h"
#include "reporters/pcapng_writer.h"
#include "reporters/terminal.h"

namespace ig {
namespace {

constexpr const char* kRecordThem = "the gadget tcpdump records them: ig record --gadgets +tcpdump";

// A recording, and the tables of it that hold the packets that are wanted.
struct Source {
  SessionReader& session;
  std::vector<EventSchema> schemas;
};

Result<std::vector<Source>> open_sources(Recordings recordings, const std::string& table) {
  std::vector<Source> sources;
  std::vector<std::string> tables;
  for (const auto& recording : recordings) {
    IG_ASSIGN(auto schemas, event_schemas(*recording.session));
    for (const auto& schema : schemas) tables.push_back(schema.view);
    std::erase_if(schemas, [&](const EventSchema& schema) {
      return !PcapngWriter::holds_packets(schema) || (!table.empty() && schema.view != table);
    });
    if (!schemas.empty()) sources.push_back({*recording.session, std::move(schemas)});
  }
  if (!sources.empty()) return sources;
  if (!table.empty()) IG_TRY(check_table(tables, table));
  const auto what = table.empty() ? std::string("the session") : "the table " + table;
  return fail(ErrorCode::kNotFound, what + " has no packets", kRecordThem);
}

// Each recording is a section of its own.
Result<> write_packets(const std::vector<Source>& sources, std::FILE* out) {
  for (const auto& source : sources) {
    IG_ASSIGN(auto writer, PcapngWriter::open(source.session, out));
    for (const auto& schema : source.schemas) IG_TRY(writer.packets(schema));
  }
  return {};
}

}  // namespace

Result<> export_packets(Recordings recordings, const Arguments& arguments) {
  IG_ASSIGN(const auto sources, open_sources(recordings, arguments.operand(1)));
  if (arguments.has("output-dir")) {
    const auto folder = arguments.text("output-dir");
    IG_ASSIGN(const auto file, open_output(folder, "packets.pcapng"));
    IG_TRY(write_packets(sources, file.get()));
    put(stdout, printable(folder) + "/packets.pcapng\n");
    return {};
  }
  if (::isatty(STDOUT_FILENO) == 1) {
    return fail(ErrorCode::kUsage, "packets are nothing for a terminal",
                "write them to a file: > packets.pcapng");
  }
  return write_packets(sources, stdout);
}

}  // namespace ig
