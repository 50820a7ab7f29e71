// SPDX-License-Identifier: Apache-2.0
// ig session export --format otlp: a table to stdout, or logs.jsonl and metrics.jsonl.
#include <algorithm>

#include "cli/export_forms.h"
#include "reporters/event_rows.h"
#include "reporters/otlp_writer.h"
#include "reporters/terminal.h"

namespace ig {
namespace {

constexpr std::string_view kLosses = "loss";

Result<> write_logs(OtlpWriter& writer, const std::vector<EventSchema>& schemas, std::FILE* out) {
  for (const auto& schema : schemas) {
    if (!OtlpWriter::is_metrics(schema)) IG_TRY(writer.events(schema, out));
  }
  return writer.losses(out);
}

Result<> write_metrics(OtlpWriter& writer, const std::vector<EventSchema>& schemas,
                       std::FILE* out) {
  for (const auto& schema : schemas) {
    if (OtlpWriter::is_metrics(schema)) IG_TRY(writer.metrics(schema, out));
  }
  return {};
}

// A reader of a file wants one of the two in it.
Result<> write_folder(OtlpWriter& writer, const std::vector<EventSchema>& schemas,
                      const std::string& folder) {
  IG_ASSIGN(const auto logs, open_output(folder, "logs.jsonl"));
  IG_TRY(write_logs(writer, schemas, logs.get()));
  put(stdout, folder + "/logs.jsonl\n");
  if (std::ranges::none_of(schemas, OtlpWriter::is_metrics)) return {};
  IG_ASSIGN(const auto metrics, open_output(folder, "metrics.jsonl"));
  IG_TRY(write_metrics(writer, schemas, metrics.get()));
  put(stdout, folder + "/metrics.jsonl\n");
  return {};
}

}  // namespace

Result<> export_otlp(SessionReader& session, const Arguments& arguments) {
  IG_ASSIGN(auto schemas, event_schemas(session));
  IG_ASSIGN(auto writer, OtlpWriter::open(session));
  const auto table = arguments.operand(1);
  if (!table.empty()) {
    std::vector<std::string> tables = {std::string(kLosses)};
    for (const auto& schema : schemas) tables.push_back(schema.view);
    IG_TRY(check_table(tables, table));
    std::erase_if(schemas, [&](const EventSchema& schema) { return schema.view != table; });
  }
  if (arguments.has("output-dir")) {
    return write_folder(writer, schemas, arguments.text("output-dir"));
  }
  if (table == kLosses) return writer.losses(stdout);
  return OtlpWriter::is_metrics(schemas.front()) ? writer.metrics(schemas.front(), stdout)
                                                 : writer.events(schemas.front(), stdout);
}

}  // namespace ig
