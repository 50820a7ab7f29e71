// SPDX-License-Identifier: Apache-2.0
// ig session enrich --inventory, from the file to the session.
#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/run_command.h"
#include "tests/unit/store/session_fixture.h"

namespace ig {
namespace {

using test::Outcome;
using test::run;
using testing::HasSubstr;

constexpr auto kObjects = R"({"kind": "List", "apiVersion": "v1", "items": [
  {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "web", "namespace": "shop", "uid": "u",
   "creationTimestamp": "2025-11-03T12:00:00Z"}, "status": {"podIP": "10.0.0.7"}},
  {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "s"}, "data": {"p": "x"}},
  {"kind": "Pod", "apiVersion": "v1", "metadata": {}}]})";
constexpr auto kNamespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n";

class SessionEnrichInventory : public testing::Test {
 protected:
  SessionEnrichInventory() {
    auto writer = SessionWriter::create(path_, some_session(), {});
    expect_ok(writer);
    expect_ok((*writer)->close("duration"));
  }
  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder_.file(name), std::ios::binary) << text;
    return folder_.file(name);
  }
  Outcome enrich(std::vector<std::string> options) {
    options.insert(options.begin(), {"session", "enrich", path_});
    return run(options);
  }
  Inventory inventory() {
    auto session = open_session(path_);
    expect_ok(session);
    return *(*session)->inventory();
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.file("s.db");
};

TEST_F(SessionEnrichInventory, SeveralFilesAreOneInventory) {
  const auto outcome = enrich(
      {"--inventory", write("a.json", kObjects), "--inventory", write("b.yaml", kNamespace)});
  EXPECT_EQ(outcome.status, 0) << outcome.words;
  EXPECT_EQ(outcome.out, "KIND       OBJECTS\nNamespace        1\nPod              1\n");
  EXPECT_THAT(outcome.words, HasSubstr("2 objects read\n"));
  EXPECT_THAT(outcome.words, HasSubstr("1 object passed over: of other kinds"));
  EXPECT_THAT(outcome.words, HasSubstr("1 object left out: without a kind or a name"));
  EXPECT_EQ(inventory().pods.size(), 1U);
  EXPECT_EQ(inventory().namespaces.size(), 1U);
  EXPECT_EQ(inventory().sources.size(), 2U);
}

TEST_F(SessionEnrichInventory, TheSameFileAgainChangesNothing) {
  const auto file = write("a.json", kObjects);
  enrich({"--inventory", file});
  std::ifstream before(path_, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(before), {});
  const auto outcome = enrich({"--inventory", file, "-o", "json"});
  EXPECT_FALSE(nlohmann::json::parse(outcome.out)["added"]);
  EXPECT_THAT(outcome.words, HasSubstr("nothing added: the session has them"));
  std::ifstream after(path_, std::ios::binary);
  EXPECT_EQ(bytes, std::string(std::istreambuf_iterator<char>(after), {}));
}

TEST_F(SessionEnrichInventory, FilesWithoutSuchObjectsAreErrorsThatSayHowToMakeOne) {
  const auto words = [&](const std::string& text) {
    const auto outcome = enrich({"--inventory", write("x", text)});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_THAT(outcome.words, HasSubstr("hint: kubectl get pods,services,")) << text;
    return outcome.words;
  };
  EXPECT_THAT(words(""), HasSubstr("x: no Kubernetes object in it"));
  EXPECT_THAT(words("{"), HasSubstr("x: not JSON that can be read"));
  EXPECT_THAT(words("a: [b"), HasSubstr("x: not YAML that can be read"));
  EXPECT_THAT(words("kind: Secret\napiVersion: v1\nmetadata: {name: s}\n"),
              HasSubstr("no object that says who an address is (1 Secret)"));
  EXPECT_TRUE(inventory().empty());
}

TEST_F(SessionEnrichInventory, OneFileThatIsBadAddsNothingOfTheOthers) {
  EXPECT_EQ(
      enrich({"--inventory", write("a.json", kObjects), "--inventory", write("b", "")}).status, 1);
  EXPECT_TRUE(inventory().empty());
}

TEST_F(SessionEnrichInventory, WhatIsAskedForIsOneThing) {
  EXPECT_EQ(enrich({}).status, 2);
  EXPECT_EQ(enrich({"--inventory", "a", "--audit", "b"}).status, 2);
  EXPECT_EQ(enrich({"--context", "x", "--inventory", "a"}).status, 2);
  EXPECT_EQ(enrich({"--kubeconfig", "x", "--kubernetes"}).status, 2);
}

}  // namespace
}  // namespace ig
