// SPDX-License-Identifier: Apache-2.0
// Look-ups of names: how long the answers took, what failed, and what was asked for most. What a
// recorded server was asked is apart from what was asked by its side.
#include <fmt/format.h>

#include "advisors/advice_text.h"
#include "advisors/report/kinds.h"
#include "advisors/report/timed.h"
#include "base/text.h"

namespace ig::report {
namespace {

constexpr std::int64_t kOutgoing = 4;  // of pkt_type, as the kernel's PACKET_OUTGOING

struct Asked {
  std::uint64_t queries = 0;
  Timed answers;  // failed: another result than NOERROR

  void merge(const Asked& other) {
    queries += other.queries;
    answers.merge(other.answers);
  }
  std::uint64_t weight() const { return std::max(queries, answers.tally.count); }
  std::uint64_t unanswered() const {
    return queries > answers.tally.count ? queries - answers.tally.count : 0;
  }
};

struct LookUps {
  std::map<std::string, Asked, std::less<>> by_server;
  Sums<Asked> by_type, by_name, by_group;
  std::map<std::int64_t, Tally> results;
  Asked all, served;
};

Table asked_table(std::string title, const std::string& key, const Named<Asked>& rows,
                  std::uint64_t left_out) {
  Table table{std::move(title),
              {{key},
               {"queries", Unit::kCount},
               {"answers", Unit::kCount},
               {"failed", Unit::kCount},
               {"unanswered", Unit::kCount}},
              {},
              left_out};
  add_latency_columns(table.columns);
  for (const auto& [name, asked] : rows) {
    std::vector<Cell> row = {name, cell(asked.queries), cell(asked.answers.tally.count),
                             cell(asked.answers.tally.failed), cell(asked.unanswered())};
    add_latency_cells(row, asked.answers.latency);
    table.rows.push_back(std::move(row));
  }
  return table;
}

Result<LookUps> read_look_ups(Source& source, const EventSchema& schema, HeatMapMaker& heat) {
  LookUps seen;
  const auto sql = fmt::format(
      "SELECT {}, r.timestamp_raw, r.pkt_type_raw, r.qr_raw, r.rcode_raw, r.latency_ns_raw, "
      "r.name, "
      "r.nameserver_addr, r.qtype_raw FROM trace_dns_rows r WHERE {}",
      source.group_column(schema), source.where(schema));
  const bool grouped = source.can_group(schema);
  IG_TRY(source.each(sql, [&](const Row& row) {
    const bool query = row.integer(3) == 0, outgoing = row.integer(2) == kOutgoing;
    const auto count = [&](Asked& asked) {
      if (query) {
        ++asked.queries;
      } else {
        asked.answers.add(row.integer(5), row.integer(4) != 0);
      }
    };
    if (query != outgoing) return count(seen.served);  // a question that came, an answer given
    count(seen.all);
    count(entry(seen.by_server, row.text(7)));
    count(seen.by_type.of(row.integer(8)));
    count(seen.by_name.of(row.integer(6)));
    if (grouped) count(seen.by_group.of(source.group_id(row.integer(0))));
    if (query) return;
    seen.results[row.integer(4)].add(false);
    heat.add(row.integer(1), row.integer(5));
  }));
  return seen;
}

Result<> add_tables(Source& source, Section& section, const EventSchema& schema,
                    const LookUps& seen) {
  std::uint64_t left_out = 0;
  const auto most = source.question().most_rows;
  if (source.can_group(schema)) {
    IG_ASSIGN(const auto rows, groups(source, seen.by_group, left_out));
    section.blocks.emplace_back(asked_table("By " + source.group_key(), source.group_key(), rows,
                                            std::exchange(left_out, 0)));
  }
  const auto servers =
      heaviest_names<Asked>({seen.by_server.begin(), seen.by_server.end()}, most, left_out);
  section.blocks.emplace_back(
      asked_table("By server", "server", servers, std::exchange(left_out, 0)));
  std::map<std::string, Tally> results;
  for (const auto& [code, tally] : seen.results) {
    results[number_name(schema, "rcode_raw", code)].merge(tally);
  }
  const auto named = heaviest_names(results, most, left_out);
  section.blocks.emplace_back(
      tally_table("Results", "result", "answers", named, std::exchange(left_out, 0), false));
  std::map<std::string, Asked> by_type;
  for (const auto& [type, asked] : seen.by_type.heaviest(kMostKeys)) {
    by_type[number_name(schema, "qtype_raw", type)].merge(asked);
  }
  const auto types = heaviest_names(by_type, most, left_out);
  section.blocks.emplace_back(asked_table("By type", "type", types, std::exchange(left_out, 0)));
  IG_ASSIGN(const auto names, heaviest_texts(source, seen.by_name, left_out));
  section.blocks.emplace_back(asked_table("Names", "name", names, left_out));
  return {};
}

}  // namespace

Result<> fill_dns(Source& source, Section& section) {
  IG_ASSIGN(const auto* schema,
            source.view("trace_dns",
                        {"timestamp_raw", "pkt_type_raw", "qr_raw", "rcode_raw", "latency_ns_raw",
                         "name", "nameserver_addr", "qtype_raw", "process_id"}));
  if (schema == nullptr) return {};
  HeatMapMaker heat(source, "Latency over time");
  IG_ASSIGN(const auto seen, read_look_ups(source, *schema, heat));
  if (seen.all.weight() > 0) {
    IG_TRY(add_tables(source, section, *schema, seen));
    section.headline = fmt::format(
        "{} {}, {} failed, {} unanswered", format_count(seen.all.queries),
        seen.all.queries == 1 ? "query" : "queries", format_count(seen.all.answers.tally.failed),
        format_count(seen.all.unanswered()));
    if (seen.all.answers.tally.count > 0) {
      const auto& latency = seen.all.answers.latency;
      section.headline += "; " + percentiles_text(latency.percentiles());
      section.blocks.emplace_back(histogram("Latency of answers", latency));
      section.blocks.emplace_back(std::move(heat).finish());
    }
  }
  if (seen.served.weight() > 0) {
    section.blocks.emplace_back(
        asked_table("Served by what was recorded", "", {{"all", seen.served}}, 0));
    if (section.headline.empty()) {
      section.headline = count_text(seen.served.answers.tally.count, "answer") + " given";
    }
  }
  return {};
}

}  // namespace ig::report
