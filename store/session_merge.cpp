// SPDX-License-Identifier: Apache-2.0
#include "store/session_merge.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <set>
#include <tuple>

#include "store/migrations.h"
#include "store/new_file.h"
#include "store/row_writer.h"
#include "store/session_file.h"
#include "store/session_queries.h"
#include "store/session_recording.h"
#include "store/session_rows.h"
#include "store/stored_tables.h"
#include "store/table_copy.h"
#include "store/transaction.h"

namespace ig {
namespace {

namespace fs = std::filesystem;

using References = decltype(TableCopy::references);

// Every table of schemas/*.sql but data_source, which is written with the tables that it describes.
const std::vector<TableCopy>& core_tables() {
  static const std::vector<TableCopy> kTables = {
      {"session", {{"id", "session"}}},
      {"gadget_run", {{"id", "gadget_run"}, {"session_id", "session"}}},
      {"gadget_program", {{"gadget_run_id", "gadget_run"}}},
      {"workload", {{"id", "workload"}, {"session_id", "session"}}},
      {"process", {{"id", "process"}, {"workload_id", "workload"}}},
      {"path", {{"id", "path"}}},
      {"loss", {{"id", "loss"}, {"workload_id", "workload"}, {"session_id", "session"}}},
      {"enrichment", {{"id", "enrichment"}, {"session_id", "session"}}},
      {"denied_syscall",
       {{"session_id", "session"}, {"enrichment_id", "enrichment"}, {"workload_id", "workload"}}},
      {"inventory_source", {{"id", "inventory_source"}, {"session_id", "session"}}},
      {"inventory", {{"session_id", "session"}, {"source_id", "inventory_source"}}},
      {"enum_name", {}, true},
      {"syscall_name", {}, true},
  };
  return kTables;
}

struct Source {
  std::string path;
  Database database;
  std::vector<SessionInfo> recordings;
  std::vector<StoredTable> tables;
};

Result<std::vector<SessionInfo>> recordings_of(Database& database) {
  IG_ASSIGN(auto select, database.prepare(queries::kSession));
  std::vector<SessionInfo> recordings;
  while (true) {
    IG_ASSIGN(const bool row, select.step());
    if (!row) return recordings;
    recordings.push_back(session_of(select));
  }
}

Result<std::vector<Source>> open_sources(const std::vector<std::string>& paths) {
  std::vector<Source> sources;
  for (const auto& path : paths) {
    IG_ASSIGN(auto database, open_session_file(path));
    IG_ASSIGN(auto recordings, recordings_of(database));
    IG_ASSIGN(auto tables, stored_tables(database));
    sources.push_back({path, std::move(database), std::move(recordings), std::move(tables)});
  }
  return sources;
}

Result<> check_each_once(const std::vector<Source>& sources) {
  std::map<std::tuple<std::string, std::string, std::string, std::int64_t>, std::string> seen;
  for (const auto& source : sources) {
    for (const auto& one : source.recordings) {
      const auto [other, is_new] = seen.try_emplace(
          {one.machine_id, one.boot_id, one.host_name, one.started_ns}, source.path);
      if (is_new) continue;
      return fail(ErrorCode::kUsage,
                  fmt::format("{} and {} hold the same recording", other->second, source.path),
                  "name each recording once");
    }
  }
  return {};
}

// Names of a file's calls without an architecture are looked up for the machine's, of which a file
// has one.
Result<> check_architectures(const std::vector<Source>& sources) {
  const auto& first = sources.front().recordings.front().architecture;
  for (const auto& source : sources) {
    const bool same = std::ranges::all_of(
        source.recordings, [&](const auto& one) { return one.architecture == first; });
    for (const auto& [schema, layout] : source.tables) {
      const bool needs_one =
          schema.find("arch_raw") < 0 &&
          std::ranges::count(schema.columns, Meaning::kSyscall, &Column::meaning) > 0;
      if (same || !needs_one) continue;
      return fail(ErrorCode::kUsage,
                  fmt::format("{} has system calls of another architecture than {}, and {} does "
                              "not say which",
                              source.path, sources.front().path, schema.view),
                  "keep them apart: ig advise and ig report take several files");
    }
  }
  return {};
}

bool same_column(const Column& a, const Column& b) {
  return a.type == b.type && a.meaning == b.meaning && a.type_name == b.type_name &&
         a.unit == b.unit && a.key == b.key && a.process_part == b.process_part &&
         a.process == b.process;
}

// Whether rows of `narrow` can be rows of `wide`: a later version of a gadget may have more columns
// and more names for numbers.
bool fits(const EventSchema& narrow, const EventSchema& wide) {
  const auto has_column = [&](const Column& column) {
    const int found = wide.find(column.name);
    return found >= 0 && same_column(column, wide.columns[static_cast<std::size_t>(found)]);
  };
  const auto has_names = [&](const auto& names) {
    const auto found = wide.enums.find(names.first);
    return found != wide.enums.end() && std::ranges::includes(found->second, names.second);
  };
  const auto keys = [](const EventSchema& schema) {
    return std::ranges::count(schema.columns, true, &Column::key);
  };
  return narrow.gadget == wide.gadget && narrow.data_source == wide.data_source &&
         narrow.kind == wide.kind && keys(narrow) == keys(wide) &&
         std::ranges::all_of(narrow.columns, has_column) &&
         std::ranges::all_of(narrow.enums, has_names);
}

// Of each view that a source has, the schema that all of its rows fit.
Result<std::map<std::string, EventSchema>> widest_schemas(const std::vector<Source>& sources) {
  std::map<std::string, EventSchema> schemas;
  for (const auto& source : sources) {
    for (const auto& [schema, layout] : source.tables) {
      const auto [widest, is_new] = schemas.try_emplace(schema.view, schema);
      if (is_new || fits(schema, widest->second)) continue;
      if (!fits(widest->second, schema)) {
        return fail(ErrorCode::kUsage,
                    fmt::format("{} of {} was recorded by another gadget of that name", schema.view,
                                source.path),
                    "keep them apart: ig advise and ig report take several files");
      }
      widest->second = schema;
    }
  }
  return schemas;
}

References references_of(const RowLayout& layout) {
  References references;
  for (const auto& column : layout.columns) {
    using enum RowColumn::Source;
    if (column.source == kWorkload) references[column.name] = "workload";
    if (column.source == kProcess) references[column.name] = "process";
    if (column.source == kPath) references[column.name] = "path";
  }
  return references;
}

// What the numbers of a source's rows are moved by: those before it end there.
Result<NumberBases> bases_of(Database& merged) {
  NumberBases bases;
  for (const auto& copy : core_tables()) {
    if (!copy.references.contains("id")) continue;
    IG_ASSIGN(auto last, merged.prepare("SELECT coalesce(max(id), 0) FROM " + copy.table));
    IG_TRY(last.step());
    bases[copy.table] = last.integer(0);
  }
  return bases;
}

// A file that is merged already has names for its recordings.
std::string name_of(const SessionInfo& recording, const std::string& path,
                    std::set<std::string>& taken) {
  const auto base =
      recording.merged_from.empty() ? fs::path(path).stem().string() : recording.merged_from;
  auto name = base;
  for (int n = 2; !taken.insert(name).second; ++n) name = fmt::format("{}-{}", base, n);
  return name;
}

class Merge {
 public:
  Merge(Database& merged, const std::function<bool()>& should_stop)
      : merged_(merged), should_stop_(should_stop) {}

  Result<> add(Source& source) {
    IG_ASSIGN(const auto bases, bases_of(merged_));
    for (const auto& copy : core_tables()) {
      IG_TRY(copy.run(source.database, merged_, bases, should_stop_));
    }
    for (const auto& [schema, layout] : source.tables) {
      const TableCopy copy{layout.table, references_of(layout)};
      IG_ASSIGN(const auto rows, copy.run(source.database, merged_, bases, should_stop_));
      done_.rows += rows;
    }
    return name_recordings(source, bases.at("session"));
  }

  MergedSession finish() && { return std::move(done_); }

 private:
  Result<> name_recordings(Source& source, std::int64_t base) {
    IG_ASSIGN(const auto ids, recording_ids(source.database));
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const auto name = name_of(source.recordings[i], source.path, taken_);
      IG_ASSIGN(auto update, merged_.prepare("UPDATE session SET merged_from = ? WHERE id = ?"));
      update.bind(1, name);
      update.bind(2, ids[i] + base);
      IG_TRY(update.run());
      done_.recordings.push_back(name);
    }
    return {};
  }

  Database& merged_;
  const std::function<bool()>& should_stop_;
  std::set<std::string> taken_;
  MergedSession done_;
};

Result<MergedSession> fill(const std::string& path, std::vector<Source>& sources,
                           const std::function<bool()>& should_stop) {
  IG_ASSIGN(const auto schemas, widest_schemas(sources));
  IG_ASSIGN(auto merged, Database::open_own(path));
  // Nobody's yet: what is not whole is thrown away.
  IG_TRY(merged.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF"));
  IG_ASSIGN(auto transaction, Transaction::begin(merged));
  for (const auto& [view, schema] : schemas) IG_TRY(RowWriter::create(merged, schema));
  Merge merge(merged, should_stop);
  for (auto& source : sources) {
    if (auto added = merge.add(source); !added) {
      added.error().message = fmt::format("{}: {}", source.path, added.error().message);
      return std::unexpected(added.error());
    }
  }
  IG_TRY(transaction.commit());
  IG_TRY(merged.execute("PRAGMA journal_mode = DELETE"));
  return std::move(merge).finish();
}

// An empty session without a recording.
Result<std::string> empty_image() {
  IG_ASSIGN(auto database, Database::in_memory());
  IG_TRY(migrate(database, kSchemaFiles, latest_version(kSchemaFiles)));
  return database.serialize();
}

Result<> publish(const std::string& part, const std::string& out) {
  const UniqueFd fd(::open(part.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) return std::unexpected(system_error(errno, "write " + out));
  // Unlike a rename it never takes the place of a file.
  if (::link(part.c_str(), out.c_str()) == 0) return {};
  return std::unexpected(system_error(errno, "create " + out));
}

}  // namespace

Result<MergedSession> merge_sessions(const std::vector<std::string>& paths, const std::string& out,
                                     const std::function<bool()>& should_stop) {
  std::error_code ignored;
  if (fs::exists(fs::symlink_status(out, ignored))) {
    return fail(ErrorCode::kUsage, out + " is there already",
                "name another file, or remove that one first");
  }
  IG_ASSIGN(auto sources, open_sources(paths));
  IG_TRY(check_each_once(sources));
  IG_TRY(check_architectures(sources));
  IG_ASSIGN(const auto image, empty_image());
  const auto part = fs::path(out).replace_filename("." + fs::path(out).filename().string() +
                                                   fmt::format(".{}.ig-merge", ::getpid()));
  IG_ASSIGN(const auto name, make_new_file(part, image));
  auto merged = fill(name, sources, should_stop);
  if (merged) {
    if (const auto published = publish(name, out); !published) {
      merged = std::unexpected(published.error());
    }
  }
  ::unlink(name.c_str());
  return merged;
}

}  // namespace ig
