// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/gadget_sources.h"

#include <fmt/format.h>

#include "base/clock.h"
#include "base/text.h"
#include "recorder/source/task_filter.h"

namespace ig {
namespace {

constexpr int kNewsTurn = 64;  // records that an extension hears between two pieces of work

std::string word(const Annotations& annotations, const std::string& key) {
  const auto it = annotations.find(key);
  return it == annotations.end() ? "" : it->second;
}

}  // namespace

Result<std::unique_ptr<GadgetSources>> GadgetSources::open(LoadedGadget& gadget,
                                                           EventDelivery& delivery,
                                                           WorkloadTracker& tracker,
                                                           std::chrono::nanoseconds interval) {
  std::unique_ptr<GadgetSources> sources(new GadgetSources(gadget, delivery));
  for (const auto& source : gadget.data_sources()) {
    auto& stream = sources->streams_.emplace_back(delivery.make_stream(source, gadget));
    if (gadget.in_kernel()) IG_TRY(sources->add(stream, tracker, interval));
  }
  if (auto* user = gadget.user_source()) sources->connect(*user, tracker, interval);
  return sources;
}

Result<> GadgetSources::add(EventDelivery::Stream& stream, WorkloadTracker& tracker,
                            std::chrono::nanoseconds interval) {
  const auto& source = stream.source;
  IG_TRY(add_extension_rings(stream));
  const auto on_record = [this, &stream, &tracker](std::span<const std::byte> bytes) {
    delivery_.record(stream, tracker, bytes);
  };
  if (source.schema.kind == EventSchema::Kind::kIterator) {
    iterators_.push_back(
        {IteratorSource(gadget_, source, on_record), schedule_of(source, interval)});
    return {};
  }
  const auto* map = gadget_.find_map(source.map);
  if (map == nullptr) {
    return fail(ErrorCode::kInvalid,
                fmt::format("gadget {}: there is no map {}", gadget_.gadget().name, source.map));
  }
  if (source.schema.kind == EventSchema::Kind::kMap) {
    IG_ASSIGN(auto map_source, MapSource::open(map, on_record));
    maps_.push_back({std::move(map_source), schedule_of(source, interval)});
    return {};
  }
  if (bpf_map__type(map) == BPF_MAP_TYPE_HASH) {
    IG_ASSIGN(auto flight, FlightRings::open(gadget_, map, on_record));
    flights_.push_back(
        {std::move(flight), {.interval = interval, .next = Clock::now() + interval}});
    return {};
  }
  if (!RingSource::is_ring(map)) {
    return fail(ErrorCode::kUnsupported, fmt::format("gadget {}: map {} is no ring buffer",
                                                     gadget_.gadget().name, source.map));
  }
  IG_ASSIGN(auto ring, RingSource::open(map, on_record));
  rings_.push_back(std::move(ring));
  return {};
}

// Data sources of one gadget may have extensions that share a ring: the first one hears it.
Result<> GadgetSources::add_extension_rings(const EventDelivery::Stream& stream) {
  for (const auto& extension : stream.extensions) {
    const auto name = extension->ring();
    const auto* map = name.empty() ? nullptr : gadget_.find_map(name);
    if (map == nullptr || !heard_.insert(name).second) continue;
    IG_ASSIGN(auto ring,
              RingSource::open(map, [&extension = *extension](std::span<const std::byte> bytes) {
                extension.hear(bytes);
              }));
    extension->set_news([&ring = *ring] { ring.consume(kNewsTurn); });
    rings_.push_back(std::move(ring));
  }
  return {};
}

void GadgetSources::connect(UserSource& user, WorkloadTracker& tracker,
                            std::chrono::nanoseconds interval) {
  UserOutput output;
  const TaskFilter filter(gadget_.parameters());
  const bool of_machine = gadget_.source_kind()->of_machine;
  for (auto& stream : streams_) {
    const auto& source = stream.source;
    const auto on_row = [this, &stream, &tracker, filter, of_machine](const EventSchema& schema,
                                                                      std::span<const Value> row) {
      if (filter.passes(schema, row)) delivery_.row(stream, tracker, row, of_machine);
    };
    auto& rows = user_rows_.emplace_back(std::make_unique<RowBuilder>(source.schema, on_row));
    output.rows.emplace(source.schema.data_source, rows.get());
    if (!user_schedule_) user_schedule_ = schedule_of(source, interval);
  }
  output.lose = [this](Loss::Kind kind, std::uint64_t count, const std::string& detail) {
    lose(kind, count, detail);
  };
  user.connect(std::move(output));
}

void GadgetSources::lose(Loss::Kind kind, std::uint64_t count, const std::string& detail) {
  const auto now = wall_time_ns();
  delivery_.loss({.gadget = gadget_.gadget().name,
                  .kind = kind,
                  .count = count,
                  .from_ns = now,
                  .to_ns = now,
                  .detail = detail});
}

// Upstream's words: `fetch-interval` of a data source ("0" = only at the end), or for all maps the
// parameter default `operator.oci.ebpf.map-fetch-interval`; `ebpf.iter.fetch-on-stop`.
GadgetSources::Schedule GadgetSources::schedule_of(const DataSource& source,
                                                   std::chrono::nanoseconds interval) const {
  const bool is_map = source.schema.kind == EventSchema::Kind::kMap;
  auto said = word(source.annotations, "fetch-interval");
  if (said.empty() && is_map) {
    said =
        word(gadget_.gadget().manifest.parameter_defaults, "operator.oci.ebpf.map-fetch-interval");
  }
  Schedule schedule;
  schedule.at_start = !is_map;
  schedule.at_end = is_map || word(source.annotations, "ebpf.iter.fetch-on-stop") == "true";
  schedule.interval = is_map ? interval : std::chrono::nanoseconds(0);
  if (const auto asked = parse_duration(said); asked) schedule.interval = *asked;
  schedule.next = Clock::now() + schedule.interval;
  return schedule;
}

bool GadgetSources::Schedule::is_due(Moment moment, Clock::time_point now) {
  if (moment == Moment::kStart) return at_start;
  if (moment == Moment::kEnd || moment == Moment::kAsked) return at_end;
  if (interval.count() == 0 || now < next) return false;
  next = now + interval;
  return true;
}

void GadgetSources::announce() {
  for (const auto& stream : streams_) delivery_.data_source(stream.source.schema);
}

Result<> GadgetSources::read(Moment moment, Clock::time_point now) {
  for (auto& [source, schedule] : iterators_) {
    if (!schedule.is_due(moment, now)) continue;
    IG_TRY(source.read());
  }
  if (user_schedule_ && user_schedule_->is_due(moment, now)) {
    IG_TRY(gadget_.user_source()->read());
  }
  bool prepared = false;
  for (auto& [source, schedule] : maps_) {
    if (!schedule.is_due(moment, now)) continue;
    if (!prepared) {
      IG_TRY(gadget_.run_programs(ProgramManifest::Run::kBeforeRead));
    }
    prepared = true;
    IG_TRY(source.read(moment == Moment::kEnd ? MapSource::Reading::kAll
                                              : MapSource::Reading::kChanges));
  }
  read_flights(moment, now);
  return {};
}

// After the maps, so that what these say of a workload's ring is read before the ring is given
// back.
void GadgetSources::read_flights(Moment moment, Clock::time_point now) {
  if (moment == Moment::kStart) return;
  for (auto& [flight, schedule] : flights_) {
    if (moment != Moment::kInterval) {
      flight.dump(moment == Moment::kEnd);
    } else if (schedule.is_due(moment, now)) {
      flight.dump_ended();
    }
  }
}

void GadgetSources::report_lost(std::int64_t from_ns, std::int64_t to_ns) {
  for (const auto& ring : rings_) {
    const auto count = ring->take_lost();
    if (count == 0) continue;
    delivery_.loss({.gadget = gadget_.gadget().name,
                    .kind = Loss::Kind::kRingFull,
                    .count = count,
                    .from_ns = from_ns,
                    .to_ns = to_ns,
                    .detail = "perf buffer"});
  }
  for (auto& stream : streams_) {
    if (stream.malformed == 0) continue;
    delivery_.loss({.gadget = gadget_.gadget().name,
                    .kind = Loss::Kind::kMalformed,
                    .count = stream.malformed,
                    .from_ns = from_ns,
                    .to_ns = to_ns,
                    .detail = stream.source.schema.data_source});
    stream.malformed = 0;
  }
}

}  // namespace ig
