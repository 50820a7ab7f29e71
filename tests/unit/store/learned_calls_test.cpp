// SPDX-License-Identifier: Apache-2.0
// Denied calls become calls of the session: once, all or none, and told apart from what was
// recorded.
#include "store/learned_calls.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "tests/unit/store/learned_fixture.h"

namespace ig {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr std::int64_t kRead = 0, kSocket = 41, kTimes = 100;

class LearnedCallsTest : public testing::Test {
 protected:
  LearnedCallsTest() {
    LearnedSession session(path_);
    session.process(kWeb, 101, at(12));
    session.call(kWeb, kRead);
    session.call(kWeb, kSocket);
    session.value(kWeb, kSocket, 0, 2);
    session.close();
  }

  LearnedCalls::Counts enrich(const std::vector<DeniedCall>& calls,
                              std::optional<NamedOwner> named = {},
                              const std::string& source = "audit.log") {
    auto edit = SessionEdit::open(path_);
    expect_ok(edit);
    const auto session = open_session(edit->path());
    expect_ok(session);
    auto learned = LearnedCalls::open(**session, std::move(named));
    expect_ok(learned);
    for (const auto& call : calls) learned->take(call);
    expect_ok(learned->store(*edit, {.source = source,
                                     .sha256 = "abc",
                                     .lines = 10,
                                     .records = learned->counts().records,
                                     .tool_version = "0.1.0",
                                     .added_ns = at(5000)}));
    return learned->counts();
  }
  std::vector<std::string> uses(WorkloadId workload) {
    std::vector<std::string> texts;
    const auto found = open()->syscalls(workload);
    expect_ok(found);
    for (const auto& use : *found) {
      texts.push_back(fmt::format("{} {} {} x{}{}", use.arch, use.phase, use.number, use.count,
                                  use.learned_from.empty() ? "" : " from " + use.learned_from));
    }
    return texts;
  }
  std::unique_ptr<SessionReader> open() {
    auto session = open_session(path_);
    expect_ok(session);
    return std::move(*session);
  }
  std::string bytes() const {
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.file("s.db");
};

TEST_F(LearnedCallsTest, AreCallsOfTheWorkloadAndSayWhereFrom) {
  const auto counts = enrich({denied(kTimes, 101, at(50), 1), denied(kTimes, 101, at(55), 2)});
  EXPECT_EQ(counts.added, 2U);
  EXPECT_THAT(uses(kWeb), ElementsAre("x86_64 steady 0 x3", "x86_64 steady 41 x3",
                                      "x86_64 steady 100 x2 from audit.log"));
  EXPECT_THAT(uses(kDb), IsEmpty());
  const auto use = open()->syscalls(kWeb)->back();
  EXPECT_EQ(use.first_ns, at(50));
  EXPECT_EQ(use.last_ns, at(55));
}

TEST_F(LearnedCallsTest, TheirArgumentsAreNotKnown) {
  enrich({denied(kSocket, 101, at(50), 1)});
  const auto values = open()->syscall_arguments(kWeb);
  expect_ok(values);
  ASSERT_EQ(values->size(), 2U);
  EXPECT_FALSE(values->front().other);
  EXPECT_TRUE(values->back().other) << "the denied value may be one that was not recorded";
  EXPECT_EQ(values->back().number, kSocket);
}

TEST_F(LearnedCallsTest, TheSessionSaysWhatItLearnedFrom) {
  enrich({denied(kTimes, 101, at(50), 1)}, {}, "a.log");
  enrich({denied(kTimes, 101, at(51), 2), denied(kTimes, 999, at(51), 3)}, {}, "b.log");
  const auto from = open()->enrichments();
  expect_ok(from);
  ASSERT_EQ(from->size(), 2U);
  EXPECT_EQ(from->at(1).source, "b.log");
  EXPECT_EQ(from->at(1).sha256, "abc");
  EXPECT_EQ(from->at(1).records, 2U);
  EXPECT_EQ(from->at(1).calls, 1U);
  EXPECT_EQ(from->at(1).added_ns, at(5000));
}

TEST_F(LearnedCallsTest, ARecordCountsOnce) {
  const auto call = denied(kTimes, 101, at(50), 7);
  const auto twice = enrich({call, call});
  EXPECT_EQ(twice.records, 1U);
  EXPECT_EQ(twice.added, 1U);
  // auditd counts from 1 again after a boot: the number alone is no identity.
  EXPECT_EQ(enrich({call, denied(kTimes, 101, at(51), 7)}).added, 1U);
}

TEST_F(LearnedCallsTest, TheSameLogAgainLeavesTheFileAsItIs) {
  const std::vector calls = {denied(kTimes, 101, at(50), 1), denied(kRead, 101, at(51), 2)};
  enrich(calls);
  const auto before = bytes();
  const auto again = enrich(calls);
  EXPECT_EQ(again.added, 0U);
  EXPECT_EQ(again.known, 2U);
  EXPECT_EQ(bytes(), before);
}

TEST_F(LearnedCallsTest, WhatIsLeftOutIsCounted) {
  auto foreign = denied(kTimes, 101, at(50), 1);
  foreign.arch = "aarch64";
  auto unknown = denied(kTimes, 101, at(50), 2);
  unknown.arch = "";
  auto compat = denied(kTimes, 101, at(50), 3);
  compat.arch = "i386";
  const auto counts = enrich({foreign, unknown, compat, denied(kTimes, 999, at(50), 4)});
  EXPECT_EQ(counts.elsewhere, 2U);
  EXPECT_EQ(counts.nobodys, 1U);
  EXPECT_EQ(counts.added, 1U) << "the machine runs i386 too";
  EXPECT_EQ(ask_one(*open(),
                    "SELECT name FROM denied_syscall JOIN syscall_name USING (arch) "
                    "WHERE syscall = number"),
            "fstatfs")
      << "names of an architecture that was not recorded";
}

TEST_F(LearnedCallsTest, OfANamedWorkloadOnlyItsOwnAreTaken) {
  const auto counts = enrich({denied(kTimes, 200, at(50), 1), denied(kTimes, 101, at(50), 2),
                              denied(kTimes, 5555, at(9000), 3)},
                             NamedOwner{kWeb});
  EXPECT_EQ(counts.others, 1U);
  EXPECT_EQ(counts.added, 2U);
  const auto rows = ask(*open(), "SELECT serial, matched_by FROM denied_syscall ORDER BY serial");
  EXPECT_THAT(rows, ElementsAre(testing::_, ElementsAre("2", "process"), ElementsAre("3", "name")));
}

TEST_F(LearnedCallsTest, UnknownNumbersAndHostileTextsAreKeptAsTheyAre) {
  auto call = denied(4'294'967'295, 101, at(50), UINT64_MAX);
  call.comm = std::string("a\0'\xff", 4);
  enrich({call});
  EXPECT_THAT(uses(kWeb).back(), HasSubstr("steady 4294967295 x1"));
  EXPECT_EQ(enrich({call}).known, 1U);
}

TEST_F(LearnedCallsTest, TheSessionStaysWholeAndOneFileOfTheSameMode) {
  ASSERT_EQ(::chmod(path_.c_str(), 0640), 0);
  enrich({denied(kTimes, 101, at(50), 1)});
  EXPECT_THAT(files(), ElementsAre("s.db"));
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640U);
  EXPECT_TRUE(open()->info()->complete);
  auto database = Database::open_foreign(path_, false);
  expect_ok(database);
  auto check = database->prepare("PRAGMA integrity_check");
  expect_ok(check);
  expect_ok(check->step());
  EXPECT_EQ(check->text(0), "ok");
}

TEST_F(LearnedCallsTest, ASessionOfAnOlderIgLearnsToo) {
  auto database = Database::open_own(path_);
  expect_ok(database);
  make_older(*database, 1);
  EXPECT_EQ(uses(kWeb).size(), 2U) << "it is read as it is";
  EXPECT_EQ(enrich({denied(kTimes, 101, at(50), 1)}).added, 1U);
  EXPECT_EQ(uses(kWeb).size(), 3U);
  EXPECT_EQ(*database->pragma("user_version"), 1) << "the old file is another one";
}

TEST_F(LearnedCallsTest, ALinkStaysALink) {
  const auto link = folder_.file("link.db");
  std::filesystem::create_symlink(path_, link);
  path_ = link;
  enrich({denied(kTimes, 101, at(50), 1)});
  EXPECT_TRUE(std::filesystem::is_symlink(path_));
  EXPECT_EQ(uses(kWeb).size(), 3U);
}

TEST_F(LearnedCallsTest, WhoReadsMeanwhileSeesTheOldSession) {
  const auto reader = open();
  enrich({denied(kTimes, 101, at(50), 1)});
  EXPECT_EQ(reader->syscalls(kWeb)->size(), 2U);
  EXPECT_EQ(uses(kWeb).size(), 3U);
}

TEST_F(LearnedCallsTest, AKillInBetweenLeavesTheOldSession) {
  const auto before = bytes();
  const pid_t child = ::fork();
  if (child == 0) {
    auto edit = SessionEdit::open(path_);
    if (!edit) ::_exit(1);
    (void)edit->apply([](Database& database) {
      (void)database.execute("DELETE FROM workload");
      ::kill(::getpid(), SIGKILL);
      return Result<>{};
    });
    ::_exit(2);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(bytes(), before);
  EXPECT_EQ(enrich({denied(kTimes, 101, at(50), 1)}).added, 1U);
  EXPECT_THAT(files(), ElementsAre("s.db")) << "what the killed one left is gone";
}

TEST_F(LearnedCallsTest, AChangeThatFailsChangesNothing) {
  const auto before = bytes();
  auto edit = SessionEdit::open(path_);
  expect_ok(edit);
  const auto done = edit->apply([](Database& database) -> Result<> {
    IG_TRY(database.execute("DELETE FROM workload"));
    return database.execute("INSERT INTO nothing VALUES (1)");
  });
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("cannot change"));
  EXPECT_EQ(bytes(), before);
  EXPECT_THAT(files(), ElementsAre("s.db"));
}

class SessionEditTest : public testing::Test {
 protected:
  Error refusal() {
    const auto edit = SessionEdit::open(path_);
    EXPECT_FALSE(edit);
    return edit ? Error{} : edit.error();
  }
  TemporaryFolder folder_;
  std::string path_ = folder_.file("s.db");
};

// A second process: locks of one's own do not count.
TEST_F(SessionEditTest, ASessionThatIsBeingRecordedIsRefused) {
  int ready[2], go[2];
  ASSERT_EQ(::pipe(ready), 0);
  ASSERT_EQ(::pipe(go), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    LearnedSession session(path_);
    (void)session.writer().flush();
    char byte = 0;
    (void)!::write(ready[1], "x", 1);
    ::close(go[1]);
    (void)!::read(go[0], &byte, 1);
    ::kill(::getpid(), SIGKILL);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_THAT(refusal().message, HasSubstr("still being recorded"));
  ::close(go[1]);
  ::waitpid(child, nullptr, 0);
  // Of one who was killed, the log is taken in.
  expect_ok(SessionEdit::open(path_));
  EXPECT_FALSE(std::filesystem::exists(path_ + "-wal"));
  const auto session = open_session(path_);
  expect_ok(session);
  EXPECT_FALSE((*session)->info()->complete);
  EXPECT_EQ((*session)->workloads({})->size(), 3U);
}

TEST_F(SessionEditTest, AReadOnlyFileIsRefused) {
  LearnedSession(path_).close();
  ASSERT_EQ(::chmod(path_.c_str(), 0444), 0);
  const auto error = refusal();
  EXPECT_EQ(error.code, ErrorCode::kPermission);
  EXPECT_THAT(error.hint, HasSubstr("copy"));
}

TEST_F(SessionEditTest, OnlyOneEditsAtATime) {
  LearnedSession(path_).close();
  const auto first = SessionEdit::open(path_);
  expect_ok(first);
  EXPECT_THAT(refusal().message, HasSubstr("another ig"));
}

TEST_F(SessionEditTest, WhatIsNoSessionIsRefused) {
  EXPECT_EQ(refusal().code, ErrorCode::kNotFound);
  std::ofstream(path_) << "text";
  EXPECT_THAT(refusal().message, HasSubstr("not a session file"));
}

TEST_F(SessionEditTest, SessionsWithoutSystemCallsLearnNothing) {
  LearnedSession session(path_, "trace_other");
  const auto reader = read_session(session.writer());
  const auto learned = LearnedCalls::open(**reader, {});
  ASSERT_FALSE(learned);
  EXPECT_EQ(learned.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace ig
