// SPDX-License-Identifier: Apache-2.0
#include "recorder/active_recording.h"

#include <malloc.h>

#include <algorithm>

#include "base/log.h"
#include "recorder/kernel/kernel_security.h"
#include "recorder/kernel/kernel_types.h"

namespace ig {
namespace {

// Records of one ring that are handed on before another ring gets its turn.
constexpr int kTurn = 4096;
// When everything is detached a ring holds at most its size; this only bounds a broken kernel.
constexpr int kMostTurns = 1 << 20;

// A kernel in confidentiality lockdown gives out maps, but takes no program that reads its memory,
// as ours all do.
Result<SharedMaps> create_shared_maps() {
  if (kernel_lockdown() != "confidentiality") return SharedMaps::create();
  return fail(ErrorCode::kPermission,
              "this kernel is locked down (confidentiality): BPF programs may not read its memory",
              "boot it with lockdown=integrity; ig probe tells which gadgets run all the same");
}

}  // namespace

ActiveRecording::ActiveRecording(RecorderOptions options, EventSink& sink)
    : options_(std::move(options)),
      sink_(sink),
      delivery_(sink, ClockOffset::measure()),
      tracker_(
          options_.selector, [this](const Workload& workload) { delivery_.workload(workload); },
          [this](const Workload& workload, bool admitted) { on_verdict(workload, admitted); }),
      losses_(wall_time_ns()),
      last_losses_ns_(wall_time_ns()) {
  delivery_.filter_rows([this](const TaskIdentity& identity) { return is_wanted(identity); });
}

Result<std::unique_ptr<ActiveRecording>> ActiveRecording::prepare(RecorderOptions options,
                                                                  EventSink& sink) {
  if (options.gadgets.empty()) return fail(ErrorCode::kUsage, "no gadget to run");
  std::unique_ptr<ActiveRecording> recording(new ActiveRecording(std::move(options), sink));
  // Without BPF there may still be gadgets with a rung that needs none.
  auto maps = create_shared_maps();
  if (!maps) recording->bpf_refused_ = std::move(maps.error());
  if (maps) recording->shared_maps_ = *std::move(maps);
  IG_TRY(recording->find_btf());
  IG_TRY(recording->open_command());
  IG_TRY(recording->open_workloads());
  IG_TRY(recording->open_gadgets());
  return recording;
}

bool ActiveRecording::selects_workloads() const {
  const auto& selector = options_.selector;
  return selector.host || selector.command || selector.names_workloads();
}

// With a command and no selector, what is recorded is the command.
bool ActiveRecording::is_filtered() const {
  return !options_.command.empty() || selects_workloads();
}

// Without it most gadgets fail to load, each with its own words, and so would the workload watch; a
// person who named one is told.
Result<> ActiveRecording::find_btf() {
  auto search = BtfSearch::of_this_machine();
  search.file = options_.btf_file;
  for (const auto& path : options_.gadget_paths) search.shipped.push_back(path + "/btfs");
  auto btf = find_kernel_btf(search);
  if (btf) {
    btf_ = std::move(*btf);
    set_kernel_types(btf_.path);
    return {};
  }
  if (!options_.btf_file.empty()) return std::unexpected(btf.error());
  log::warning("{}", btf.error().message);
  if (bpf_refused_) return {};
  bpf_refused_ = Error{ErrorCode::kPermission,
                       "no program loads without the types of this kernel (BTF)", btf.error().hint};
  return {};
}

// The kernel's filter, for rows that it has not seen. Without BPF, and without selectors, the
// command is known by its own cgroup.
bool ActiveRecording::is_wanted(const TaskIdentity& identity) const {
  if (!is_filtered()) return true;
  if (shared_maps_) return shared_maps_.allows(identity.mntns_id, identity.cgroup_id);
  if (selects_workloads()) return true;  // the verdict on the workload decides
  return command_ && identity.cgroup_id == command_->identity().cgroup_id;
}

Result<> ActiveRecording::open_command() {
  if (options_.command.empty()) return {};
  IG_ASSIGN(command_, CommandTarget::create(options_.command));
  tracker_.set_command(command_->identity(), command_->command_line());
  return shared_maps_.allow(command_->identity().mntns_id, command_->identity().cgroup_id,
                            SharedMaps::Since::kStartsNow);
}

// The watch is attached before /proc is read, so that nothing starts in between unseen.
Result<> ActiveRecording::open_workloads() {
  if (bpf_refused_) return tracker_.scan_running();
  auto watch = WorkloadWatch::open({.shared_maps = &shared_maps_,
                                    .btf_path = btf_.path,
                                    .is_filtered = is_filtered(),
                                    .admits_new = selects_workloads(),
                                    .on_event = [this](const auto& event) { follow(event); }},
                                   delivery_.clock(), tracker_);
  if (watch) {
    watch_ = std::move(*watch);
    IG_TRY(watch_->attach());
    tracker_.before_guessing([this] { drain_workload_events(); });
    losses_.add(watch_->gadget());
  } else if (watch.error().code == ErrorCode::kPermission) {
    return std::unexpected(watch.error());
  } else {
    log::warning("{}; containers that live only a moment may stay without a name",
                 watch.error().message);
    misses_.push_back({.gadget = "workload_events",
                       .kind = Loss::Kind::kNotAttached,
                       .count = 1,
                       .from_ns = last_losses_ns_,
                       .to_ns = last_losses_ns_,
                       .detail = watch.error().message});
  }
  return tracker_.scan_running();
}

void ActiveRecording::on_verdict(const Workload& workload, bool admitted) {
  // With a command alone nothing else is in the filter, whatever its name; and the command is
  // recorded beside whatever is selected.
  if (!selects_workloads()) return;
  if (command_ && workload.kind == WorkloadKind::kCommand) return;
  delivery_.set_admitted(workload.id, admitted);
  if (!admitted) {
    shared_maps_.deny(workload.mntns_id, workload.cgroup_id);
    return;
  }
  const auto since = workload.partial ? SharedMaps::Since::kBefore : SharedMaps::Since::kStartsNow;
  if (auto allowed = shared_maps_.allow(workload.mntns_id, workload.cgroup_id, since); !allowed) {
    delivery_.loss({.gadget = "",
                    .kind = Loss::Kind::kMapFull,
                    .workload = workload.id,
                    .count = 1,
                    .from_ns = wall_time_ns(),
                    .to_ns = wall_time_ns(),
                    .detail = allowed.error().message});
  }
}

Result<> ActiveRecording::begin() {
  started_ = Clock::now();
  for (const auto& gadget : gadgets_) gadget->sources->announce();
  delivery_.begin();
  for (const auto& miss : misses_) delivery_.loss(miss);
  for (const auto& gadget : gadgets_) {
    IG_TRY(gadget->loaded->run_programs(ProgramManifest::Run::kAtStart));
    IG_TRY(gadget->sources->read(GadgetSources::Moment::kStart, started_));
  }
  // Loading takes several times the memory that recording does.
  release_kernel_types();
  ::malloc_trim(0);
  const auto follows = [](const auto& gadget) { return gadget->loaded->follows(); };
  if (options_.once_attached) options_.once_attached(std::ranges::any_of(gadgets_, follows));
  return {};
}

void ActiveRecording::release_command() {
  if (command_) command_->release();
}

std::vector<RingSource*> ActiveRecording::rings() const {
  std::vector<RingSource*> rings;
  for (const auto& gadget : gadgets_) {
    for (const auto& ring : gadget->sources->rings()) rings.push_back(ring.get());
  }
  return rings;
}

std::vector<UserSource*> ActiveRecording::user_sources() const {
  std::vector<UserSource*> sources;
  for (const auto& gadget : gadgets_) {
    auto* source = gadget->loaded->user_source();
    if (source != nullptr && source->poll_fd() >= 0) sources.push_back(source);
  }
  return sources;
}

void ActiveRecording::drain_workload_events() {
  if (watch_) watch_->consume();
}

bool ActiveRecording::drain(RingSource& ring) {
  drain_workload_events();
  return ring.consume(kTurn);
}

bool ActiveRecording::drain(UserSource& source) {
  drain_workload_events();
  return source.consume();
}

Result<> ActiveRecording::read_intervals() {
  drain_workload_events();
  const auto moment = dump_asked_.exchange(false) ? GadgetSources::Moment::kAsked
                                                  : GadgetSources::Moment::kInterval;
  for (const auto& gadget : gadgets_) IG_TRY(gadget->sources->read(moment, Clock::now()));
  if (wall_time_ns() - last_losses_ns_ >= 1'000'000'000) {
    read_losses();
    if (enricher_) IG_TRY(enricher_->forget_closed());
    for (const auto& gadget : gadgets_) gadget->loaded->follow_all();
  }
  delivery_.flush();
  return {};
}

// A process in new surroundings: there may be something to attach to that nobody had before.
void ActiveRecording::follow(const WorkloadEvent& event) {
  if (event.kind != WorkloadEvent::Kind::kExec) return;
  for (const auto& gadget : gadgets_) {
    if (gadget->loaded) gadget->loaded->follow(static_cast<pid_t>(event.pid));
  }
}

void ActiveRecording::read_losses() {
  const auto now = wall_time_ns();
  for (const auto& loss : losses_.read(now)) delivery_.loss(loss);
  for (const auto& gadget : gadgets_) gadget->sources->report_lost(last_losses_ns_, now);
  const auto malformed = watch_ ? watch_->malformed() : 0;
  if (malformed > watch_malformed_) {
    delivery_.loss({.gadget = "workload_events",
                    .kind = Loss::Kind::kMalformed,
                    .count = malformed - watch_malformed_,
                    .from_ns = last_losses_ns_,
                    .to_ns = now,
                    .detail = ""});
    watch_malformed_ = malformed;
  }
  last_losses_ns_ = now;
}

Result<> ActiveRecording::end() {
  read_losses();  // a link that is gone does not tell whether it held until now
  // A source may take its time to end. What runs in the kernel is not to go on meanwhile.
  for (const auto& gadget : gadgets_) gadget->loaded->detach();
  for (auto* ring : rings()) {
    for (int turns = 0; turns < kMostTurns && drain(*ring); ++turns) {
    }
  }
  for (const auto& gadget : gadgets_) gadget->loaded->close_source();
  for (auto* source : user_sources()) {
    for (int turns = 0; turns < kMostTurns && drain(*source); ++turns) {
    }
  }
  Result<> result;
  for (const auto& gadget : gadgets_) {
    auto read = gadget->sources->read(GadgetSources::Moment::kEnd, Clock::now());
    if (!read && result) result = std::move(read);
  }
  if (watch_) watch_->detach();
  drain_workload_events();
  tracker_.finish();
  read_losses();
  for (const auto id : tracker_.unresolved()) {
    delivery_.loss({.gadget = "",
                    .kind = Loss::Kind::kUnresolved,
                    .workload = id,
                    .count = 1,
                    .from_ns = last_losses_ns_,
                    .to_ns = last_losses_ns_,
                    .detail = "nothing named this container"});
  }
  delivery_.flush();
  if (delivery_.failure()) return std::unexpected(*delivery_.failure());
  if (!command_) return result;
  IG_ASSIGN(const auto status, command_->status());
  command_status_ = status.value_or(-1);
  return result;
}

RecorderStatus ActiveRecording::status() const {
  return {.elapsed = Clock::now() - started_,
          .duration = options_.duration,
          .events = delivery_.events(),
          .lost = delivery_.lost(),
          .workloads = tracker_.size()};
}

}  // namespace ig
