// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/simulation/sums.h"

#include <fmt/format.h>

#include <utility>

#include "store/syscall_table.h"

namespace ig::simulation {
namespace {

constexpr std::uint64_t kStacks = 40;
constexpr std::int64_t kUserns = 4026531837;

}  // namespace

// What the kernel has summed up of a workload when the recording ends.
void Sums::sum_up(WorkloadId id) {
  node_.workload = id;
  node_.process = node_.first_pid(id);
  sum_up_calls();
  sum_up_capabilities();
  sum_up_flows();
  sum_up_latencies();
  sum_up_stacks();
}

Table& Sums::sum(std::string_view view) {
  auto& to = node_.table(view);
  for (const auto& [column, number] :
       {std::pair<std::string_view, std::int64_t>{"mntns_id", 4026532000 + node_.workload},
        {"mntns_gen", 1000 + node_.workload},
        {"cgroup_id", 1000 + node_.workload},
        {"count", 1 + static_cast<std::int64_t>(node_.uneven(100'000))},
        {"first", kStart + kSecond + static_cast<std::int64_t>(node_.random(kSecond))},
        {"last", kStart + kLength - kSecond}}) {
    if (to.has(column)) to.set(column, number);
  }
  return to;
}

void Sums::sum_up_calls() {
  const std::size_t most = 40 + static_cast<std::size_t>(node_.workload) % 8 * 3;
  for (const char* phase : {"setup", "startup", "steady"}) {
    for (std::size_t i = 0; i < most; ++i) {
      auto& to = sum("advise_seccomp");
      to.name("arch", "x86_64");
      to.name("phase", phase);
      to.set("syscall", *syscall_number("x86_64", kCalls[i]));
      to.write(node_.workload);
    }
  }
  for (const std::int64_t family : {1, 2, 10}) {
    auto& to = sum("advise_seccomp_arguments");
    to.name("arch", "x86_64");
    to.name("phase", "steady");
    to.set("syscall", *syscall_number("x86_64", "socket"));
    to.set("argument", std::int64_t{0});
    to.set("value", family);
    to.write(node_.workload);
  }
  for (const char* mark : {"no_new_privs", "seccomp_filter", "entry_exec"}) {
    auto& to = sum("advise_seccomp_marks");
    to.name("mark", mark);
    to.set("first", kStart + kSecond / 2);
    to.set("last", kStart + kSecond / 2);
    to.write(node_.workload);
  }
}

void Sums::sum_up_capabilities() {
  for (const char* capability : {"CAP_CHOWN", "CAP_SETUID", "CAP_SETGID", "CAP_NET_BIND_SERVICE"}) {
    auto& to = sum("trace_capabilities_uses");
    for (const char* space : {"current_userns", "target_userns", "mntns_userns"}) {
      to.set(space, kUserns);
    }
    to.set("program_mntns", 4026532000 + node_.workload);
    to.name("cap", capability);
    to.name("arch", "x86_64");
    to.set("syscall", *syscall_number("x86_64", "chown"));
    to.set("audit", std::int64_t{1});
    to.set("capable", std::int64_t{1});
    to.set("comm", node_.program(node_.workload));
    to.write(node_.workload);
  }
}

void Sums::sum_up_flows() {
  for (int i = 0; i < 20; ++i) {
    auto& to = sum("advise_networkpolicy");
    const bool out = i % 2 == 0;
    const auto other = 1 + (node_.workload * 31 + i * i) % node_.workloads;
    peer_ = i % 10 == 8 ? fmt::format("203.0.113.{}", 1 + i) : node_.address_of(other);
    to.set("netns_id", 4026540000 + node_.workload);
    to.set("endpoint.addr", peer_);
    to.set("endpoint.port", std::int64_t{out ? 5432 + i % 4 : 8080});
    to.set("endpoint.proto", std::int64_t{6});
    to.set("egress", std::int64_t{out});
    to.set("bytes_sent", static_cast<std::int64_t>(node_.random(10'000'000)));
    to.set("bytes_received", static_cast<std::int64_t>(node_.random(10'000'000)));
    to.set("process", node_.program(node_.workload));
    to.write(node_.workload);
  }
}

void Sums::sum_up_latencies() {
  for (const std::int64_t operation : {0, 1}) {
    auto& to = sum("profile_blockio");
    to.set("operation", operation);
    to.set("device", std::string_view("nvme0n1"));
    to.set("bytes", std::int64_t{409'600});
    to.set("longest", std::int64_t{7'000'000});
    to.set("latency", std::string_view("[0,0,0,0,0,3,10,80,60,30,12,6,2]"));
    to.write(node_.workload);
  }
  for (int i = 0; i < 4; ++i) {
    auto& to = sum("profile_tcprtt");
    peer_ = node_.address_of(1 + (node_.workload + i) % node_.workloads);
    to.set("remote.addr", peer_);
    to.set("remote.port", std::int64_t{5432});
    to.set("latency", std::string_view("[0,0,0,0,0,12,90,40,3]"));
    to.write(node_.workload);
  }
}

void Sums::sum_up_stacks() {
  for (std::uint64_t i = 0; i < kStacks; ++i) {
    auto& to = sum("profile_cpu");
    node_.set_process(to, node_.process + static_cast<std::int64_t>(i % 4),
                      node_.program(node_.workload));
    text_ = fmt::format("_start;main;run_{};handle_{};step_{};work", node_.program(node_.workload),
                        i % 5, i);
    to.set("user_stack_id", static_cast<std::int64_t>(i));
    to.set("samples", 1 + static_cast<std::int64_t>(node_.uneven(500)));
    to.set("user_stack", text_);
    to.set("kern_stack",
           std::string_view(i % 4 == 0 ? "entry_SYSCALL_64;do_syscall_64;vfs_read;ext4_read" : ""));
    to.write(node_.workload);
  }
}

}  // namespace ig::simulation
