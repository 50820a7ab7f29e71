// SPDX-License-Identifier: Apache-2.0
// Logs are kept by many, and anybody may write into some of them.
#include "recorder/source/audit_log.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace ig {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string kFields =
    R"(auid=4294967295 uid=33 gid=33 ses=4294967295 subj=unconfined pid=131 comm="web" )"
    R"(exe="/usr/bin/web" sig=0 arch=c000003e syscall=100 compat=0 ip=0x7f1 code=0x7ffc0000)";
const std::string kRecord = "audit(1732243000.123:45): " + kFields;

struct Found {
  std::vector<std::uint64_t> serials;
  std::uint64_t misread = 0;
  SeccompRecord last;
  AuditLog::Origin origin;
};

Found read(const std::vector<std::string>& lines) {
  Found found;
  AuditLog log([&](SeccompRecord record, const AuditLog::Origin& origin) {
    found.serials.push_back(record.serial);
    found.last = std::move(record);
    found.origin = origin;
  });
  for (const auto& line : lines) log.take(line);
  log.end();
  found.misread = log.misread();
  return found;
}

TEST(AuditLog, ReadsTheLineWhereverItIsKept) {
  const auto enriched =
      kRecord + "\x1d" + R"(AUID="unset" UID="www-data" ARCH=x86_64 SYSCALL=times)";
  for (const auto& line : {
           "type=SECCOMP msg=" + kRecord,
           "node=web1 type=SECCOMP msg=" + kRecord,
           "type=SECCOMP msg=" + enriched,
           "type=UNKNOWN[1326] msg=" + kRecord,
           "[  123.456789] audit: type=1326 " + kRecord,
           "type=1326 " + kRecord + "\r",
           "Nov 22 09:52:47 web1 kernel: audit: type=1326 " + kRecord,
           "Nov 22 09:52:47 web1 kernel: [  123.4] audit: type=1326 " + kRecord,
       }) {
    const auto found = read({line});
    ASSERT_THAT(found.serials, ElementsAre(45)) << line;
    EXPECT_EQ(found.last.syscall, 100U);
    EXPECT_EQ(found.last.code, 0x7ffc0000U) << line;
    EXPECT_EQ(found.last.time_ns, 1'732'243'000'123'000'000);
    EXPECT_EQ(found.last.comm, "web");
    EXPECT_EQ(found.misread, 0U);
  }
}

TEST(AuditLog, GarbageBetweenLinesIsNothing) {
  const auto found =
      read({"", "\xff\xfe", "{", "{\"a\":", "[1]", "{\"MESSAGE\":null}", "type=SECCOMP",
            "type=SYSCALL msg=audit(1.123:4): arch=c000003e syscall=1 pid=1",
            "type=1326 msg=", "type=SECCOMP msg=" + kRecord, "more"});
  EXPECT_THAT(found.serials, ElementsAre(45));
  EXPECT_EQ(found.misread, 0U);
}

TEST(AuditLog, LinesThatWereCutOffAreCounted) {
  const auto line = "type=SECCOMP msg=" + kRecord;
  EXPECT_EQ(read({line.substr(0, line.size() - 20)}).misread, 1U);
  EXPECT_EQ(read({"type=SECCOMP msg=audit("}).misread, 1U);
  EXPECT_EQ(read({"type=1326 audit(99999999999999999999.123:4): " + kFields}).misread, 1U);
  EXPECT_EQ(read({R"({"MESSAGE":"type=1326 )" + kRecord}).misread, 1U) << "not the end of JSON";
  // A cut that leaves a whole record with a shorter number must not exist: code is last.
  for (std::size_t size = 0; size < line.size() - 9; ++size) {
    EXPECT_THAT(read({line.substr(0, size)}).serials, IsEmpty()) << size;
  }
}

TEST(AuditLog, JournalsShortLinesOfTheAuditSocketLackTimeAndNumber) {
  const auto found = read({"Nov 22 09:52:47 web1 audit[131]: SECCOMP " + kFields});
  EXPECT_THAT(found.serials, IsEmpty());
  EXPECT_EQ(found.misread, 1U);
}

std::string json_line(const std::string& transport, const std::string& message) {
  return nlohmann::json{{"_TRANSPORT", transport}, {"MESSAGE", message}, {"PRIORITY", "5"}}.dump();
}

TEST(AuditLog, ReadsTheJournalsJson) {
  EXPECT_THAT(read({json_line("kernel", "audit: type=1326 " + kRecord)}).serials, ElementsAre(45));
  auto bytes = nlohmann::json::array();
  for (const char c : "audit: type=1326 " + kRecord) bytes.push_back(static_cast<unsigned char>(c));
  const auto as_bytes = nlohmann::json{{"_TRANSPORT", "kernel"}, {"MESSAGE", bytes}}.dump();
  EXPECT_THAT(read({as_bytes}).serials, ElementsAre(45));
  const nlohmann::json by_socket{{"_TRANSPORT", "audit"},
                                 {"_AUDIT_TYPE", "1326"},
                                 {"_AUDIT_ID", "46"},
                                 {"_SOURCE_REALTIME_TIMESTAMP", "1732243000007000"},
                                 {"MESSAGE", "SECCOMP " + kFields}};
  const auto found = read({by_socket.dump()});
  EXPECT_THAT(found.serials, ElementsAre(46));
  EXPECT_EQ(found.last.time_ns, 1'732'243'000'007'000'000);
}

TEST(AuditLog, ReadsTheJournalsExportFormat) {
  const auto found =
      read({"__CURSOR=s=1", "_TRANSPORT=kernel", "MESSAGE=audit: type=1326 " + kRecord, "",
            "__CURSOR=s=2", "MESSAGE=SECCOMP " + kFields, "_AUDIT_ID=46", "_AUDIT_TYPE=1326",
            "_SOURCE_REALTIME_TIMESTAMP=1732243000007000", "_TRANSPORT=audit"});
  EXPECT_THAT(found.serials, ElementsAre(45, 46));
  EXPECT_EQ(found.last.time_ns, 1'732'243'000'007'000'000);
}

TEST(AuditLog, SaysOfWhichMachineAndBootWhereTheLogDoes) {
  EXPECT_EQ(read({"node=web1 type=SECCOMP msg=" + kRecord}).origin.node, "web1");
  EXPECT_EQ(read({"type=SECCOMP msg=" + kRecord}).origin.node, "");
  const nlohmann::json entry{{"_BOOT_ID", "abc"}, {"MESSAGE", "audit: type=1326 " + kRecord}};
  EXPECT_EQ(read({entry.dump()}).origin.boot_id, "abc");
  EXPECT_EQ(read({"__CURSOR=1", "_BOOT_ID=abc", "MESSAGE=type=1326 " + kRecord}).origin.boot_id,
            "abc");
}

// `logger` writes what it likes; a call that nobody made would widen a profile.
TEST(AuditLog, OnlyTheKernelsEntriesCountWhereTheJournalSaysWhose) {
  for (const char* other : {"syslog", "stdout", "journal"}) {
    const auto forged = read({json_line(other, "audit: type=1326 " + kRecord)});
    EXPECT_THAT(forged.serials, IsEmpty()) << other;
    EXPECT_EQ(forged.misread, 0U);
  }
  EXPECT_THAT(read({"__CURSOR=s=1", "MESSAGE=type=1326 " + kRecord, "_TRANSPORT=syslog"}).serials,
              IsEmpty());
}

}  // namespace
}  // namespace ig
