// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/simulation/node.h"

#include <fmt/format.h>

namespace ig::simulation {
namespace {

constexpr std::array kGadgets = {
    "advise_networkpolicy", "advise_seccomp",     "profile_blockio",  "profile_cpu",
    "profile_tcprtt",       "trace_capabilities", "trace_dns",        "trace_exec",
    "trace_fsslower",       "trace_open",         "trace_signal",     "trace_tcp",
    "trace_tcpconnlat",     "trace_tcpdrop",      "trace_tcpretrans", "traceloop"};
constexpr std::array<std::string_view, 8> kPrograms = {
    "nginx", "postgres", "java", "node", "python3", "redis-server", "envoy", "php-fpm"};

}  // namespace

Node::Node(SessionWriter& writer, std::int64_t count) : workloads(count) {
  const auto catalog = must(GadgetCatalog::open({}));
  for (const char* gadget : kGadgets) {
    GadgetRun run;
    run.gadget = gadget;
    must(writer.gadget_run(run));
    for (auto& schema : must(event_schemas(*must(catalog.find(gadget))))) {
      const auto view = schema.view;
      tables_.emplace(view, std::make_unique<Table>(writer, std::move(schema)));
    }
  }
  for (WorkloadId id = 1; id <= workloads; ++id) introduce(writer, id);
}

std::string_view Node::program(WorkloadId id) {
  return kPrograms[static_cast<std::size_t>(id) % kPrograms.size()];
}

std::string Node::address_of(WorkloadId id) {
  return fmt::format("10.{}.{}.{}", 64 + id / 65025, id / 255 % 255, id % 255 + 1);
}

// One in a hundred is slow.
std::int64_t Node::latency_ns() {
  const auto most = random(100) == 0 ? 900'000'000U : 3'000'000U;
  return 20'000 + static_cast<std::int64_t>(random(most));
}

void Node::introduce(SessionWriter& writer, WorkloadId id) {
  Workload one;
  one.id = id;
  one.kind = WorkloadKind::kContainer;
  one.name = fmt::format("{}-{}", program(id), id);
  one.runtime = "containerd";
  one.container_id = fmt::format("{:064x}", id);
  one.image = fmt::format("registry.example/{}:1.{}", program(id), id % 7);
  one.kube_namespace = fmt::format("team-{}", id % 20);
  one.pod = fmt::format("{}-{:05x}", one.name, id * 7919);
  one.container = program(id);
  one.labels = {{"app", one.name}, {"tier", id % 2 == 0 ? "back" : "front"}};
  one.mntns_id = 4026532000 + static_cast<std::uint64_t>(id);
  one.mntns_gen = one.cgroup_id = 1000 + static_cast<std::uint64_t>(id);
  one.pid = first_pid(id);
  one.first_seen_ns = kStart;
  one.last_seen_ns = kStart + kLength;
  must(writer.workload(one));
}

void Node::set_process(Table& to, std::int64_t pid, std::string_view comm) const {
  to.set("proc.comm", comm);
  to.set("proc.pid", pid);
  to.set("proc.tid", pid);
  to.set("proc.start_time", pid * 1'000'000);
  to.set("proc.mntns_id", 4026532000 + workload);
  to.set("proc.mntns_gen", 1000 + workload);
  to.set("proc.cgroup_id", 1000 + workload);
  to.set("proc.parent.comm", "containerd-shim");
  to.set("proc.parent.pid", std::int64_t{1000});
}
}  // namespace ig::simulation
