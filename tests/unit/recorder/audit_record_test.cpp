// SPDX-License-Identifier: Apache-2.0
#include "recorder/source/audit_record.h"

#include <gtest/gtest.h>

#include <string>

namespace ig {
namespace {

std::string record_of(const std::string& comm, const std::string& label = "unconfined",
                      const std::string& rest =
                          "arch=c000003e syscall=110 compat=0 ip=0x7f1 "
                          "code=0x7ffc0000") {
  return "audit(1732243000.123:45): auid=4294967295 uid=1000 gid=100 ses=7 subj=" + label +
         " pid=13146 comm=" + comm + " exe=\"/usr/bin/x\" sig=0 " + rest;
}

TEST(AuditRecord, IsTakenApart) {
  const auto record = parse_seccomp_record(record_of("\"sec\"") + std::string(3, '\0'));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->time_ns, 1'732'243'000'123'000'000);
  EXPECT_EQ(record->serial, 45U);
  EXPECT_EQ(record->exe, "/usr/bin/x");
  EXPECT_EQ(record->pid, 13146);
  EXPECT_EQ(record->uid, 1000U) << "not auid";
  EXPECT_EQ(record->gid, 100U);
  EXPECT_EQ(record->comm, "sec");
  EXPECT_EQ(record->arch, 0xc000003eU);
  EXPECT_EQ(record->syscall, 110U);
  EXPECT_EQ(record->code, 0x7ffc0000U);
}

TEST(AuditRecord, NamesThatAProcessChoseAreNoFields) {
  // `a" pid=1 ` in hexadecimal, as the kernel writes what holds quotes or spaces.
  const auto hostile = parse_seccomp_record(record_of("6122207069643d3120"));
  ASSERT_TRUE(hostile);
  EXPECT_EQ(hostile->comm, "a\" pid=1 ");
  EXPECT_EQ(hostile->pid, 13146);
  const auto label = parse_seccomp_record(record_of("\"sec\"", "my pid=1 uid=0 (enforce)"));
  ASSERT_TRUE(label);
  EXPECT_EQ(label->pid, 13146);
  EXPECT_EQ(label->uid, 1000U);
}

TEST(AuditRecord, WhatLacksSomethingIsNone) {
  EXPECT_FALSE(parse_seccomp_record(""));
  EXPECT_FALSE(parse_seccomp_record("audit(1.1"));
  for (const char* stamp : {"1732243000.123:", "1732243000.123", "1732243000.1:45", "1732243000:45",
                            ".123:45", "1732243000.123:x", "1732243000.123:99999999999999999999",
                            "-1.123:45", "9000000000.123:45", "1732243000.1234:5"}) {
    auto text = record_of("\"sec\"");
    text.replace(6, sizeof("1732243000.123:45") - 1, stamp);
    EXPECT_FALSE(parse_seccomp_record(text)) << text;
  }
  EXPECT_FALSE(parse_seccomp_record("audit(99999999999999999999.123:4): pid=1"));
  EXPECT_FALSE(parse_seccomp_record(record_of("\"sec\"", "x", "syscall=1 code=0x7ffc0000")));
  EXPECT_FALSE(
      parse_seccomp_record(record_of("\"sec\"", "x", "arch=c000003e syscall=-1 code=0x0")));
  EXPECT_FALSE(
      parse_seccomp_record(record_of("\"sec\"", "x", "arch=c000003e syscall=4294967296 code=0x0")));
}

TEST(AuditRecord, KnowsTheTableOfANumber) {
  std::uint32_t number = 110;
  EXPECT_EQ(syscall_table_of(0xc000003e, number), "x86_64");
  number |= 0x40000000;
  EXPECT_EQ(syscall_table_of(0xc000003e, number), "x32");
  EXPECT_EQ(number, 110U);
  number = UINT32_MAX;
  EXPECT_EQ(syscall_table_of(0xc000003e, number), "x86_64");
  EXPECT_EQ(syscall_table_of(0x40000003, number), "i386");
  EXPECT_EQ(syscall_table_of(0xc00000b7, number), "aarch64");
  EXPECT_EQ(syscall_table_of(0x40000028, number), "arm");
  EXPECT_EQ(syscall_table_of(1, number), "");
}

}  // namespace
}  // namespace ig
