// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/simulation/events.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/syscall_table.h"

namespace ig::simulation {
namespace {

constexpr std::uint64_t kFiles = 400, kNames = 300;

}  // namespace

Table& Events::event(std::string_view view) {
  auto& to = node_.table(view);
  node_.set_process(to, node_.process, node_.program(node_.workload));
  to.set("timestamp", node_.now);
  return to;
}
void Events::set_connection(Table& to) {
  source_ = node_.address_of(node_.workload);
  peer_ = node_.address_of(1 + static_cast<WorkloadId>(node_.uneven(static_cast<std::uint64_t>(
                                   std::min(node_.workloads, std::int64_t{400})))));
  to.set("src.addr", source_);
  to.set("src.port", static_cast<std::int64_t>(32768 + node_.random(28000)));
  to.set("dst.addr", peer_);
  to.set("dst.port", std::int64_t{5432});
}

void Events::happen() {
  const auto kind = node_.random(1000);
  if (kind < 500) return open_file();
  if (kind < 640) return look_up();
  if (kind < 680) return execute();
  if (kind < 800) return connect("trace_tcp");
  if (kind < 860) return connect("trace_tcpconnlat");
  if (kind < 900) return be_slow();
  if (kind < 930) return signal();
  if (kind < 940) return connect("trace_tcpretrans");
  if (kind < 950) return connect("trace_tcpdrop");
  record_call();
}

void Events::open_file() {
  auto& to = event("trace_open");
  const auto file = node_.uneven(kFiles);
  const bool is_new = node_.random(50) == 0;
  text_ = is_new ? fmt::format("/tmp/{}/upload-{:08x}", node_.program(node_.workload),
                               node_.random(1U << 31))
                 : fmt::format("/usr/lib/{}/module-{}/file-{}.so", node_.program(node_.workload),
                               file % 97, file);
  to.set("error", std::int64_t{!is_new && file % 13 == 0 ? 2 : 0});
  to.set("fd", std::int64_t{7});
  to.set("flags", std::int64_t{is_new ? 02000101 : 02000000});  // to be written, or only read
  to.set("fname", text_);
  to.set("fpath", text_);
  to.write(node_.workload);
}

// A question and its answer.
void Events::look_up() {
  auto& to = event("trace_dns");
  const auto name = node_.uneven(kNames);
  text_ = node_.random(500) == 0
              ? fmt::format("{:08x}.example.net.", node_.random(1U << 31))
              : fmt::format("service-{}.team-{}.svc.cluster.local.", name, name % 20);
  answer_ = fmt::format("10.96.{}.{}", name / 200, name % 200 + 1);
  const bool query = asked_ = !asked_;
  to.set("nameserver.addr", std::string_view("10.96.0.10"));
  to.set("pkt_type", std::int64_t{query ? 4 : 0});
  to.set("qr", std::int64_t{query ? 0 : 1});
  to.set("qtype", std::int64_t{name % 3 == 0 ? 28 : 1});
  to.set("name", text_);
  to.set("latency_ns", query ? 0 : node_.latency_ns());
  to.set("rcode", std::int64_t{!query && name % 40 == 0 ? 3 : 0});
  to.set("addresses", query ? std::string_view() : std::string_view(answer_));
  to.write(node_.workload);
}

// A probe of the workload's health, or a helper.
void Events::execute() {
  auto& to = event("trace_exec");
  const auto kind = node_.random(4);
  const std::array<std::string_view, 4> names = {"sh", "curl", "date", "pg_isready"};
  ++last_pid_;
  node_.set_process(to, last_pid_, names[kind]);
  to.set("proc.parent.comm", node_.program(node_.workload));
  to.set("proc.parent.pid", node_.process);
  file_ = fmt::format("/usr/bin/{}", names[kind]);
  text_ = fmt::format("{} -f http://localhost:{}/", names[kind], 8000 + node_.workload % 100);
  to.set("file", file_);
  to.set("exepath", file_);
  to.set("args", text_);
  to.set("error", std::int64_t{node_.random(200) == 0 ? 2 : 0});
  to.write(node_.workload);
}

void Events::connect(std::string_view view) {
  auto& to = event(view);
  set_connection(to);
  if (to.has("latency")) to.set("latency", node_.latency_ns());
  to.write(node_.workload);
}

void Events::be_slow() {
  auto& to = event("trace_fsslower");
  file_ = fmt::format("/var/lib/{}/data-{}", node_.program(node_.workload), node_.uneven(1000));
  to.set("delta_us", 10'000 + static_cast<std::int64_t>(node_.uneven(500'000)));
  to.set("op", static_cast<std::int64_t>(node_.random(5)));
  to.set("fs", std::string_view("ext4"));
  to.set("file", file_);
  to.write(node_.workload);
}

void Events::signal() {
  auto& to = event("trace_signal");
  to.set("sig", std::int64_t{17});
  to.set("tpid", node_.process);
  to.set("tcomm", node_.program(node_.workload));
  to.write(node_.workload);
}

void Events::record_call() {
  auto& to = event("traceloop");
  const auto call = kCalls[node_.uneven(kCalls.size())];
  const bool failed = node_.random(20) == 0;
  to.set("seq", ++sequence_);
  to.set("duration", node_.latency_ns());
  to.name("arch", "x86_64");
  to.set("syscall", *syscall_number("x86_64", call));
  to.set("retval", std::int64_t{failed ? -11 : 512});
  to.set("finished", std::int64_t{1});
  to.set("parameters", std::string_view("17, \"GET / HTTP/1.1\\r\\nHost: \"..., 512"));
  to.set("ret", std::string_view(failed ? "-1 EAGAIN (Resource temporarily unavailable)" : "512"));
  to.write(node_.workload);
}

}  // namespace ig::simulation
