// SPDX-License-Identifier: Apache-2.0
// That real readers take the files is shown by tests/live/test_session_export.py.
#include "reporters/pcapng_writer.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>

#include "tests/support/report_session.h"

namespace ig::test {
namespace {

struct Block {
  std::uint32_t type = 0;
  std::string body;
};

std::uint32_t number_at(const std::string& bytes, std::size_t at) {
  std::uint32_t number = 0;
  std::memcpy(&number, bytes.substr(at, sizeof(number)).data(), sizeof(number));
  return number;
}

// Each block says its length at both ends.
std::vector<Block> blocks_of(const std::string& file) {
  std::vector<Block> blocks;
  for (std::size_t at = 0; at < file.size();) {
    const auto length = number_at(file, at + 4);
    EXPECT_EQ(length % 4, 0u);
    if (length < 12 || at + length > file.size()) {
      ADD_FAILURE() << "a block of " << length << " bytes at " << at;
      break;
    }
    EXPECT_EQ(number_at(file, at + length - 4), length);
    blocks.push_back({number_at(file, at), file.substr(at + 8, length - 12)});
    at += length;
  }
  return blocks;
}

class Pcapng : public ::testing::Test {
 protected:
  Pcapng() {
    packets_.columns.back().type = ColumnType::kBlob;
    session_.declare(packets_);
  }

  void packet(const Workload& workload, const std::string& payload, std::int64_t size,
              std::int64_t time = at(1)) {
    session_.row(packets_, workload,
                 {{"timestamp_raw", time}, {"packet_size", size}, {"payload", payload}});
  }

  std::vector<Block> written() {
    char* text = nullptr;
    std::size_t size = 0;
    std::FILE* out = open_memstream(&text, &size);
    auto writer = PcapngWriter::open(session_.reader(), out);
    expect_ok(writer);
    expect_ok(writer->packets(packets_));
    std::fclose(out);
    const std::string file(text, size);
    std::free(text);
    return blocks_of(file);
  }

  ReportSession session_;
  EventSchema& packets_ =
      session_.table("tcpdump", {"timestamp_raw:time", "packet_size", "payload"});
  Workload& web_ = session_.workload("web");
  Workload& db_ = session_.workload("db");
};

TEST_F(Pcapng, AWorkloadIsAnInterface) {
  packet(web_, "one", 3);
  packet(db_, "two", 3);
  packet(web_, "three", 5);
  const auto blocks = written();
  ASSERT_EQ(blocks.size(), 6u);
  std::vector<std::uint32_t> types;
  for (const auto& block : blocks) types.push_back(block.type);
  EXPECT_EQ(types, (std::vector<std::uint32_t>{0x0A0D0D0A, 1, 6, 1, 6, 6}));
  EXPECT_NE(blocks[1].body.find("web"), std::string::npos);
  EXPECT_EQ(number_at(blocks[4].body, 0), 1u);
  EXPECT_EQ(number_at(blocks[5].body, 0), 0u);
}

TEST_F(Pcapng, WhatWasLostIsInTheHead) {
  session_.lose("tcpdump", 12);
  const auto blocks = written();
  ASSERT_EQ(blocks.size(), 1u);
  EXPECT_NE(blocks[0].body.find("lost by tcpdump: ring full, 12"), std::string::npos);
}

// A session from elsewhere may claim any size and time.
TEST_F(Pcapng, ADamagedRowIsStillAPacket) {
  packet(web_, "longer than it says", 3, -7);
  packet(web_, "", -1);
  const auto blocks = written();
  ASSERT_EQ(blocks.size(), 4u);
  EXPECT_EQ(number_at(blocks[2].body, 4), 0u);    // time
  EXPECT_EQ(number_at(blocks[2].body, 12), 19u);  // kept
  EXPECT_EQ(number_at(blocks[2].body, 16), 19u);  // size
  EXPECT_EQ(number_at(blocks[3].body, 16), 0u);
}

TEST_F(Pcapng, PacketsAreBytesBesideTheirSizeAndTime) {
  EXPECT_TRUE(PcapngWriter::holds_packets(packets_));
  auto without = packets_;
  without.columns[1].name = "data_len";
  EXPECT_FALSE(PcapngWriter::holds_packets(without));
}

}  // namespace
}  // namespace ig::test
