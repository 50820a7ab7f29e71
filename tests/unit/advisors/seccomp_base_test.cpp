// SPDX-License-Identifier: Apache-2.0
// Advice on top of a profile that is there already (--base).
#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/fake_session.h"
#include "tests/support/scratch_folder.h"
#include "tests/unit/advisors/seccomp_advice.h"

namespace ig::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;

TEST(SeccompBase, GetsWhatItLacks) {
  FakeSession session;
  session.calls(session.workload("web"), "startup", {"read", "ptrace", "fsync"});
  const ScratchFolder scratch;
  const auto path = (scratch.path() / "base.json").string();
  std::ofstream(path) << R"({"defaultAction": "SCMP_ACT_KILL", "architectures": ["SCMP_ARCH_X86"],
    "syscalls": [{"names": ["read", "vhangup"], "action": "SCMP_ACT_ALLOW"},
                 {"names": ["ptrace", "mount"], "action": "SCMP_ACT_TRAP"}]})";
  AdviceRequest request = with("base", path);
  request.options["no-start-block"] = "true";
  const json document = json::parse(one_advice(session, request).document);
  EXPECT_EQ(document["defaultAction"], "SCMP_ACT_KILL");
  EXPECT_EQ(document["architectures"], json({"SCMP_ARCH_X86", "SCMP_ARCH_X86_64"}));
  EXPECT_EQ(document["syscalls"][0]["names"], json({"read", "vhangup"}));
  EXPECT_EQ(document["syscalls"][1]["names"], json({"mount"})) << "ptrace is needed";
  const std::vector<std::string> added = document["syscalls"][2]["names"];
  EXPECT_THAT(added, AllOf(IsSupersetOf({"fsync", "ptrace"}), Not(Contains("read"))));
}

TEST(SeccompBase, StaysAsItIsWhereItLacksNothing) {
  FakeSession session;
  const Workload& web = session.workload("web");
  session.calls(web, "startup", {"read"}).values(web, "startup", "socket", 0, {1, 2});
  const ScratchFolder scratch;
  const auto path = (scratch.path() / "base.json").string();
  const auto base = one_advice(session).document;
  std::ofstream(path) << base;
  EXPECT_EQ(json::parse(one_advice(session, with("base", path)).document)["syscalls"],
            json::parse(base)["syscalls"]);
}

TEST(SeccompBase, IsNamedWhereItIsNoProfile) {
  FakeSession session;
  session.calls(session.workload("web"), "startup", {"read"});
  const ScratchFolder scratch;
  const auto path = (scratch.path() / "base.json").string();
  std::ofstream(path) << "[]";
  EXPECT_THAT(advise(session, with("base", path)).error().message, HasSubstr("base.json"));
}

}  // namespace
}  // namespace ig::test
