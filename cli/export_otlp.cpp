// SPDX-License-Identifier: Apache-2.0
// ig session export --format otlp: a table to stdout, or logs.jsonl and metrics.jsonl.
#include <algorithm>

#include "cli/export_forms.h"
#include "reporters/display_text.h"
#include "reporters/event_rows.h"
#include "reporters/otlp_writer.h"
#include "reporters/terminal.h"

namespace ig {
namespace {

constexpr std::string_view kLosses = "loss";

// A recording, and the tables of it that are wanted.
struct Source {
  OtlpWriter writer;
  std::vector<EventSchema> schemas;
};

Result<std::vector<Source>> open_sources(Recordings recordings, const std::string& table) {
  std::vector<Source> sources;
  std::vector<std::string> tables = {std::string(kLosses)};
  for (const auto& recording : recordings) {
    IG_ASSIGN(auto writer, OtlpWriter::open(*recording.session));
    IG_ASSIGN(auto schemas, event_schemas(*recording.session));
    for (const auto& schema : schemas) tables.push_back(schema.view);
    if (!table.empty()) {
      std::erase_if(schemas, [&](const EventSchema& schema) { return schema.view != table; });
    }
    sources.push_back({std::move(writer), std::move(schemas)});
  }
  if (!table.empty()) IG_TRY(check_table(tables, table));
  return sources;
}

bool has_metrics(const Source& source) {
  return std::ranges::any_of(source.schemas, OtlpWriter::is_metrics);
}

Result<> write_events(std::vector<Source>& sources, std::FILE* out) {
  for (auto& source : sources) {
    for (const auto& schema : source.schemas) {
      if (!OtlpWriter::is_metrics(schema)) IG_TRY(source.writer.events(schema, out));
    }
  }
  return {};
}

Result<> write_metrics(std::vector<Source>& sources, std::FILE* out) {
  for (auto& source : sources) {
    for (const auto& schema : source.schemas) {
      if (OtlpWriter::is_metrics(schema)) IG_TRY(source.writer.metrics(schema, out));
    }
  }
  return {};
}

Result<> write_losses(std::vector<Source>& sources, std::FILE* out) {
  for (auto& source : sources) IG_TRY(source.writer.losses(out));
  return {};
}

// A reader of a file wants one of the two in it.
Result<> write_folder(std::vector<Source>& sources, const std::string& folder) {
  IG_ASSIGN(const auto logs, open_output(folder, "logs.jsonl"));
  IG_TRY(write_events(sources, logs.get()));
  IG_TRY(write_losses(sources, logs.get()));
  put(stdout, printable(folder) + "/logs.jsonl\n");
  if (std::ranges::none_of(sources, has_metrics)) return {};
  IG_ASSIGN(const auto metrics, open_output(folder, "metrics.jsonl"));
  IG_TRY(write_metrics(sources, metrics.get()));
  put(stdout, printable(folder) + "/metrics.jsonl\n");
  return {};
}

}  // namespace

Result<> export_otlp(Recordings recordings, const Arguments& arguments) {
  const auto table = arguments.operand(1);
  IG_ASSIGN(auto sources, open_sources(recordings, table));
  if (arguments.has("output-dir")) return write_folder(sources, arguments.text("output-dir"));
  if (table == kLosses) return write_losses(sources, stdout);
  return std::ranges::any_of(sources, has_metrics) ? write_metrics(sources, stdout)
                                                   : write_events(sources, stdout);
}

}  // namespace ig
