// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/event_decoder.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

namespace ig {
namespace {

using Kind = FieldLayout::Kind;

// A data source made by hand, one field after the other.
struct Made {
  DataSource source;
  std::vector<std::byte> record;

  template <typename T>
  Made& add(const char* name, Kind kind, const T& value, Meaning meaning = Meaning::kPlain) {
    return add(name, {.kind = kind, .size = sizeof(T)}, value, meaning);
  }

  template <typename T>
  Made& add(const char* name, FieldLayout layout, const T& value,
            Meaning meaning = Meaning::kPlain) {
    Column column;
    column.name = name;
    column.meaning = meaning;
    layout.offset = static_cast<std::uint32_t>(record.size());
    layout.version_offset = layout.offset + 16;
    source.schema.columns.push_back(column);
    source.fields.push_back(layout);
    const auto* bytes = reinterpret_cast<const std::byte*>(&value);
    record.insert(record.end(), bytes, bytes + sizeof value);
    source.record_size = source.least_size = static_cast<std::uint32_t>(record.size());
    return *this;
  }

  std::vector<Value> decode() {
    EventDecoder decoder(source, ClockOffset(1000));
    EXPECT_TRUE(decoder.decode(record));
    kept.assign(decoder.values().begin(), decoder.values().end());
    // Text that the decoder made goes with it.
    texts.clear();
    for (const auto& value : kept) texts.emplace_back(value.text);
    return kept;
  }
  std::vector<Value> kept;
  std::vector<std::string> texts;
};

TEST(EventDecoder, ReadsNumbersOfEverySizeAndSign) {
  Made made;
  made.add("u8", Kind::kUnsigned, std::uint8_t{255})
      .add("s8", Kind::kSigned, std::int8_t{-1})
      .add("u16", Kind::kUnsigned, std::uint16_t{65535})
      .add("s32", Kind::kSigned, std::int32_t{-7})
      .add("u64", Kind::kUnsigned, std::uint64_t{1} << 63)
      .add("bool", Kind::kBool, std::uint8_t{2})
      .add("float", Kind::kFloat, 0.5F)
      .add("double", Kind::kFloat, -2.25);
  const auto values = made.decode();
  EXPECT_EQ(values[0].integer, 255);
  EXPECT_EQ(values[1].integer, -1);
  EXPECT_EQ(values[2].integer, 65535);
  EXPECT_EQ(values[3].integer, -7);
  EXPECT_EQ(values[4].integer, INT64_MIN);
  EXPECT_EQ(values[5].integer, 1);
  EXPECT_EQ(values[6].real, 0.5);
  EXPECT_EQ(values[7].real, -2.25);
}

TEST(EventDecoder, TextEndsAtItsNulAndNothingBehindItIsSeen) {
  Made made;
  made.add("stale", Kind::kText, std::array<char, 8>{'o', 'k', 0, 'L', 'E', 'A', 'K', 0})
      .add("full", Kind::kText, std::array<char, 4>{'f', 'u', 'l', 'l'})
      .add("bytes", Kind::kText, std::array<char, 4>{'\xff', '\xc3', '\x1b', 0});
  made.decode();
  EXPECT_EQ(made.texts[0], "ok");
  EXPECT_EQ(made.texts[1], "full");
  EXPECT_EQ(made.texts[2], "\xff\xc3\x1b");
}

TEST(EventDecoder, SeveralStringsAreJoinedAsFarAsTheirLengthGoes) {
  for (const auto& [length, text] : {std::pair(5U, "a bc"), std::pair(4U, "a bc"),
                                     std::pair(0U, ""), std::pair(4000000000U, "a bc  STALE")}) {
    Made made;
    made.add("args_size", Kind::kUnsigned, std::uint32_t{length})
        .add("args", {.kind = Kind::kStrings, .size = 11, .length_size = 4},
             std::array<char, 11>{'a', 0, 'b', 'c', 0, 0, 'S', 'T', 'A', 'L', 'E'});
    made.decode();
    EXPECT_EQ(made.texts[1], text);
  }
}

TEST(EventDecoder, AddressesBecomeText) {
  struct Endpoint {
    std::array<std::uint8_t, 16> bytes{};
    std::uint8_t version = 0;
  };
  const FieldLayout layout{.kind = Kind::kAddress, .size = 16};
  Made made;
  made.add("v4", layout, Endpoint{{127, 0, 0, 1}, 4})
      .add("v6", layout, Endpoint{{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 6})
      .add("none", layout, Endpoint{{1, 2, 3, 4}, 0});
  const auto values = made.decode();
  EXPECT_EQ(made.texts[0], "127.0.0.1");
  EXPECT_EQ(made.texts[1], "2001:db8::1");
  EXPECT_EQ(made.texts[2], "");
  EXPECT_EQ(values[2].kind, Value::Kind::kText) << "a key column is never NULL";
}

TEST(EventDecoder, ArraysBecomeJson) {
  Made made;
  made.add("slots", {.kind = Kind::kArray, .element = Kind::kUnsigned, .size = 4, .count = 3},
           std::array<std::uint32_t, 3>{1, 4294967295, 0})
      .add("signed", {.kind = Kind::kArray, .element = Kind::kSigned, .size = 8, .count = 2},
           std::array<std::int64_t, 2>{INT64_MIN, -1})
      .add("real", {.kind = Kind::kArray, .element = Kind::kFloat, .size = 8, .count = 2},
           std::array<double, 2>{-1.7976931348623157e308, 1.0 / 0.0});
  made.decode();
  EXPECT_EQ(made.texts[0], "[1,4294967295,0]");
  EXPECT_EQ(made.texts[1], "[-9223372036854775808,-1]");
  EXPECT_EQ(made.texts[2], "[-1.7976931348623157e+308,null]");
}

TEST(EventDecoder, BootTimeBecomesWallTime) {
  Made made;
  made.add("timestamp_raw", Kind::kTimestamp, std::uint64_t{5})
      .add("never", Kind::kTimestamp, std::uint64_t{0})
      .add("garbage", Kind::kTimestamp, ~std::uint64_t{0});
  const auto values = made.decode();
  EXPECT_EQ(values[0].integer, 1005);
  EXPECT_EQ(values[1].integer, 0);
  EXPECT_EQ(values[2].integer, 0);
}

TEST(EventDecoder, ShortRecordsReadAsZerosWithinTheTrailingArrayOnly) {
  Made made;
  made.add("count", Kind::kUnsigned, std::uint32_t{3})
      .add("path", Kind::kText, std::array<char, 8>{'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'});
  made.source.least_size = 4;
  EventDecoder decoder(made.source, ClockOffset(0));
  const std::span record(made.record);
  EXPECT_FALSE(decoder.decode(record.first(3)));
  EXPECT_FALSE(decoder.decode({}));
  ASSERT_TRUE(decoder.decode(record.first(4)));
  EXPECT_EQ(decoder.values()[1].text, "");
  ASSERT_TRUE(decoder.decode(record.first(6)));
  EXPECT_EQ(decoder.values()[1].text, "ab");
  EXPECT_EQ(decoder.values()[0].integer, 3);
}

TEST(EventDecoder, BytesBehindTheStructAreNotLookedAt) {
  Made made;
  made.add("text", Kind::kText, std::array<char, 2>{'a', 'b'});
  made.record.resize(100, std::byte{'x'});
  made.decode();
  EXPECT_EQ(made.texts[0], "ab");
}

TEST(EventDecoder, TellsWhoAndWhen) {
  Made made;
  made.add("t", Kind::kTimestamp, std::uint64_t{7})
      .add("mntns", Kind::kUnsigned, std::uint64_t{4026531841})
      .add("cgroup", Kind::kUnsigned, std::uint64_t{99});
  made.source.identity = {.mntns_id = 1, .cgroup_id = 2, .time = 0};
  EventDecoder decoder(made.source, ClockOffset(1));
  ASSERT_TRUE(decoder.decode(made.record));
  EXPECT_EQ(decoder.time_ns(), 8);
  EXPECT_EQ(decoder.identity(), (TaskIdentity{.mntns_id = 4026531841, .cgroup_id = 99}));
}

}  // namespace
}  // namespace ig
