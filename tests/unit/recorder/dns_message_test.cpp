// SPDX-License-Identifier: Apache-2.0
#include "recorder/extension/dns_message.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string_view>
#include <vector>

namespace ig {
namespace {

// A message made by hand: a header, then whatever is appended.
class Made {
 public:
  Made(std::uint16_t flags, std::uint16_t questions, std::uint16_t answers,
       std::uint16_t additional = 0) {
    words({0x1a2b, flags, questions, answers, 0, additional});
  }
  Made& words(std::initializer_list<unsigned> values) {
    for (const auto value : values) raw({value >> 8, value & 0xff});
    return *this;
  }
  Made& raw(std::initializer_list<unsigned> values) {
    for (const auto value : values) bytes_.push_back(static_cast<std::byte>(value));
    return *this;
  }
  Made& label(std::string_view text) {
    bytes_.push_back(static_cast<std::byte>(text.size()));
    for (const char c : text) bytes_.push_back(static_cast<std::byte>(c));
    return *this;
  }
  Made& question(unsigned type) { return label("www").label("example").raw({0}).words({type, 1}); }
  // By a pointer to the question's name.
  Made& answer(unsigned type, std::initializer_list<unsigned> data) {
    return words({0xc00c, type, 1, 0, 60, static_cast<unsigned>(data.size())}).raw(data);
  }
  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

constexpr std::uint16_t kQuery = 0x0100, kResponse = 0x8180;

TEST(DnsMessage, ReadsAQuery) {
  DnsMessage message;
  ASSERT_TRUE(message.read(Made(kQuery, 1, 0).question(28).bytes()));
  EXPECT_EQ(message.id, 0x1a2b);
  EXPECT_FALSE(message.is_response);
  EXPECT_TRUE(message.wants_recursion);
  EXPECT_FALSE(message.has_recursion);
  EXPECT_EQ(message.qtype, 28);
  EXPECT_EQ(message.name, "www.example.");
  EXPECT_EQ(message.addresses, "");
}

TEST(DnsMessage, ReadsAddressesAndPassesOverOtherAnswers) {
  DnsMessage message;
  const auto made = Made(kResponse, 1, 4)
                        .question(1)
                        .answer(5, {1, 'x', 0xc0, 0x0c})
                        .answer(1, {192, 0, 2, 1})
                        .answer(28, {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1})
                        .answer(1, {1, 2, 3});  // an address has four bytes
  ASSERT_TRUE(message.read(made.bytes()));
  EXPECT_TRUE(message.is_response);
  EXPECT_TRUE(message.has_recursion);
  EXPECT_EQ(message.answer_count, 4);
  EXPECT_EQ(message.addresses, "192.0.2.1,2001:db8::1");
}

TEST(DnsMessage, ReadsTheWholeResultCode) {
  DnsMessage message;
  ASSERT_TRUE(message.read(Made(0x8183, 1, 0).question(1).bytes()));
  EXPECT_EQ(message.rcode, 3);
  // The upper bits are in an OPT record: 1 << 4 | 0 = BADVERS.
  const auto made = Made(kResponse, 1, 0, 1).question(1).raw({0}).words({41, 1232, 0x0100, 0, 0});
  ASSERT_TRUE(message.read(made.bytes()));
  EXPECT_EQ(message.rcode, 16);
}

TEST(DnsMessage, EscapesWhatWouldMislead) {
  DnsMessage message;
  const auto made = Made(kQuery, 1, 0)
                        .label("a.b")
                        .label(std::string_view("\x1b[1m\0\\", 6))
                        .raw({0})
                        .words({1, 1});
  ASSERT_TRUE(message.read(made.bytes()));
  EXPECT_EQ(message.name, "a\\.b.\\027[1m\\000\\\\.");
}

TEST(DnsMessage, NamesTheRoot) {
  DnsMessage message;
  ASSERT_TRUE(message.read(Made(kQuery, 1, 0).raw({0}).words({2, 1}).bytes()));
  EXPECT_EQ(message.name, ".");
}

TEST(DnsMessage, ReadsWhatThereIsOfACutMessage) {
  const auto made =
      Made(kResponse, 1, 2).question(1).answer(1, {192, 0, 2, 1}).answer(1, {192, 0, 2, 2});
  DnsMessage message;
  for (std::size_t size = 0; size < made.bytes().size(); ++size) {
    EXPECT_EQ(message.read(made.bytes().first(size)), size >= 12) << size;
  }
  EXPECT_EQ(message.addresses, "192.0.2.1");
  EXPECT_EQ(message.answer_count, 2);
}

TEST(DnsMessage, ComesToAnEndWithNamesThatPointAtThemselves) {
  DnsMessage message;
  EXPECT_TRUE(message.read(Made(kQuery, 1, 0).words({0xc00c, 1, 1}).bytes()));
  EXPECT_EQ(message.qtype, 0);
  EXPECT_TRUE(message.read(Made(kQuery, 1, 0).label("a").words({0xc00c, 1, 1}).bytes()));
  EXPECT_LE(message.name.size(), 4U * 255);
  EXPECT_TRUE(message.read(Made(kQuery, 1, 0).words({0xffff, 1, 1}).bytes()));
  EXPECT_TRUE(message.read(Made(kQuery, 0xffff, 0xffff, 0xffff).bytes()));
}

}  // namespace
}  // namespace ig
