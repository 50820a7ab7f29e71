// SPDX-License-Identifier: Apache-2.0
#include "store/session_signature.h"

#include <gmock/gmock.h>
#include <openssl/pem.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/unit/store/session_fixture.h"

namespace ig {
namespace {

using testing::HasSubstr;

using Pkey = Handle<EVP_PKEY, EVP_PKEY_free>;

class SessionSignature : public testing::Test {
 protected:
  std::string private_key(const Pkey& key, const std::string& name = "key.pem") {
    const auto path = folder_.file(name);
    const Handle<std::FILE, std::fclose> file(std::fopen(path.c_str(), "we"));
    EXPECT_EQ(PEM_write_PrivateKey(file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr),
              1);
    return path;
  }
  static Pkey ed25519() { return Pkey(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")); }
  static Pkey ecdsa(const char* curve) {
    return Pkey(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve));
  }
  std::string session() {
    const auto path = folder_.file("s.db");
    auto writer = SessionWriter::create(path, some_session(), {});
    expect_ok(writer);
    expect_ok((*writer)->close("duration"));
    return path;
  }
  std::string written(const std::string& name, const std::string& content) {
    std::ofstream(folder_.file(name), std::ios::binary) << content;
    return folder_.file(name);
  }

  TemporaryFolder folder_;
  const std::string digest_ = std::string(64, 'a');
};

TEST_F(SessionSignature, IsReadByItsKeyAndByNoOther) {
  for (const bool elliptic : {false, true}) {
    const auto mine = private_key(elliptic ? ecdsa("P-256") : ed25519());
    const auto other = private_key(elliptic ? ecdsa("P-256") : ed25519(), "other.pem");
    const auto key = SigningKey::read_private(mine);
    expect_ok(key);
    const auto envelope = sign_digest(digest_, "web.db", *key);
    expect_ok(envelope);
    const auto read = read_signature(*envelope, *SigningKey::read_public(mine));
    expect_ok(read);
    EXPECT_EQ(read->digest, digest_);
    EXPECT_EQ(read->name, "web.db");
    EXPECT_EQ(read_signature(*envelope, *SigningKey::read_public(other))->digest, "");
  }
}

TEST_F(SessionSignature, AChangedStatementIsNotSigned) {
  const auto path = private_key(ed25519());
  auto json =
      nlohmann::json::parse(*sign_digest(digest_, "web.db", *SigningKey::read_private(path)));
  auto statement = *from_base64(json["payload"].get<std::string>());
  statement.replace(statement.find("aaaa"), 4, "bbbb");
  json["payload"] = to_base64(statement);
  EXPECT_EQ(read_signature(json.dump(), *SigningKey::read_public(path))->digest, "");
}

TEST_F(SessionSignature, WhatIsNoEnvelopeIsAnErrorWithAHint) {
  const auto key = *SigningKey::read_private(private_key(ed25519()));
  for (
      const char* text :
      {"", "{", "[]", "{}", R"({"signatures":1})", R"({"signatures":[],"payloadType":"text"})",
       R"({"signatures":[{"sig":7}],"payloadType":"application/vnd.in-toto+json","payload":"?"})"}) {
    const auto read = read_signature(text, key);
    ASSERT_FALSE(read) << text;
    EXPECT_THAT(read.error().message, HasSubstr("no signature of a session"));
    EXPECT_NE(read.error().hint, "");
  }
  for (const char* signatures : {"[]", "[1]", "[{}]", R"([{"sig":""}])", R"([{"sig":"AAAA"}])"}) {
    const auto read = read_signature(
        R"({"payloadType":"application/vnd.in-toto+json","payload":"e30=","signatures":)" +
            std::string(signatures) + "}",
        key);
    expect_ok(read);
    EXPECT_EQ(read->digest, "") << signatures;
  }
}

TEST_F(SessionSignature, KeysOfOtherKindsAndWhatIsNoKeyAreErrorsWithAHint) {
  for (const auto& path :
       {private_key(ecdsa("P-384")), written("empty", ""),
        written("text", "-----BEGIN PRIVATE KEY-----\nAAAA\n"), folder_.file("missing")}) {
    for (const auto& key : {SigningKey::read_private(path), SigningKey::read_public(path)}) {
      ASSERT_FALSE(key) << path;
    }
  }
  EXPECT_THAT(SigningKey::read_private(folder_.file("empty")).error().message,
              HasSubstr("is no key in PEM"));
}

TEST_F(SessionSignature, ASessionThatMayStillChangeHasNoDigest) {
  const auto path = session();
  const auto digest = session_digest(path);
  expect_ok(digest);
  EXPECT_EQ(digest->size(), 64U);
  written("s.db-wal", "");
  const auto refused = session_digest(path);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("still being recorded"));
  EXPECT_FALSE(session_digest(written("text", "text")));
}

TEST_F(SessionSignature, LinesAreThoseOfSha256sum) {
  EXPECT_EQ(digest_line(digest_, "web.db"), digest_ + "  web.db\n");
  EXPECT_EQ(digest_line(digest_, "a\nb"), "\\" + digest_ + "  a\\nb\n");
  EXPECT_EQ(*read_digest_line(digest_ + "  other\n" + digest_line(digest_, "a\\b"), "a\\b"),
            digest_);
  EXPECT_EQ(*read_digest_line(digest_ + " *web.db\r\n", "web.db"), digest_);
  EXPECT_FALSE(read_digest_line(digest_ + "  other\n", "web.db"));
  EXPECT_FALSE(read_digest_line("garbage\n\n  \n", "web.db"));
}

}  // namespace
}  // namespace ig
