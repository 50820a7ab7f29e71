// SPDX-License-Identifier: Apache-2.0
#include "base/ip_address.h"

#include <gtest/gtest.h>

namespace ig::test {
namespace {

IpNetwork network(std::string_view text) { return IpNetwork::parse(text).value(); }
IpAddress address(std::string_view text) { return IpAddress::parse(text).value(); }

TEST(IpNetwork, ClearsWhatIsBehindItsPrefix) {
  EXPECT_EQ(network("10.1.2.3/20").text(), "10.1.0.0/20");
  EXPECT_EQ(network("fd00:1::ffff/33").text(), "fd00:1::/33");
  EXPECT_EQ(network("10.1.2.3/0").text(), "0.0.0.0/0");
}

TEST(IpNetwork, OfAnAddressAloneHasThatOne) {
  EXPECT_EQ(network("10.1.2.3").text(), "10.1.2.3/32");
  EXPECT_EQ(network("fd00::1").text(), "fd00::1/128");
}

TEST(IpNetwork, ContainsItsFirstAndLastAddressAndNoneBeside) {
  const auto block = network("10.1.16.0/20");
  EXPECT_TRUE(block.contains(address("10.1.16.0")));
  EXPECT_TRUE(block.contains(address("10.1.31.255")));
  EXPECT_FALSE(block.contains(address("10.1.15.255")));
  EXPECT_FALSE(block.contains(address("10.1.32.0")));
}

TEST(IpNetwork, OfOneFamilyContainsNoneOfTheOther) {
  EXPECT_FALSE(network("::/0").contains(address("10.0.0.1")));
  EXPECT_FALSE(network("0.0.0.0/0").contains(address("::1")));
}

TEST(IpNetwork, ContainsNarrowerNetworksOnly) {
  EXPECT_TRUE(network("10.0.0.0/8").contains(network("10.3.0.0/16")));
  EXPECT_FALSE(network("10.3.0.0/16").contains(network("10.0.0.0/8")));
}

TEST(IpNetwork, OfMappedAddressesIsOfTheirFamily) {
  EXPECT_EQ(network("::ffff:10.0.0.0/104").text(), "10.0.0.0/8");
  EXPECT_FALSE(IpNetwork::parse("::ffff:10.0.0.0/90"));
}

TEST(IpNetwork, RefusesWhatIsNone) {
  for (const auto* text : {"", "10.0.0.0/33", "fd00::/129", "10.0.0/8", "10.0.0.0/", "10.0.0.0/-1",
                           "10.0.0.0/8 ", "/8", "10.0.0.0/8/8"}) {
    EXPECT_FALSE(IpNetwork::parse(text)) << text;
  }
}

}  // namespace
}  // namespace ig::test
