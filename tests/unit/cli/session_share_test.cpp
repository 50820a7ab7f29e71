// SPDX-License-Identifier: Apache-2.0
// What is taken out of a session before it is shared, from the command line to the advice.
#include <gmock/gmock.h>
#include <openssl/pem.h>

#include <fstream>
#include <iterator>

#include "tests/support/run_command.h"
#include "tests/unit/store/learned_fixture.h"

namespace ig {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using test::Outcome;
using test::run;

class SessionShare : public testing::Test {
 protected:
  SessionShare() {
    LearnedSession session(path_);
    session.process(kWeb, 101, at(12));
    session.call(kWeb, 0);
    session.call(kDb, 1);
    session.value(kDb, 1, 0, 7);
    session.close();
  }
  std::string key(const char* name, bool is_public) {
    const auto path = folder_.file(name);
    const Handle<std::FILE, std::fclose> file(std::fopen(path.c_str(), "we"));
    if (is_public) {
      PEM_write_PUBKEY(file.get(), key_.get());
    } else {
      PEM_write_PrivateKey(file.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
    }
    return path;
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.file("s.db"), out_ = folder_.file("out.db");
  Handle<EVP_PKEY, EVP_PKEY_free> key_{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")};
};

TEST_F(SessionShare, WhereToHasToBeSaid) {
  for (const char* command : {"prune", "anonymize"}) {
    const auto neither = run({"session", command, path_});
    EXPECT_EQ(neither.status, 2);
    EXPECT_THAT(neither.words, HasSubstr("--in-place"));
    EXPECT_EQ(run({"session", command, path_, "-o", out_, "--in-place"}).status, 2);
  }
  EXPECT_FALSE(std::filesystem::exists(out_));
}

TEST_F(SessionShare, WhatIsPrunedIsSaidOnceAndForEver) {
  const auto outcome =
      run({"session", "prune", path_, "--container", "web", "--drop", "trace_exec", "-o", out_});
  EXPECT_EQ(outcome.status, 0) << outcome.words;
  EXPECT_EQ(outcome.out, out_ + "\n");
  EXPECT_THAT(outcome.words, HasSubstr("trace_exec: 1 row gone"));
  EXPECT_THAT(run({"session", "info", out_}).out, HasSubstr("1 of 3 workloads were kept"));
  const auto check = run({"session", "check", out_});
  EXPECT_EQ(check.status, 3);
  EXPECT_THAT(check.out, HasSubstr("pruned: 1 of 3 workloads were kept"));
}

TEST_F(SessionShare, AdviceOfAWorkloadThatWasKeptIsTheSame) {
  ASSERT_EQ(run({"session", "prune", path_, "--container", "web", "-o", out_}).status, 0);
  const auto before = run({"advise", "seccomp-profile", path_, "--container", "web"});
  const auto after = run({"advise", "seccomp-profile", out_, "--container", "web"});
  EXPECT_EQ(after.status, 0) << after.words;
  EXPECT_EQ(after.out, before.out);
}

TEST_F(SessionShare, AdviceWhoseEvidenceWasCutIsRefused) {
  const auto cut = {"session", "prune",     path_.c_str(), "--drop", "advise_seccomp_arguments",
                    "-o",      out_.c_str()};
  ASSERT_EQ(run({cut.begin(), cut.end()}).status, 0);
  const auto refused = run({"advise", "seccomp-profile", out_, "--container", "db"});
  EXPECT_EQ(refused.status, 3);
  EXPECT_THAT(refused.words, HasSubstr("pruned of advise_seccomp"));
  EXPECT_THAT(refused.words, HasSubstr("the table advise_seccomp_arguments"));
  EXPECT_THAT(refused.words, HasSubstr("--tolerate-loss"));
  const auto other = run({"advise", "seccomp-profile", out_, "--container", "web"});
  EXPECT_EQ(other.status, 0) << "it had no row there: " << other.words;
}

TEST_F(SessionShare, AGadgetThatWentIsNotOneThatSawNothing) {
  ASSERT_EQ(run({"session", "prune", path_, "--drop", "advise_seccomp", "--in-place"}).status, 0);
  const auto outcome = run({"advise", "seccomp-profile", path_, "--container", "web"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.words, HasSubstr("did not record system calls"));
}

TEST_F(SessionShare, PruningNothingOrTheWrongThingIsAMistake) {
  EXPECT_EQ(run({"session", "prune", path_, "-o", out_}).status, 2);
  EXPECT_EQ(run({"session", "prune", path_, "--since", "5s", "--until", "1s", "-o", out_}).status,
            2);
  EXPECT_EQ(run({"session", "prune", path_, "--container", "nobody", "-o", out_}).status, 1);
  EXPECT_EQ(run({"session", "prune", path_, "--drop", "nothing", "-o", out_}).status, 1);
  EXPECT_FALSE(std::filesystem::exists(out_));
}

TEST_F(SessionShare, AdviceOfAnAnonymizedSessionIsTheSameButForNames) {
  ASSERT_EQ(run({"session", "anonymize", path_, "-o", out_}).status, 0);
  EXPECT_THAT(run({"session", "info", out_}).out, Not(HasSubstr("web")));
  ASSERT_EQ(
      run({"session", "anonymize", path_, "--keep", "names", "-o", folder_.file("n.db")}).status,
      0);
  const auto before = run({"advise", "seccomp-profile", path_, "--container", "web"});
  const auto named = run({"advise", "seccomp-profile", folder_.file("n.db"), "--container", "web"});
  EXPECT_EQ(named.out, before.out);
  // All of them, so that none has to be chosen by a name.
  const auto all = [](const std::string& file) { return run({"verify", "seccomp", file}).status; };
  EXPECT_EQ(all(path_), all(out_));
}

TEST_F(SessionShare, KindsToKeepAreThoseThereAre) {
  EXPECT_EQ(run({"session", "anonymize", path_, "--keep", "colours", "-o", out_}).status, 2);
  EXPECT_EQ(
      run({"session", "anonymize", path_, "--keep", "arguments,paths,addresses,names", "-o", out_})
          .status,
      2);
}

TEST_F(SessionShare, ASignedSessionIsVerifiedUntilItChanges) {
  const auto secret = key("key.pem", false), known = key("pub.pem", true);
  const auto signature = run({"session", "sign", path_, "--key", secret});
  EXPECT_EQ(signature.status, 0) << signature.words;
  EXPECT_EQ(signature.out, path_ + ".intoto.jsonl\n");
  const auto good = run({"session", "verify", path_, "--key", known});
  EXPECT_EQ(good.status, 0) << good.words;
  EXPECT_THAT(good.out, StartsWith(path_ + ": OK, signed by the Ed25519 key "));

  std::ofstream(path_ + "-wal") << "x";
  EXPECT_EQ(run({"session", "verify", path_, "--key", known}).status, 1) << "readers would take it";
  std::filesystem::remove(path_ + "-wal");
  std::ofstream(path_, std::ios::binary | std::ios::app) << "x";
  const auto changed = run({"session", "verify", path_, "--key", known});
  EXPECT_EQ(changed.status, 1);
  EXPECT_THAT(changed.out, HasSubstr("differs: its SHA-256 is "));
}

TEST_F(SessionShare, WithoutAKeyTheDigestIsWrittenForSha256sum) {
  EXPECT_EQ(run({"session", "sign", path_}).out, path_ + ".sha256\n");
  EXPECT_EQ(run({"session", "verify", path_}).status, 0);
  const auto again = run({"session", "sign", path_});
  EXPECT_EQ(again.status, 1) << "what was signed before is not overwritten";
}

TEST_F(SessionShare, AnotherKeyDiffersAndWhatCannotBeReadIsBadInput) {
  const auto secret = key("key.pem", false);
  ASSERT_EQ(run({"session", "sign", path_, "--key", secret}).status, 0);
  key_.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  const auto other = run({"session", "verify", path_, "--key", key("other.pem", true)});
  EXPECT_EQ(other.status, 1);
  EXPECT_THAT(other.out, HasSubstr("nothing here is signed by this key"));
  EXPECT_EQ(run({"session", "verify", path_, "--key", path_}).status, 2);
  EXPECT_EQ(run({"session", "verify", path_}).status, 2) << "there is no .sha256";
  EXPECT_EQ(run({"session", "verify", folder_.file("none.db"), "--key", secret}).status, 2);
  std::ofstream(path_ + ".intoto.jsonl") << "{}";
  const auto broken = run({"session", "verify", path_, "--key", secret});
  EXPECT_EQ(broken.status, 2);
  EXPECT_THAT(broken.words, HasSubstr("hint: "));
}

}  // namespace
}  // namespace ig
