// SPDX-License-Identifier: Apache-2.0
// TCP: how far away peers are, how long connects take, and what had to be sent again or was thrown
// away.
#include <fmt/format.h>

#include "advisors/advice_text.h"
#include "advisors/report/kinds.h"
#include "advisors/report/timed.h"

namespace ig::report {
namespace {

void say(Section& section, const std::string& text) {
  section.headline += section.headline.empty() ? text : "; " + text;
}

struct RoundTrips {
  Latency latency;
  void merge(const RoundTrips& other) { latency.merge(other.latency); }
  std::uint64_t weight() const { return latency.count(); }
};

Table round_trip_table(std::string title, const std::string& key, const Named<RoundTrips>& rows,
                       std::uint64_t left_out) {
  Table table{std::move(title), {{key}, {"segments", Unit::kCount}}, {}, left_out};
  add_latency_columns(table.columns, true, false);
  for (const auto& [name, trips] : rows) {
    table.rows.push_back({name, cell(trips.weight())});
    add_latency_cells(table.rows.back(), trips.latency);
  }
  return table;
}

Result<> add_round_trips(Source& source, Section& section, const EventSchema& schema) {
  std::map<std::string, RoundTrips> by_peer;
  Sums<RoundTrips> by_group;
  RoundTrips all;
  const std::int64_t unit_ns =
      source.parameter("profile_tcprtt", "ms") == "true" ? 1'000'000 : 1000;
  const auto sql = fmt::format(
      "SELECT {}, r.remote_addr, r.remote_port, r.local_port, r.latency "
      "FROM profile_tcprtt_rows r WHERE {}",
      source.group_column(schema), source.where(schema));
  IG_TRY(source.each(sql, [&](const Row& row) {
    RoundTrips one;
    one.latency.add_slots(row.text(4), unit_ns);
    const auto peer = row.integer(3) == 0
                          ? address_text(row.text(1), row.integer(2))
                          : fmt::format("{} at our port {}", row.text(1), row.integer(3));
    by_peer[peer].merge(one);
    by_group.of(source.group_id(row.integer(0))).merge(one);
    all.merge(one);
  }));
  if (all.weight() == 0) return {};
  say(section, "round trips " + percentiles_text(all.latency.percentiles()));
  std::uint64_t left_out = 0;
  if (source.can_group(schema)) {
    IG_ASSIGN(const auto rows, groups(source, by_group, left_out));
    section.blocks.emplace_back(round_trip_table("Round trips by " + source.group_key(),
                                                 source.group_key(), rows,
                                                 std::exchange(left_out, 0)));
  }
  const auto peers = heaviest_names(by_peer, source.question().most_rows, left_out);
  section.blocks.emplace_back(round_trip_table("Round trips by peer", "peer", peers, left_out));
  section.blocks.emplace_back(histogram("Round trips", all.latency));
  return {};
}

Result<> add_connects(Source& source, Section& section, const EventSchema& schema) {
  std::map<std::int64_t, std::map<std::string, Timed, std::less<>>> by_port;  // and address
  std::size_t peers_seen = 0;
  Sums<Timed> by_group;
  Timed all;
  HeatMapMaker heat(source, "Connects over time");
  const auto sql = fmt::format(
      "SELECT {}, r.timestamp_raw, r.dst_addr, r.dst_port, r.latency_raw "
      "FROM trace_tcpconnlat_rows r WHERE {}",
      source.group_column(schema), source.where(schema));
  IG_TRY(source.each(sql, [&](const Row& row) {
    const auto ns = row.integer(4);
    if (auto& peers = by_port[row.integer(3)];
        peers_seen < kMostKeys || peers.contains(row.text(2))) {
      auto& peer = entry(peers, row.text(2));
      peers_seen += peer.weight() == 0 ? 1 : 0;
      peer.add(ns);
    }
    by_group.of(source.group_id(row.integer(0))).add(ns);
    all.add(ns);
    heat.add(row.integer(1), ns);
  }));
  if (all.weight() == 0) return {};
  say(section, fmt::format("{} {}", count_text(all.weight(), "connect"),
                           percentiles_text(all.latency.percentiles())));
  std::uint64_t left_out = 0;
  if (source.can_group(schema)) {
    IG_ASSIGN(const auto rows, groups(source, by_group, left_out));
    section.blocks.emplace_back(timed_table("Connects by " + source.group_key(), source.group_key(),
                                            "connects", rows, std::exchange(left_out, 0)));
  }
  std::map<std::string, Timed> by_peer;
  for (const auto& [port, addresses] : by_port) {
    for (const auto& [address, timed] : addresses) {
      by_peer[address_text(address, port)].merge(timed);
    }
  }
  const auto peers = heaviest_names(by_peer, source.question().most_rows, left_out);
  section.blocks.emplace_back(timed_table("Connects by peer", "peer", "connects", peers, left_out));
  section.blocks.emplace_back(histogram("Connects", all.latency));
  section.blocks.emplace_back(std::move(heat).finish());
  return {};
}

struct Counted {
  std::string_view view, title, what;     // "2 retransmits"
  std::vector<std::string_view> columns;  // whose names make the key
};

// Events by their reasons and peer.
Result<> add_counted(Source& source, Section& section, const Counted& wanted,
                     std::string_view condition = "1 = 1") {
  IG_ASSIGN(const auto* schema, source.view(wanted.view, {"dst_addr", "dst_port", "src_port"}));
  if (schema == nullptr) return {};
  std::string columns;
  for (const auto column : wanted.columns) {
    IG_TRY(source.view(wanted.view, {column}));
    columns += fmt::format(", r.{}", column);
  }
  std::map<std::pair<std::string, std::vector<std::int64_t>>, std::uint64_t>
      seen;  // by peer, reasons
  std::uint64_t all = 0;
  const auto sql = fmt::format(
      "SELECT r.src_addr, r.src_port, r.dst_addr, r.dst_port{} FROM {}_rows r WHERE {} AND {}",
      columns, wanted.view, condition, source.where(*schema));
  IG_TRY(source.each(sql, [&](const Row& row) {
    // The lower port is the service's; the other one differs each time.
    const bool served = row.integer(1) != 0 && row.integer(1) < row.integer(3);
    std::pair<std::string, std::vector<std::int64_t>> key;
    key.first = served ? fmt::format("{} at our port {}", row.text(2), row.integer(1))
                       : address_text(row.text(2), row.integer(3));
    for (std::size_t i = 0; i < wanted.columns.size(); ++i)
      key.second.push_back(row.integer(4 + i));
    ++all;
    if (seen.size() < kMostKeys || seen.contains(key)) ++seen[std::move(key)];
  }));
  if (all == 0) return {};
  std::map<std::vector<std::string>, std::uint64_t> counts;
  for (const auto& [key, count] : seen) {
    std::vector<std::string> names = {key.first};
    for (std::size_t i = 0; i < wanted.columns.size(); ++i) {
      names.push_back(number_name(*schema, wanted.columns[i], key.second[i]));
    }
    counts[std::move(names)] += count;
  }
  say(section, count_text(all, wanted.what));
  Table table{std::string(wanted.title), {{"peer"}}, {}};
  for (const auto column : wanted.columns) {
    auto key = std::string(column);
    if (key.ends_with("_raw")) key.resize(key.size() - 4);
    table.columns.push_back({key});
  }
  table.columns.push_back({"times", Unit::kCount});
  std::vector<std::pair<std::uint64_t, std::vector<std::string>>> order;
  for (const auto& [key, count] : counts) order.emplace_back(count, key);
  std::ranges::stable_sort(order, [](const auto& a, const auto& b) { return a.first > b.first; });
  for (const auto& [count, key] : order) {
    if (table.rows.size() == source.question().most_rows) break;
    std::vector<Cell> row(key.begin(), key.end());
    row.push_back(cell(count));
    table.rows.push_back(std::move(row));
  }
  table.left_out = order.size() - table.rows.size();
  section.blocks.emplace_back(std::move(table));
  return {};
}

}  // namespace

Result<> fill_tcp(Source& source, Section& section) {
  IG_ASSIGN(const auto* trips,
            source.view("profile_tcprtt", {"remote_addr", "remote_port", "local_port", "latency"}));
  if (trips != nullptr) IG_TRY(add_round_trips(source, section, *trips));
  IG_ASSIGN(const auto* connects,
            source.view("trace_tcpconnlat",
                        {"timestamp_raw", "process_id", "dst_addr", "dst_port", "latency_raw"}));
  if (connects != nullptr) IG_TRY(add_connects(source, section, *connects));
  IG_TRY(add_counted(source, section,
                     {"trace_tcpconnect", "Connects that failed", "failed connect", {"error_raw"}},
                     "r.error_raw <> 0"));
  IG_TRY(add_counted(
      source, section,
      {"trace_tcpretrans", "Sent again", "retransmit", {"type_raw", "state_raw", "reason_raw"}}));
  IG_TRY(add_counted(source, section,
                     {"trace_tcpdrop",
                      "Packets thrown away",
                      "drop",
                      {"reason_raw", "state_raw", "tcpflags_raw"}}));
  return {};
}

}  // namespace ig::report
