// SPDX-License-Identifier: Apache-2.0
// A session as OTLP/JSON, compared with files byte for byte. IG_UPDATE_GOLDEN=1 rewrites them. That
// the protocol's own definition reads it is shown by tests/live/test_session_export.py.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <functional>

#include "reporters/otlp_writer.h"
#include "tests/support/golden_file.h"
#include "tests/support/report_session.h"

namespace ig::test {
namespace {

Workload pod_of_shop() {
  Workload web;
  web.id = 1;
  web.kind = WorkloadKind::kContainer;
  web.name = "web";
  web.runtime = "containerd";
  web.container_id = "0a1b2c";
  web.image = "registry:5000/shop/web:1.4@sha256:77";
  web.kube_namespace = "shop";
  web.pod = "web-7d";
  web.pod_uid = "a-uid";
  web.container = "nginx";
  web.labels = {{"app", "shop"}};
  return web;
}

class GoldenOtlp : public ::testing::Test {
 protected:
  GoldenOtlp() {
    expect_ok(session_.writer().workload(pod_));
    host_.id = 2;
    host_.kind = WorkloadKind::kHost;
    host_.name = "host";
    host_.last_seen_ns = at(60);
    expect_ok(session_.writer().workload(host_));
  }

  EventSchema& opens() {
    auto& opens = session_.table(
        "trace_open", {"timestamp_raw:time", "+", "error_raw:errno", "fd", "fname:path"});
    session_.declare(opens);
    session_.row(opens, pod_,
                 {{"timestamp_raw", at(3)},
                  {"proc.comm", "nginx"},
                  {"proc.pid", std::int64_t{100}},
                  {"error_raw", std::int64_t{2}},
                  {"fname", "/etc/\"none\"\xff"}});
    session_.row(opens, host_,
                 {{"timestamp_raw", at(4)}, {"proc.comm", "<b>"}, {"fd", std::int64_t{7}}});
    return opens;
  }

  EventSchema& disks() {
    auto& disks = session_.table("profile_blockio",
                                 {"device:text", "major", "bytes_raw", "requests", "latency:text"});
    disks.kind = EventSchema::Kind::kMap;
    disks.columns[0].key = true;
    disks.columns[2].meaning = Meaning::kBytes;
    disks.columns[3].meaning = Meaning::kCounter;
    disks.columns[4].meaning = Meaning::kHistogram;
    disks.columns[4].unit = "us";
    disks.columns[4].description = "requests by latency";
    session_.declare(disks);
    for (const char* device : {"sda", "sdb"}) {
      session_.row(disks, host_,
                   {{"device", device},
                    {"major", std::int64_t{8}},
                    {"bytes_raw", std::int64_t{12288}},
                    {"requests", std::int64_t{3}},
                    {"latency", device == std::string("sda") ? "[0,1,2,0]" : "[0,0,0,0]"}});
    }
    return disks;
  }

  std::string written(const std::function<Result<>(OtlpWriter&, std::FILE*)>& write) {
    auto writer = OtlpWriter::open(session_.reader());
    expect_ok(writer);
    char* text = nullptr;
    std::size_t size = 0;
    std::FILE* out = open_memstream(&text, &size);
    expect_ok(write(*writer, out));
    std::fclose(out);
    std::string copy(text, size);
    std::free(text);
    return copy;
  }

  ReportSession session_;
  Workload pod_ = pod_of_shop(), host_;
};

TEST_F(GoldenOtlp, EventsAreLogRecordsOfTheirWorkload) {
  const auto& schema = opens();
  expect_file("otlp_events.jsonl", written([&](OtlpWriter& writer, std::FILE* out) {
                return writer.events(schema, out);
              }));
}

TEST_F(GoldenOtlp, HistogramsAndCountersAreMetrics) {
  const auto& schema = disks();
  ASSERT_TRUE(OtlpWriter::is_metrics(schema));
  expect_file("otlp_metrics.jsonl", written([&](OtlpWriter& writer, std::FILE* out) {
                return writer.metrics(schema, out);
              }));
}

TEST_F(GoldenOtlp, LossesAreWarnings) {
  session_.lose("trace_open", 12);
  expect_file("otlp_losses.jsonl",
              written([&](OtlpWriter& writer, std::FILE* out) { return writer.losses(out); }));
}

// However many rows there are, no line holds them all.
TEST_F(GoldenOtlp, ALineHoldsSomeHundredRecords) {
  auto& opens = session_.table("trace_open", {"timestamp_raw:time"});
  session_.declare(opens);
  for (std::int64_t n = 0; n < 1200; ++n) session_.row(opens, host_, {{"timestamp_raw", at(n)}});
  const auto text =
      written([&](OtlpWriter& writer, std::FILE* out) { return writer.events(opens, out); });
  EXPECT_EQ(std::ranges::count(text, '\n'), 3);
}

}  // namespace
}  // namespace ig::test
