// SPDX-License-Identifier: Apache-2.0
// simulate_session FILE EVENTS WORKLOADS: writes the session of a busy node, through the gadgets'
// own tables and the session's own writer. The same numbers give the same file.
//
// EVENTS are rows with a time, in the mix of a node whose services open files, look up names,
// connect and are asked for their health. What the kernel sums up (calls, flows, capabilities,
// latencies, stacks) comes beside, as much as there are workloads, as in a recording.
#include <fmt/format.h>

#include <charconv>
#include <filesystem>

#include "benchmarks/simulation/events.h"
#include "benchmarks/simulation/node.h"
#include "benchmarks/simulation/sums.h"
#include "store/database.h"

namespace ig::simulation {
namespace {

constexpr std::int64_t kBatch = 5'000;   // events between two commits
constexpr std::int64_t kInARow = 4;      // events of one process before another has its turn
constexpr std::uint64_t kProcesses = 8;  // of a workload

SessionInfo session_info() {
  SessionInfo info;
  info.tool_version = "0.1.0";
  info.host_name = "node1";
  info.kernel_release = "6.1.0-30-amd64";
  info.architecture = "x86_64";
  info.command_line = "simulate_session";
  info.preset = "all";
  info.started_ns = kStart;
  return info;
}

void take_turn(Node& node) {
  node.workload =
      1 + static_cast<WorkloadId>(node.random(static_cast<std::uint64_t>(node.workloads)));
  node.process =
      Node::first_pid(node.workload) + static_cast<std::int64_t>(node.uneven(kProcesses));
}

void record(SessionWriter& writer, std::int64_t count, std::int64_t workloads) {
  Node node(writer, workloads);
  Events events(node);
  const double step = static_cast<double>(kLength) / static_cast<double>(count);
  for (std::int64_t i = 0; i < count; ++i) {
    node.now = kStart + static_cast<std::int64_t>(static_cast<double>(i) * step);
    if (i % kInARow == 0) take_turn(node);
    events.happen();
    if (i % kBatch == kBatch - 1) must(writer.flush());
  }
  Sums sums(node);
  for (WorkloadId id = 1; id <= workloads; ++id) {
    sums.sum_up(id);
    if (id % 100 == 0) must(writer.flush());
  }
  Loss loss;
  loss.gadget = "trace_signal";
  loss.count = 1234;
  loss.from_ns = kStart + kLength / 2;
  loss.to_ns = loss.from_ns + kSecond;
  must(writer.loss(loss));
  must(writer.close("duration"));
}

// The writer says that it ended now.
void set_end(const std::string& file) {
  auto database = must(Database::open_own(std::filesystem::canonical(file).string()));
  must(database.execute(fmt::format("UPDATE session SET ended_ns = {}", kStart + kLength)));
}

std::int64_t number(std::string_view digits) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), value);
  return error == std::errc{} && end == digits.end() ? value : -1;
}

int run(int argc, char** argv) {
  const auto events = argc == 4 ? number(argv[2]) : -1;
  const auto workloads = argc == 4 ? number(argv[3]) : -1;
  if (events < 0 || workloads < 1) {
    fmt::print(stderr, "usage: {} FILE EVENTS WORKLOADS\n", argv[0]);
    return 2;
  }
  record(*must(SessionWriter::create(argv[1], session_info(), {})), events, workloads);
  set_end(argv[1]);
  return 0;
}

}  // namespace
}  // namespace ig::simulation

int main(int argc, char** argv) { return ig::simulation::run(argc, argv); }
