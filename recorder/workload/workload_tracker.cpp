// SPDX-License-Identifier: Apache-2.0
#include "recorder/workload/workload_tracker.h"

#include <unistd.h>

#include <algorithm>
#include <unordered_map>

#include "base/clock.h"
#include "recorder/workload/workload_tracker_impl.h"
#include "recorder/workload/workload_tracker_proc.h"

namespace ig {
namespace {

// The path up to and with the component that names the unit: what a unit has below itself is it.
std::string unit_folder(const std::string& path, const std::string& unit) {
  const auto at = path.find(unit);  // not found where systemd escaped it
  return at == std::string::npos ? path : path.substr(0, at + unit.size());
}

TrackedHost with_namespaces(TrackedHost host) {
  // Process 1 and not ourselves: we may run in a mount namespace of our own.
  if (host.mntns_id == 0) host.mntns_id = namespace_inode(host.proc, 1, "mnt");
  if (host.mntns_id == 0) host.mntns_id = namespace_inode(host.proc, ::getpid(), "mnt");
  if (host.netns_id == 0) host.netns_id = namespace_inode(host.proc, 1, "net");
  return host;
}

}  // namespace

WorkloadTracker::Impl::Impl(Selector wanted, OnChange change, OnVerdict verdict,
                            TrackedHost tracked)
    : selector(std::move(wanted)),
      on_change(std::move(change)),
      on_verdict(std::move(verdict)),
      host(with_namespaces(std::move(tracked))),
      namer(host.runtimes),
      index(host.mntns_id) {}

WorkloadTracker::Impl::Entry& WorkloadTracker::Impl::add(WorkloadKind kind,
                                                         const WorkloadEvent& event, bool partial) {
  auto& entry = entries.emplace_back();
  auto& workload = entry.workload;
  workload.id = static_cast<WorkloadId>(entries.size());
  workload.kind = kind;
  workload.first_seen_ns = workload.last_seen_ns = event.time_ns;
  workload.partial = partial;
  workload.pid = event.pid;
  return entry;
}

WorkloadId WorkloadTracker::Impl::host_workload(std::int64_t time_ns) {
  if (host_id != 0) return host_id;
  WorkloadEvent event;
  event.time_ns = time_ns;
  auto& entry = add(WorkloadKind::kHost, event, true);
  host_id = entry.workload.id;
  entry.workload.name = "host";
  entry.workload.mntns_id = host.mntns_id;
  entry.workload.netns_id = host.netns_id;
  const TaskIdentity identity{.mntns_id = host.mntns_id};
  index.add(identity, host_id);
  tell(entry, &identity);
  return host_id;
}

WorkloadId WorkloadTracker::Impl::unit_workload(const WorkloadEvent& event, const std::string& unit,
                                                bool partial) {
  const auto folder = unit_folder(telling_cgroup_path(event), unit);
  auto& id = units[folder];
  if (id == 0) {
    auto& workload = add(WorkloadKind::kUnit, event, partial).workload;
    id = workload.id;
    workload.name = unit;
    workload.cgroup_path = folder;
  }
  return id;
}

// One container is one workload: its runtime's set-up came before its mount namespace, in its
// cgroup; and what it unshares itself stays in that cgroup.
WorkloadId WorkloadTracker::Impl::container_workload(const WorkloadEvent& event,
                                                     ContainerFacts facts, bool partial) {
  const auto in_cgroup = index.find_cgroup(event.identity.cgroup_id, event.cgroup_path);
  if (in_cgroup != 0 && in_cgroup != command_id) {
    const auto& other = entry(in_cgroup);
    const bool same = facts.id.empty() || other.facts.id.empty() || facts.id == other.facts.id;
    // The same cgroup used for the next one: again a runtime entered with new mounts.
    const bool next = index.own_mounts(event.identity) && other.workload.mntns_id != 0 &&
                      is_runtime_name(event.parent_comm);
    if (same && !next) return in_cgroup;
  }
  auto& added = add(WorkloadKind::kContainer, event, partial);
  added.facts = std::move(facts);
  added.named = false;
  return added.workload.id;
}

WorkloadId WorkloadTracker::Impl::classify(const WorkloadEvent& event, bool announced,
                                           bool partial) {
  const bool own = index.own_mounts(event.identity);
  if (auto facts = namer.identify(event, own)) {
    return container_workload(event, *std::move(facts), partial);
  }
  if (const auto id = index.find_cgroup(event.identity.cgroup_id, event.cgroup_path)) return id;
  const auto unit = parse_cgroup_path(telling_cgroup_path(event)).unit;
  if (!unit.empty()) return unit_workload(event, unit, partial);
  // Nothing tells who had this mount namespace, so it is not the host's to answer for.
  if (own && !announced) return container_workload(event, {}, partial);
  return host_workload(event.time_ns);
}

WorkloadId WorkloadTracker::Impl::note(const WorkloadEvent& event, bool announced, bool partial) {
  auto id = index.find(event.identity);
  // Who was taken for the host or a unit may turn out to be in a container.
  if (id == 0 || entry(id).workload.kind == WorkloadKind::kHost ||
      entry(id).workload.kind == WorkloadKind::kUnit) {
    id = classify(event, announced, partial);
  }
  auto& found = entry(id);
  index.add(event.identity, id);
  learn(found, event);
  return id;
}

// A container is over when its own cgroup or mount namespace is gone, not one that it made inside.
void WorkloadTracker::Impl::gone(const WorkloadEvent& event) {
  const auto& identity = event.identity;
  const bool cgroup = event.kind == WorkloadEvent::Kind::kCgroupGone;
  const auto id = cgroup ? index.find_cgroup(identity.cgroup_id, {}) : index.find(identity);
  if (id == 0) return;
  auto& found = entry(id);
  auto& workload = found.workload;
  const bool own =
      cgroup ? workload.cgroup_id == identity.cgroup_id
             : workload.mntns_id == identity.mntns_id && workload.mntns_gen == identity.mntns_gen;
  if (workload.kind != WorkloadKind::kContainer || workload.exit_known != 0 || !own) return;
  workload.exit_known = 1;
  workload.last_seen_ns = std::max(workload.last_seen_ns, event.time_ns);
  if (found.lacks_id()) name(found);
  tell(found);
}

// The last that was there by then; before the first was seen, the first.
WorkloadId WorkloadTracker::Impl::as_of(const std::vector<WorkloadId>& candidates,
                                        std::int64_t time_ns) {
  WorkloadId best = candidates.empty() ? 0 : candidates.front();
  for (const auto id : candidates) {
    if (entry(id).workload.first_seen_ns <= time_ns) best = id;
  }
  return best;
}

WorkloadId WorkloadTracker::Impl::by_network(std::uint64_t netns_id, std::int64_t time_ns) {
  std::vector<WorkloadId> alive;
  if (netns_id != host.netns_id) {
    for (const auto id : index.with_netns(netns_id)) {
      const auto& workload = entry(id).workload;
      const bool over = workload.exit_known != 0 && workload.last_seen_ns < time_ns;
      if (!over && workload.first_seen_ns <= time_ns) alive.push_back(id);
    }
    // A flow may be told a little before its container is.
    if (alive.empty() && index.with_netns(netns_id).size() == 1) alive = index.with_netns(netns_id);
  }
  const auto pod_of = [this](WorkloadId id) { return entry(id).workload.pod_uid; };
  const bool one_pod = !alive.empty() && std::ranges::all_of(alive, [&](WorkloadId id) {
    return alive.size() == 1 || (!pod_of(id).empty() && pod_of(id) == pod_of(alive.front()));
  });
  return one_pod ? alive.front() : host_workload(time_ns);
}

// 0 = not known.
WorkloadId WorkloadTracker::Impl::look_up(const TaskIdentity& identity, std::int64_t time_ns) {
  auto id = index.find(identity);
  if (id == 0 && index.own_mounts(identity) && identity.mntns_gen == 0) {
    id = as_of(index.with_mntns(identity.mntns_id), time_ns);
  }
  if (id != 0 || identity.mntns_id != 0) return id;
  id = index.find_cgroup(identity.cgroup_id, {});
  return id == 0 && identity.cgroup_id == 0 ? by_network(identity.netns_id, time_ns) : id;
}

// No event announced it: an event was lost, or it was there before the recording but not in /proc.
WorkloadId WorkloadTracker::Impl::unannounced(const TaskIdentity& identity, std::int64_t time_ns) {
  WorkloadEvent event;
  if (index.own_mounts(identity)) {
    for (const auto pid : running_processes(host.proc)) {
      if (namespace_inode(host.proc, pid, "mnt") != identity.mntns_id) continue;
      auto seen = observe_process(host.proc, pid);
      if (!seen) continue;
      // The number may be another's by now. Kernels before 6.11 do not tell.
      const auto generation = seen->identity.mntns_gen;
      if (generation == identity.mntns_gen || generation == 0) event = *std::move(seen);
      break;
    }
  }
  if (event.cgroup_path.empty()) event.cgroup_path = cgroup_path_of_id(identity.cgroup_id);
  const auto netns_id = event.identity.netns_id;
  event.identity = identity;
  if (event.identity.netns_id == 0) event.identity.netns_id = netns_id;
  event.time_ns = time_ns;
  return note(event, event.pid != 0, false);
}

WorkloadTracker::WorkloadTracker(Selector selector, OnChange on_change, OnVerdict on_verdict,
                                 TrackedHost host)
    : impl_(std::make_unique<Impl>(std::move(selector), std::move(on_change), std::move(on_verdict),
                                   std::move(host))) {}
WorkloadTracker::~WorkloadTracker() = default;

void WorkloadTracker::set_machine(std::uint64_t mntns_id, std::uint64_t netns_id) {
  impl_->host.mntns_id = mntns_id;
  impl_->host.netns_id = netns_id;
  impl_->index.set_machine(mntns_id);
}

Result<> WorkloadTracker::scan_running() {
  const auto now = wall_time_ns();
  std::unordered_map<std::uint64_t, ContainerFacts> by_mntns;
  for (auto& facts : impl_->namer.running()) {
    const auto mntns = namespace_inode(impl_->host.proc, facts.pid, "mnt");
    if (mntns != 0) by_mntns.emplace(mntns, std::move(facts));
  }
  for (const auto pid : running_processes(impl_->host.proc)) {
    auto event = observe_process(impl_->host.proc, pid);
    if (!event || impl_->index.find(event->identity) != 0) continue;
    event->time_ns = now;
    const auto known = by_mntns.find(event->identity.mntns_id);
    const bool own = impl_->index.own_mounts(event->identity);
    if (own && known != by_mntns.end()) {
      const auto id = impl_->container_workload(*event, known->second, true);
      impl_->index.add(event->identity, id);
      impl_->learn(impl_->entry(id), *event);
    } else {
      impl_->note(*event, true, true);
    }
  }
  return {};
}

void WorkloadTracker::set_command(const TaskIdentity& identity, const std::string& command_line) {
  WorkloadEvent event;
  event.identity = identity;
  event.time_ns = wall_time_ns();
  event.cgroup_path = cgroup_path_of_id(identity.cgroup_id);
  auto& entry = impl_->add(WorkloadKind::kCommand, event, false);
  auto& workload = entry.workload;
  impl_->command_id = workload.id;
  workload.name = command_line;
  workload.cgroup_path = event.cgroup_path;
  workload.mntns_id = identity.mntns_id;
  workload.mntns_gen = identity.mntns_gen;
  workload.cgroup_id = identity.cgroup_id;
  if (impl_->index.own_mounts(identity)) impl_->index.add(identity, workload.id);
  impl_->index.add_cgroup(identity.cgroup_id, event.cgroup_path, workload.id);
  impl_->tell(entry, &identity);
}

void WorkloadTracker::on_event(const WorkloadEvent& event) {
  switch (event.kind) {
    case WorkloadEvent::Kind::kCgroupAttach:
    case WorkloadEvent::Kind::kExec:
      impl_->note(event, true, false);
      return;
    case WorkloadEvent::Kind::kCgroupGone:
    case WorkloadEvent::Kind::kNamespaceGone:
      return impl_->gone(event);
  }
}

void WorkloadTracker::before_guessing(std::function<void()> read) {
  impl_->read_events = std::move(read);
}

WorkloadId WorkloadTracker::resolve(const TaskIdentity& identity, std::int64_t time_ns) {
  auto id = impl_->look_up(identity, time_ns);
  if (id == 0) {
    impl_->read_events();
    id = impl_->look_up(identity, time_ns);
  }
  if (id == 0) id = impl_->unannounced(identity, time_ns);
  auto& workload = impl_->entry(id).workload;
  if (time_ns > workload.last_seen_ns) workload.last_seen_ns = time_ns;
  return id;
}

void WorkloadTracker::finish() {
  for (auto& entry : impl_->entries) {
    if (entry.lacks_id()) impl_->name(entry);
    impl_->tell(entry);
  }
}

std::vector<WorkloadId> WorkloadTracker::unresolved() const {
  std::vector<WorkloadId> ids;
  for (const auto& entry : impl_->entries) {
    if (!entry.named) ids.push_back(entry.workload.id);
  }
  return ids;
}

const Workload* WorkloadTracker::find(WorkloadId id) const {
  const bool known = id > 0 && static_cast<std::size_t>(id) <= impl_->entries.size();
  return known ? &impl_->entry(id).workload : nullptr;
}

std::size_t WorkloadTracker::size() const { return impl_->entries.size(); }

}  // namespace ig
