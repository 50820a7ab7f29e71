// SPDX-License-Identifier: Apache-2.0
#include "store/session_queries.h"

#include <fmt/args.h>
#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

#include "store/data_source_ddl.h"
#include "store/row_layout.h"

namespace ig::queries {
namespace {

// Fills {table} and, for each of `columns` (display names of the schema), {its_sql_name} in a
// query. Those that are also `later` came to the gadget after its first sessions, where they are
// NULL.
Result<std::string> query_of(const EventSchema& schema, std::string_view text,
                             std::initializer_list<std::string_view> columns,
                             std::initializer_list<std::string_view> later = {}) {
  IG_ASSIGN(const RowLayout layout, row_layout(schema));
  const std::string table = quote_identifier(layout.table);
  std::vector<std::string> names, quoted;
  for (const std::string_view wanted : columns) {
    const auto found = std::ranges::find_if(layout.columns, [&](const RowColumn& row) {
      return (row.source == RowColumn::Source::kValue || row.source == RowColumn::Source::kPath) &&
             schema.columns[static_cast<std::size_t>(row.column)].display_name() == wanted;
    });
    if (found == layout.columns.end() && std::ranges::find(later, wanted) != later.end()) {
      names.push_back(sql_name(wanted));
      quoted.push_back("NULL");
      continue;
    }
    if (found == layout.columns.end()) {
      return fail(ErrorCode::kInvalid,
                  fmt::format("{} of this session has no column '{}'", schema.view, wanted),
                  "it was recorded by another gadget of the same name");
    }
    names.push_back(sql_name(wanted));
    quoted.push_back(quote_identifier(found->name));
  }
  fmt::dynamic_format_arg_store<fmt::format_context> arguments;
  arguments.push_back(fmt::arg("table", table));
  for (std::size_t i = 0; i < names.size(); ++i) {
    arguments.push_back(fmt::arg(names[i].c_str(), quoted[i]));
  }
  return fmt::vformat(text, arguments);
}

}  // namespace

std::string count_rows(std::string_view view) {
  return fmt::format("SELECT count(*) FROM {}", quote_identifier(std::string(view) + "_rows"));
}

Result<std::string> syscalls(const EventSchema& schema) {
  return query_of(schema, R"(
    SELECT {arch}, {phase}, {syscall}, sum({count}), min({first}), max({last})
    FROM {table} WHERE workload_id = ?
    GROUP BY {arch}, {phase}, {syscall} ORDER BY {arch}, {phase}, {syscall})",
                  {"arch", "phase", "syscall", "count", "first", "last"});
}

Result<std::string> syscall_arguments(const EventSchema& schema) {
  return query_of(
      schema, R"(
    SELECT {arch}, {phase}, {syscall}, {argument}, {value}, {other}, sum({count}), min({first}),
      max({last})
    FROM {table} WHERE workload_id = ?
    GROUP BY {arch}, {phase}, {syscall}, {argument}, {value}, {other}
    ORDER BY {arch}, {phase}, {syscall}, {argument}, {value}, {other})",
      {"arch", "phase", "syscall", "argument", "value", "other", "count", "first", "last"});
}

Result<std::string> setup_marks(const EventSchema& schema) {
  return query_of(schema, R"(
    SELECT {mark}, min({first}), max({last})
    FROM {table} WHERE workload_id = ? GROUP BY {mark} ORDER BY {mark})",
                  {"mark", "first", "last"});
}

Result<std::string> capabilities(const EventSchema& schema) {
  return query_of(schema, R"(
    SELECT {cap}, {capable}, {audit}, {cap_effective}, {current_userns}, {target_userns},
      {mntns_userns}, {mntns_id}, {program_mntns}, {arch}, {syscall}, {uid}, {comm},
      coalesce(path.text, '') AS stack, sum({count}), min({first}), max({last})
    FROM {table} LEFT JOIN path ON path.id = {kstack} WHERE workload_id = ?
    GROUP BY {cap}, {capable}, {audit}, {cap_effective}, {current_userns}, {target_userns},
      {mntns_userns}, {mntns_id}, {program_mntns}, {arch}, {syscall}, {uid}, {comm}, stack
    ORDER BY {cap}, {capable}, {audit}, {cap_effective}, {current_userns}, {target_userns},
      {mntns_userns}, {mntns_id}, {program_mntns}, {arch}, {syscall}, {uid}, {comm}, stack)",
                  {"cap", "capable", "audit", "cap_effective", "current_userns", "target_userns",
                   "mntns_userns", "mntns_id", "program_mntns", "arch", "syscall", "uid", "comm",
                   "kstack", "count", "first", "last"});
}

Result<std::string> flows(const EventSchema& schema) {
  return query_of(
      schema, R"(
    SELECT {egress}, {endpoint_proto}, {endpoint_addr}, {endpoint_port}, {error}, {netns_id},
      sum({count}), sum({bytes_sent}), sum({bytes_received}), min({first}), max({last}),
      max({before_start}), {process} AS process
    FROM {table} WHERE workload_id = ?
    GROUP BY {egress}, {endpoint_proto}, {endpoint_addr}, {endpoint_port}, {error}, {netns_id},
      process
    ORDER BY {egress}, {endpoint_proto}, {endpoint_addr}, {endpoint_port}, {error}, {netns_id},
      process)",
      {"egress", "endpoint.proto", "endpoint.addr", "endpoint.port", "error", "netns_id", "count",
       "bytes_sent", "bytes_received", "first", "last", "before_start", "process"},
      {"process"});
}

// Of answers that workloads received; those that they gave say nothing of what they asked. Of all
// workloads, in no order: they are summed up where that is done with numbers alone.
Result<std::string> answers(const EventSchema& schema) {
  return query_of(schema, R"(
    SELECT workload_id, {name}, {addresses}, {timestamp} FROM {table} WHERE {pkt_type} = 0)",
                  {"timestamp", "name", "addresses", "pkt_type"});
}

Result<std::string> translations(const EventSchema& schema) {
  return query_of(schema, R"(
    SELECT {dialed_proto}, {source_addr}, {dialed_addr}, {dialed_port}, {backend_addr},
      {backend_port}, sum({count}), min({first}), max({last})
    FROM {table}
    GROUP BY {dialed_proto}, {source_addr}, {dialed_addr}, {dialed_port}, {backend_addr},
      {backend_port}
    ORDER BY {dialed_proto}, {source_addr}, {dialed_addr}, {dialed_port}, {backend_addr},
      {backend_port})",
                  {"dialed.proto", "source.addr", "dialed.addr", "dialed.port", "backend.addr",
                   "backend.port", "count", "first", "last"});
}

}  // namespace ig::queries
