// SPDX-License-Identifier: Apache-2.0
#include "store/pseudonyms.h"

#include <gmock/gmock.h>

namespace ig {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

class PseudonymsTest : public testing::Test {
 protected:
  static Pseudonyms::Key key(unsigned char seed) {
    Pseudonyms::Key key{};
    key.fill(seed);
    return key;
  }
  std::string of(std::string_view text) { return pseudonyms_.of_text(text); }

  Pseudonyms pseudonyms_{key(1)};
};

TEST_F(PseudonymsTest, EqualWordsAreEqualAndOnlyUnderOneKey) {
  EXPECT_EQ(of("shop"), of("shop"));
  EXPECT_NE(of("shop"), of("shoq"));
  EXPECT_THAT(of("shop"), MatchesRegex("x[0-9a-z]{8}"));
  EXPECT_NE(of("shop"), Pseudonyms(key(2)).of_text("shop"));
  EXPECT_NE(Pseudonyms::random_key(), Pseudonyms::random_key());
}

TEST_F(PseudonymsTest, NamesFitTogetherByTheirWords) {
  EXPECT_EQ(of("shop.prod.svc.cluster.local"),
            of("shop") + "." + of("prod") + ".svc.cluster.local");
  EXPECT_EQ(of("shop-7d4b9c-x2x"), of("shop") + "-" + of("7d4b9c") + "-" + of("x2x"));
  EXPECT_EQ(of("db-0"), of("db") + "-0");
  EXPECT_EQ(of("kube-system"), "kube-system");
}

TEST_F(PseudonymsTest, WellKnownFoldersStayAndTheRestOfAPathDoesNot) {
  EXPECT_EQ(of("/usr/lib/x86_64-linux-gnu/libacme.so"),
            "/usr/lib/x86_64-linux-gnu/" + of("libacme") + ".so");
  EXPECT_THAT(of("/home/alice/.ssh/id_rsa"), MatchesRegex("/home/x[^/]{8}/\\.x.{8}/x.{8}"));
}

TEST_F(PseudonymsTest, OfAnythingWithSpacesOnlyEqualityIsLeft) {
  EXPECT_THAT(of("curl -H token:abc http://10.0.0.7/"), MatchesRegex("x.{8}"));
  EXPECT_THAT(of(std::string("a\0b", 3)), MatchesRegex("x.{8}"));
  EXPECT_EQ(of(""), "");
}

TEST_F(PseudonymsTest, AddressesKeepTheirClassAndTheirNeighbours) {
  EXPECT_THAT(of("10.1.2.3"), MatchesRegex("10\\..*"));
  EXPECT_THAT(of("192.168.7.9"), MatchesRegex("192\\.168\\..*"));
  EXPECT_THAT(of("fd00:1::7"), MatchesRegex("f[cd].*"));
  EXPECT_THAT(of("fe80::1"), MatchesRegex("fe[89ab].*"));
  for (const char* same : {"127.0.0.1", "0.0.0.0", "::1", "::", "169.254.169.254", "224.0.0.251",
                           "255.255.255.255", "ff02::fb"}) {
    EXPECT_EQ(of(same), same);
  }
  for (const char* address :
       {"8.8.8.8", "93.184.216.34", "11.0.0.1", "172.32.0.1", "2001:db8::1"}) {
    EXPECT_NE(of(address), address);
  }
  const auto first = of("10.244.3.7"), second = of("10.244.3.200");
  EXPECT_EQ(first.substr(0, first.rfind('.')), second.substr(0, second.rfind('.')));
  EXPECT_NE(first, second);
}

TEST_F(PseudonymsTest, NoPublicAddressBecomesAPrivateOne) {
  for (int first = 1; first < 224; ++first) {
    for (const char* rest : {".7.8.9", ".31.255.1", ".169.0.1", ".65.2.2"}) {
      const auto text = std::to_string(first) + rest;
      const auto is_private = [](const std::string& one) {
        for (const char* block : {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10",
                                  "127.0.0.0/8", "169.254.0.0/16", "0.0.0.0/8", "224.0.0.0/4"}) {
          if (IpNetwork::parse(block)->contains(*IpAddress::parse(one))) return std::string(block);
        }
        return std::string();
      };
      EXPECT_EQ(is_private(text), is_private(of(text))) << text << " " << of(text);
    }
  }
}

TEST_F(PseudonymsTest, ANetworkHoldsThePseudonymsOfItsAddresses) {
  const auto network = IpNetwork::parse(of("10.244.3.0/24"));
  ASSERT_TRUE(network);
  EXPECT_EQ(network->length(), 24U);
  EXPECT_TRUE(network->contains(*IpAddress::parse(of("10.244.3.7"))));
}

TEST_F(PseudonymsTest, AListOfAddressesIsOne) {
  EXPECT_EQ(of("10.1.2.3,fd00::7"), of("10.1.2.3") + "," + of("fd00::7"));
  EXPECT_EQ(of("::ffff:10.1.2.3"), "::ffff:" + of("10.1.2.3"));
}

TEST_F(PseudonymsTest, DocumentsKeepTheirForm) {
  EXPECT_EQ(
      pseudonyms_.of_document(R"({"app":"shop","kubernetes.io/metadata.name":"prod"})"),
      R"({"app":")" + of("shop") + R"(","kubernetes.io/metadata.name":")" + of("prod") + R"("})");
  EXPECT_EQ(
      pseudonyms_.of_document(R"({"node":"worker-1","ports":[{"protocol":"TCP","port":80}]})"),
      R"({"node":")" + of("worker-1") + R"(","ports":[{"protocol":"TCP","port":80}]})");
}

TEST_F(PseudonymsTest, DocumentsOfEnemiesDoNotExhaustTheStack) {
  const auto deep = std::string(200'000, '[') + "\"secret\"" + std::string(200'000, ']');
  EXPECT_THAT(pseudonyms_.of_document(deep), Not(HasSubstr("secret")));
}

TEST_F(PseudonymsTest, SentencesLoseOnlyWhatIsNamedElsewhere) {
  (void)pseudonyms_.of_document("shop");
  EXPECT_EQ(pseudonyms_.of_prose("no room for (shop): 3 events, variant fentry"),
            "no room for (" + of("shop") + "): 3 events, variant fentry");
  EXPECT_THAT(pseudonyms_.of_prose("cannot open /opt/acme/lib.so on 10.0.0.7: \"acme\""),
              Not(HasSubstr("acme")));
  EXPECT_THAT(pseudonyms_.of_prose("container 4f2a81c09b17e4 has no name"),
              Not(HasSubstr("4f2a81c09b17e4")));
}

TEST_F(PseudonymsTest, ParametersKeepNumbersOnly) {
  EXPECT_EQ(pseudonyms_.of_parameters("frequency=99 paths=true variant=fentry"),
            "frequency=99 paths=true variant=fentry");
  EXPECT_THAT(pseudonyms_.of_parameters("script=BEGIN { acme() } comm=acme"),
              Not(HasSubstr("acme")));
}

TEST_F(PseudonymsTest, StacksKeepTheirShape) {
  EXPECT_THAT(pseudonyms_.of_stack("main;acme_charge;[0x7f00]"),
              MatchesRegex("x.{8};x.{8};\\[0x7f00\\]"));
}

TEST_F(PseudonymsTest, WhatIsKeptStays) {
  Pseudonyms some(key(1), {Secret::kPaths, Secret::kAddresses});
  EXPECT_EQ(some.of_text("/home/alice"), "/home/alice");
  EXPECT_EQ(some.of_text("10.1.2.3"), "10.1.2.3");
  EXPECT_NE(some.of_text("alice"), "alice");
  EXPECT_NE(some.of_text("a b"), "a b");
  Pseudonyms names(key(1), {Secret::kNames});
  EXPECT_EQ(names.of_text("alice"), "alice");
  EXPECT_NE(names.of_unknown("alice"), "alice") << "it may be a password";
}

}  // namespace
}  // namespace ig
