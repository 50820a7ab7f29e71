// SPDX-License-Identifier: Apache-2.0
#include "recorder/workload/workload_watch.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cstring>
#include <limits>

#include "recorder/gadget/embedded_gadgets.h"

namespace ig {
namespace {

constexpr std::string_view kName = "workload_events";

// enum workload_event_kind
enum KernelKind { kAttach = 1, kFirstExec, kRemoved };

std::uint64_t own_mntns_id() {
  struct stat info {};
  return stat("/proc/self/ns/mnt", &info) == 0 ? info.st_ino : 0;
}

}  // namespace

Result<std::unique_ptr<WorkloadWatch>> WorkloadWatch::open(const Options& options,
                                                           ClockOffset clock,
                                                           WorkloadTracker& tracker) {
  std::unique_ptr<WorkloadWatch> watch(new WorkloadWatch(options, clock, tracker));
  watch->gadget_.name = kName;
  watch->gadget_.origin = kBuiltIn;
  watch->gadget_.object = embedded_object(kName);
  LoadOptions load;
  load.shared_maps = options.shared_maps;
  load.btf_path = options.btf_path;
  load.constants = {{"host_mntns_id", own_mntns_id()}};
  if (options.is_filtered) load.constants.insert({{kFilterByMntns, 1}, {kFilterByCgroup, 1}});
  if (options.admits_new) load.constants.insert({"gadget_admit_new", 1});
  IG_ASSIGN(watch->loaded_, LoadedGadget::load(watch->gadget_, load));
  const auto& source = watch->loaded_->data_sources().at(0);
  IG_TRY(watch->find_columns(source.schema));
  watch->decoder_ = std::make_unique<EventDecoder>(source, clock);
  auto* self = watch.get();
  IG_ASSIGN(watch->ring_,
            RingSource::open(watch->loaded_->find_map(source.map),
                             [self](std::span<const std::byte> bytes) { self->on_record(bytes); }));
  return watch;
}

Result<> WorkloadWatch::find_columns(const EventSchema& schema) {
  const std::pair<const char*, int*> wanted[] = {
      {"kind_raw", &columns_.kind},
      {"timestamp_raw", &columns_.time},
      {"hierarchy", &columns_.hierarchy},
      {"proc.mntns_id", &columns_.mntns_id},
      {"proc.mntns_gen", &columns_.mntns_gen},
      {"proc.cgroup_id", &columns_.task_cgroup_id},
      {"cgroup_id", &columns_.cgroup_id},
      {"netns_id", &columns_.netns_id},
      {"proc.pid", &columns_.pid},
      {"proc.comm", &columns_.comm},
      {"actor_pid", &columns_.actor_pid},
      {"actor_comm", &columns_.actor_comm},
      {"actor_cwd", &columns_.actor_directory},
      {"cgroup_path", &columns_.cgroup_path},
      {"cgroup_v1_path", &columns_.v1_path},
      {"no_new_privs", &columns_.no_new_privileges},
  };
  for (const auto& [name, index] : wanted) {
    *index = schema.find(name);
    if (*index >= 0) continue;
    return fail(ErrorCode::kInvalid, fmt::format("{} does not tell {}", kName, name));
  }
  return {};
}

Result<> WorkloadWatch::attach() {
  IG_TRY(loaded_->attach());
  // Whoever is there by now is not new.
  return loaded_->run_iterator("seed_known_mntns", [this](std::span<const std::byte> bytes) {
    struct {
      std::uint64_t mntns_id, netns_id;
    } machine;
    if (bytes.size() != sizeof machine) return;
    std::memcpy(&machine, bytes.data(), sizeof machine);
    tracker_.set_machine(machine.mntns_id, machine.netns_id);
  });
}

void WorkloadWatch::consume() { ring_->consume(std::numeric_limits<int>::max()); }

std::int64_t WorkloadWatch::number(int column) const {
  return decoder_->values()[static_cast<std::size_t>(column)].integer;
}

std::string WorkloadWatch::text(int column) const {
  return std::string(decoder_->values()[static_cast<std::size_t>(column)].text);
}

void WorkloadWatch::on_record(std::span<const std::byte> bytes) {
  if (!decoder_->decode(bytes)) {
    ++malformed_;
    return;
  }
  // The end of a version 1 cgroup says nothing: its id is none of the unified hierarchy's.
  if (number(columns_.kind) == kRemoved && number(columns_.hierarchy) != 0) return;
  const auto told = event();
  tracker_.on_event(told);
  if (on_event_) on_event_(told);
}

WorkloadEvent WorkloadWatch::event() const {
  const auto id = [this](int column) { return static_cast<std::uint64_t>(number(column)); };
  const bool is_unified = number(columns_.hierarchy) == 0;
  WorkloadEvent event;
  event.kind = number(columns_.kind) == kAttach    ? WorkloadEvent::Kind::kCgroupAttach
               : number(columns_.kind) == kRemoved ? WorkloadEvent::Kind::kCgroupGone
                                                   : WorkloadEvent::Kind::kExec;
  event.time_ns = number(columns_.time);
  // An attachment to a version 1 cgroup leaves the task where it is in the unified hierarchy.
  event.identity = {.mntns_id = id(columns_.mntns_id),
                    .mntns_gen = id(columns_.mntns_gen),
                    .cgroup_id = id(is_unified ? columns_.cgroup_id : columns_.task_cgroup_id),
                    .netns_id = id(columns_.netns_id)};
  event.pid = number(columns_.pid);
  event.comm = text(columns_.comm);
  event.parent_pid = number(columns_.actor_pid);
  event.parent_comm = text(columns_.actor_comm);
  event.parent_directory = text(columns_.actor_directory);
  (is_unified ? event.cgroup_path : event.legacy_cgroup_path) = text(columns_.cgroup_path);
  if (event.kind == WorkloadEvent::Kind::kExec) event.legacy_cgroup_path = text(columns_.v1_path);
  event.no_new_privileges = number(columns_.no_new_privileges) != 0;
  return event;
}

}  // namespace ig
