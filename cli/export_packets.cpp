// SPDX-License-Identifier: Apache-2.0
// ig session export --format pcapng: all packets of a session, or those of a table.
#include <unistd.h>

#include "cli/export_forms.h"
#include "reporters/event_rows.h"
#include "reporters/pcapng_writer.h"
#include "reporters/terminal.h"

namespace ig {
namespace {

constexpr const char* kRecordThem = "the gadget tcpdump records them: ig record --gadgets +tcpdump";

Result<std::vector<EventSchema>> tables_of_packets(SessionReader& session,
                                                   const std::string& table) {
  IG_ASSIGN(auto schemas, event_schemas(session));
  if (!table.empty()) {
    std::vector<std::string> tables;
    for (const auto& schema : schemas) tables.push_back(schema.view);
    IG_TRY(check_table(tables, table));
  }
  std::erase_if(schemas, [&](const EventSchema& schema) {
    return !PcapngWriter::holds_packets(schema) || (!table.empty() && schema.view != table);
  });
  if (!schemas.empty()) return schemas;
  const auto what = table.empty() ? std::string("the session") : "the table " + table;
  return fail(ErrorCode::kNotFound, what + " has no packets", kRecordThem);
}

Result<> write_packets(SessionReader& session, const std::vector<EventSchema>& schemas,
                       std::FILE* out) {
  IG_ASSIGN(auto writer, PcapngWriter::open(session, out));
  for (const auto& schema : schemas) IG_TRY(writer.packets(schema));
  return {};
}

}  // namespace

Result<> export_packets(SessionReader& session, const Arguments& arguments) {
  IG_ASSIGN(const auto schemas, tables_of_packets(session, arguments.operand(1)));
  if (arguments.has("output-dir")) {
    const auto folder = arguments.text("output-dir");
    IG_ASSIGN(const auto file, open_output(folder, "packets.pcapng"));
    IG_TRY(write_packets(session, schemas, file.get()));
    put(stdout, folder + "/packets.pcapng\n");
    return {};
  }
  if (::isatty(STDOUT_FILENO) == 1) {
    return fail(ErrorCode::kUsage, "packets are nothing for a terminal",
                "write them to a file: > packets.pcapng");
  }
  return write_packets(session, schemas, stdout);
}

}  // namespace ig
