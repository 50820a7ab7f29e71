// SPDX-License-Identifier: Apache-2.0
// A small shop, recorded for a minute: a web server and its database, with something of every kind
// of report in it, and somebody whose names are meant to do harm.
#pragma once

#include <fcntl.h>

#include <string>

#include "tests/support/report_session.h"

namespace ig::test {

inline void add_disks(ReportSession& session, const Workload& db) {
  auto& disks = session.table("profile_blockio",
                              {"device:text", "operation_raw:enum", "cmd_flags_raw:enum", "count",
                               "errors", "bytes_raw", "total_raw", "longest_raw", "latency:text"});
  disks.enums = {{"operation_raw", {{0, "read"}, {1, "write"}}},
                 {"cmd_flags_raw", {{0, ""}, {8, "sync"}}}};
  session.declare(disks);
  const auto requests = [&](const char* device, std::int64_t operation, std::int64_t flags,
                            const std::string& latency, std::int64_t longest, std::int64_t count) {
    session.row(disks, db,
                {{"device", device},
                 {"operation_raw", operation},
                 {"cmd_flags_raw", flags},
                 {"count", count},
                 {"errors", std::int64_t{0}},
                 {"bytes_raw", count * 4096},
                 {"total_raw", count * 200 * kMicrosecond},
                 {"longest_raw", longest},
                 {"latency", latency}});
  };
  requests("nvme0n1", 0, 0, "[0,0,0,0,2,40,300,120,30,8]", 900 * kMicrosecond, 500);
  requests("nvme0n1", 1, 8, "[0,0,0,0,0,0,10,80,60,30,12,6,2]", 7 * kMillisecond, 200);
  requests("sda", 0, 0, "[0,0,0,0,0,0,0,0,0,0,1,4,9,3]", 14 * kMillisecond, 17);
}

inline void add_cpu(ReportSession& session, const Workload& web, const Workload& db,
                    const Workload& evil) {
  auto& cpu = session.table("profile_cpu", {"+", "samples", "first_raw:time", "last_raw:time",
                                            "user_stack_raw:stack", "kern_stack:stack"});
  session.declare(cpu);
  const auto samples = [&](const Workload& who, const char* comm, std::int64_t pid,
                           const char* user, const char* kernel, std::int64_t count) {
    session.row(cpu, who,
                {{"proc.comm", comm},
                 {"proc.pid", pid},
                 {"samples", count},
                 {"first_raw", at(1)},
                 {"last_raw", at(59)},
                 {"user_stack_raw", user},
                 {"kern_stack", kernel}});
  };
  samples(web, "nginx", 100, "_start;main;ngx_worker;ngx_process_events", "", 60);
  samples(web, "nginx", 100, "_start;main;ngx_worker;ngx_process_events;epoll_wait",
          "entry;do_epoll_wait", 25);
  samples(web, "nginx", 101, "_start;main;ngx_worker;SSL_read;aes_gcm", "", 110);
  samples(db, "postgres", 200, "main;PostmasterMain;exec_simple_query;ExecutorRun", "", 180);
  samples(db, "postgres", 200, "main;PostmasterMain;exec_simple_query;ExecutorRun;pread",
          "entry;vfs_read;ext4_read", 40);
  samples(db, "postgres", 200, "main;PostmasterMain;CheckpointerMain", "entry;fsync", 3);
  samples(evil, "<script>alert(1", 666, "main;</script><img src=x onerror=alert(2)>", "", 20);
}

inline void add_tcp(ReportSession& session, const Workload& web, const Workload& db) {
  auto& trips = session.table("profile_tcprtt",
                              {"remote_addr:text", "remote_port", "local_port", "latency:text"});
  session.declare(trips);
  session.row(trips, web,
              {{"remote_addr", "10.0.0.7"},
               {"remote_port", std::int64_t{5432}},
               {"local_port", std::int64_t{0}},
               {"latency", "[0,0,0,0,0,12,90,40,3]"}});
  session.row(trips, db,
              {{"remote_addr", "10.0.0.5"},
               {"remote_port", std::int64_t{0}},
               {"local_port", std::int64_t{5432}},
               {"latency", "[0,0,0,0,0,2,80,60,1]"}});
  const std::vector<std::string> ends = {
      "timestamp_raw:time", "+", "src_addr:text", "src_port", "dst_addr:text", "dst_port"};
  auto columns = ends;
  columns.emplace_back("latency_raw");
  auto& connects = session.table("trace_tcpconnlat", columns);
  session.declare(connects);
  for (std::int64_t i = 0; i < 40; ++i) {
    session.row(connects, web,
                {{"timestamp_raw", at(i)},
                 {"proc.comm", "nginx"},
                 {"proc.pid", 100 + i % 2},
                 {"src_addr", "10.0.0.5"},
                 {"src_port", 40000 + i},
                 {"dst_addr", "10.0.0.7"},
                 {"dst_port", std::int64_t{5432}},
                 {"latency_raw", (100 + i * i) * kMicrosecond}});
  }
  columns = ends;
  for (const char* name : {"reason_raw:enum", "state_raw:enum", "tcpflags_raw:enum"}) {
    columns.emplace_back(name);
  }
  auto& drops = session.table("trace_tcpdrop", columns);
  drops.enums = {{"reason_raw", {{5, "SKB_DROP_REASON_NETFILTER_DROP"}}},
                 {"state_raw", {{2, "SYN_SENT"}}},
                 {"tcpflags_raw", {{2, "SYN"}}}};
  session.declare(drops);
  for (int i = 0; i < 3; ++i) {
    session.row(drops, web,
                {{"timestamp_raw", at(20 + i)},
                 {"src_addr", "10.0.0.5"},
                 {"src_port", std::int64_t{40100}},
                 {"dst_addr", "203.0.113.9"},
                 {"dst_port", std::int64_t{443}},
                 {"reason_raw", std::int64_t{5}},
                 {"state_raw", std::int64_t{2}},
                 {"tcpflags_raw", std::int64_t{2}}});
  }
}

inline void add_dns(ReportSession& session, const Workload& web) {
  auto& dns =
      session.table("trace_dns", {"timestamp_raw:time", "nameserver_addr:text", "+", "pkt_type_raw",
                                  "latency_ns_raw", "qr_raw", "qtype_raw:enum", "name:path",
                                  "rcode_raw:enum", "addresses:path"});
  dns.enums = {{"qtype_raw", {{1, "A"}, {28, "AAAA"}}},
               {"rcode_raw", {{0, "NOERROR"}, {2, "SERVFAIL"}, {3, "NXDOMAIN"}}}};
  session.declare(dns);
  const auto message = [&](std::int64_t second, const char* name, std::int64_t qtype, bool query,
                           std::int64_t rcode, std::int64_t latency) {
    session.row(dns, web,
                {{"timestamp_raw", at(second)},
                 {"nameserver_addr", "10.96.0.10"},
                 {"proc.comm", "nginx"},
                 {"proc.pid", std::int64_t{100}},
                 {"pkt_type_raw", std::int64_t{query ? 4 : 0}},
                 {"qr_raw", std::int64_t{query ? 0 : 1}},
                 {"qtype_raw", qtype},
                 {"name", name},
                 {"rcode_raw", rcode},
                 {"latency_ns_raw", latency}});
  };
  for (std::int64_t i = 0; i < 30; ++i) {
    const char* name = i % 3 == 0 ? "db.shop.svc." : "api.example.org.";
    message(i * 2, name, 1, true, 0, 0);
    if (i == 17) continue;  // never answered
    message(i * 2, name, 1, false, i % 10 == 4 ? 2 : 0,
            (i == 25 ? 90'000 : 300 + i * 20) * kMicrosecond);
  }
  message(5, "wpad.example.org.", 28, true, 0, 0);
  message(5, "wpad.example.org.", 28, false, 3, 2 * kMillisecond);
}

inline void add_programs(ReportSession& session, const Workload& web) {
  auto& exec = session.table(
      "trace_exec", {"timestamp_raw:time", "+", "error_raw:errno", "file:path", "args:path"});
  session.declare(exec);
  const auto run = [&](std::int64_t second, std::int64_t pid, std::int64_t parent,
                       const char* parent_comm, const char* comm, const char* file,
                       const std::string& args, std::int64_t error = 0) {
    session.row(exec, web,
                {{"timestamp_raw", at(second)},
                 {"proc.comm", comm},
                 {"proc.pid", pid},
                 {"proc.parent.comm", parent_comm},
                 {"proc.parent.pid", parent},
                 {"error_raw", error},
                 {"file", file},
                 {"args", args}});
  };
  run(1, 90, 80, "conmon", "sh", "/usr/bin/dash", "sh /entrypoint.sh");
  run(2, 91, 90, "sh", "envsubst", "/usr/bin/envsubst", "envsubst");
  run(3, 91, 90, "sh", "sh", "/usr/local/bin/nginx", "nginx", 2);
  run(3, 100, 90, "sh", "nginx", "/usr/sbin/nginx", "nginx -g daemon off;");
  for (std::int64_t i = 0; i < 12; ++i) {
    run(10 + i * 4, 300 + i, 80, "conmon", "curl", "/usr/bin/curl", "curl -f http://localhost/");
  }
  run(55, 400, 80, "conmon", "<b>\x1b[31m", "/tmp/odd",
      "/tmp/odd \x1b[31m<script>alert(1)</script>");
}

inline void add_files(ReportSession& session, const Workload& web, const Workload& db) {
  auto& open = session.table("trace_open", {"timestamp_raw:time", "+", "error_raw:errno",
                                            "flags_raw", "fname:path", "fpath:path"});
  session.declare(open);
  const auto opens = [&](const Workload& who, const char* comm, std::int64_t pid, const char* path,
                         std::int64_t error, int times) {
    for (int i = 0; i < times; ++i) {
      session.row(open, who,
                  {{"timestamp_raw", at(i % 60)},
                   {"proc.comm", comm},
                   {"proc.pid", pid},
                   {"error_raw", error},
                   {"flags_raw", std::int64_t{&who == &db ? O_RDWR : O_RDONLY}},
                   {"fname", path},
                   {"fpath", path}});
    }
  };
  opens(web, "nginx", 100, "/usr/share/nginx/html/index.html", 0, 120);
  opens(web, "nginx", 100, "/etc/nginx/mime.types", 0, 2);
  opens(web, "nginx", 101, "/usr/share/nginx/html/favicon.ico", 2, 40);
  opens(db, "postgres", 200, "/var/lib/postgresql/base/1/2619", 0, 66);
  opens(db, "postgres", 200, "/proc/self/oom_adj", 13, 1);
  auto& slow =
      session.table("trace_fsslower", {"timestamp_raw:time", "+", "delta_us", "size",
                                       "error_raw:errno", "op_raw:enum", "fs:text", "file:path"});
  slow.enums = {{"op_raw", {{0, "read"}, {3, "fsync"}}}};
  session.declare(slow);
  for (std::int64_t i = 0; i < 9; ++i) {
    session.row(slow, db,
                {{"timestamp_raw", at(6 * i)},
                 {"proc.comm", "postgres"},
                 {"proc.pid", std::int64_t{200}},
                 {"delta_us", 11'000 + i * i * 900},
                 {"size", std::int64_t{0}},
                 {"error_raw", std::int64_t{0}},
                 {"op_raw", std::int64_t{3}},
                 {"fs", "ext4"},
                 {"file", "/var/lib/postgresql/pg_wal/000000010000000000000001"}});
  }
}

// Calls, capabilities, flows: of the gadgets whose questions the reader answers itself.
inline void add_policy(ReportSession& session, const Workload& web, const Workload& db) {
  auto& calls = session.table("advise_seccomp", {"arch_raw:enum", "phase_raw:enum", "syscall_raw",
                                                 "count", "first_raw:time", "last_raw:time"});
  calls.enums = {{"arch_raw", {{1, "x86_64"}}}, {"phase_raw", {{2, "startup"}, {3, "steady"}}}};
  session.declare(calls);
  const auto call = [&](const Workload& who, const char* name, std::int64_t phase,
                        std::int64_t count) {
    session.row(calls, who,
                {{"arch_raw", std::int64_t{1}},
                 {"phase_raw", phase},
                 {"syscall_raw", *syscall_number("x86_64", name)},
                 {"count", count},
                 {"first_raw", at(1)},
                 {"last_raw", at(59)}});
  };
  call(web, "read", 2, 30);
  call(web, "read", 3, 12'000);
  call(web, "epoll_wait", 3, 9000);
  call(web, "accept4", 3, 410);
  call(db, "pread64", 3, 70'000);
  call(db, "fsync", 3, 300);
  call(db, "read", 3, 2200);
  auto& flows =
      session.table("advise_networkpolicy",
                    {"netns_id", "endpoint.addr:text", "endpoint.port", "endpoint.proto_raw:enum",
                     "egress", "error_raw:errno", "count", "bytes_sent", "bytes_received",
                     "first_raw:time", "last_raw:time", "before_start", "process:text"});
  flows.enums = {{"endpoint.proto_raw", {{6, "TCP"}, {17, "UDP"}}}};
  session.declare(flows);
  const auto flow = [&](const Workload& who, bool egress, const char* peer, std::int64_t port,
                        std::int64_t proto, std::int64_t count, std::int64_t bytes,
                        std::int64_t error = 0) {
    session.row(flows, who,
                {{"netns_id", std::int64_t{4026532000}},
                 {"endpoint.addr", peer},
                 {"endpoint.port", port},
                 {"endpoint.proto_raw", proto},
                 {"egress", std::int64_t{egress}},
                 {"error_raw", error},
                 {"count", count},
                 {"bytes_sent", bytes},
                 {"bytes_received", bytes * 3},
                 {"first_raw", at(2)},
                 {"last_raw", at(58)},
                 {"before_start", std::int64_t{0}},
                 {"process", "nginx"}});
  };
  flow(web, true, "10.0.0.7", 5432, 6, 40, 90'000);
  flow(web, true, "10.96.0.10", 53, 17, 61, 2500);
  flow(web, true, "203.0.113.9", 443, 6, 3, 0, 110);
  flow(web, false, "198.51.100.20", 8080, 6, 410, 5'000'000);
  flow(db, false, "10.0.0.5", 5432, 6, 40, 270'000);
}

inline void add_memory(ReportSession& session, const Workload& db) {
  auto& kills = session.table(
      "trace_oomkill", {"timestamp_raw:time", "fprocess_process_id", "tpid", "tcomm:text", "pages",
                        "anon_rss", "file_rss", "shmem_rss", "oom_score_adj"});
  session.declare(kills);
  session.row(kills, db,
              {{"timestamp_raw", at(47)},
               {"tpid", std::int64_t{222}},
               {"tcomm", "postgres"},
               {"pages", std::int64_t{131072}},
               {"anon_rss", std::int64_t{120000}},
               {"file_rss", std::int64_t{400}},
               {"shmem_rss", std::int64_t{9000}},
               {"oom_score_adj", std::int64_t{0}}});
}

inline void fill_shop(ReportSession& session) {
  auto& web = session.workload("web");
  web.image = "nginx:1";
  auto& db = session.workload("db");
  auto& evil = session.workload("<script>alert(1)</script>", WorkloadKind::kCommand);
  add_disks(session, db);
  add_cpu(session, web, db, evil);
  add_tcp(session, web, db);
  add_dns(session, web);
  add_programs(session, web);
  add_files(session, web, db);
  add_policy(session, web, db);
  add_memory(session, db);
  session.lose("trace_dns", 12);
}

}  // namespace ig::test
