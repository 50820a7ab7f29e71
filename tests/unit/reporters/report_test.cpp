// SPDX-License-Identifier: Apache-2.0
// Reports as pages and as profiles; their texts are golden files.
#include <gtest/gtest.h>
#include <zlib.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "reporters/display_text.h"
#include "reporters/report/report_html.h"
#include "reporters/report/report_json.h"
#include "reporters/report/report_text.h"
#include "reporters/report/stack_formats.h"
#include "tests/support/report_shop.h"

namespace ig {
namespace {

using test::ReportSession;

report::Report full_report(ReportSession& session) {
  auto made = report::make_full_report({&session.reader(), "shop.db"}, {});
  expect_ok(made);
  return *made;
}

std::string data_of(const std::string& page) {
  const std::string begin = "id=\"data\">", end = "</script>";
  const auto from = page.find(begin) + begin.size();
  return page.substr(from, page.find(end, from) - from);
}

TEST(ReportPage, HoldsEverythingAndAsksNobody) {
  ReportSession session;
  test::fill_shop(session);
  const std::vector reports = {full_report(session)};
  auto page = report_html(reports);
  EXPECT_LT(page.size(), 400'000U);
  const auto data = data_of(page);
  page.erase(page.find(data), data.size());
  for (const char* asks : {"@DATA@", "src=", "href=\"http", "@import", "fetch(", "XMLHttp"}) {
    EXPECT_EQ(page.find(asks), std::string::npos) << asks;
  }
}

TEST(ReportPage, ANameCannotLeadOutOfItsData) {
  ReportSession session;
  test::fill_shop(session);
  const std::vector reports = {full_report(session)};
  const auto data = data_of(report_html(reports));
  EXPECT_EQ(data.find('<'), std::string::npos);
  const auto parsed = nlohmann::json::parse(data, nullptr, false);
  ASSERT_FALSE(parsed.is_discarded());
  EXPECT_NE(parsed.dump().find("<script>alert(1)</script>"), std::string::npos);
}

TEST(ReportText, NamesCannotSteerTheTerminal) {
  ReportSession session;
  test::fill_shop(session);
  const auto text = report_text(session.report("exec"), Style{});
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_NE(text.find("/tmp/odd \\x1b[31m<script>"), std::string::npos) << text;
}

TEST(ReportText, LinesFitTheTerminal) {
  ReportSession session;
  test::fill_shop(session);
  for (const auto& kind : report::kinds()) {
    const auto text = report_text(session.report(kind.name), Style{80, false});
    for (const auto line : split(text, '\n')) {
      const bool words = line.find(": ") != std::string_view::npos;  // headlines and notes wrap
      EXPECT_TRUE(words || display_width(line) <= 80) << line;
    }
  }
}

std::string unzipped(const std::string& bytes) {
  std::string out(1 << 20, '\0');
  z_stream stream{};
  inflateInit2(&stream, 16 + MAX_WBITS);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

TEST(Pprof, IsGzippedAndHasEveryFunctionOnce) {
  ReportSession session;
  test::fill_shop(session);
  const std::vector reports = {session.report("cpu")};
  const auto packed = pprof_profile(reports);
  ASSERT_TRUE(packed);
  const auto profile = unzipped(*packed);
  const auto first = profile.find("ngx_worker");
  EXPECT_NE(first, std::string::npos);
  EXPECT_EQ(profile.find("ngx_worker", first + 1), std::string::npos);
  EXPECT_NE(profile.find("nanoseconds"), std::string::npos);
}

TEST(FoldedStacks, SumUpToAllSamples) {
  ReportSession session;
  test::fill_shop(session);
  const std::vector reports = {session.report("cpu"), session.report("cpu")};
  std::uint64_t samples = 0;
  for (const auto line : split(folded_stacks(reports), '\n')) {
    if (!line.empty()) samples += std::stoull(std::string(line.substr(line.rfind(' '))));
  }
  EXPECT_EQ(samples, 2U * (60 + 25 + 110 + 180 + 40 + 3 + 20));
}

}  // namespace
}  // namespace ig
