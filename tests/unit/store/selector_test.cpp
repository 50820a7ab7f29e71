// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/unit/store/session_fixture.h"

namespace ig {
namespace {

Workload container(const std::string& name) {
  Workload workload = some_workload(1, name);
  workload.container_id = "0123456789abcdef0123456789abcdef";
  workload.kube_namespace = "prod";
  workload.pod = "shop-7f9c";
  workload.container = "app";
  return workload;
}

Workload of_kind(WorkloadKind kind, std::string name) {
  Workload workload;
  workload.kind = kind;
  workload.name = std::move(name);
  return workload;
}

TEST(SelectorTest, EmptyMatchesEverything) {
  EXPECT_TRUE(Selector{}.empty());
  EXPECT_TRUE(Selector{}.matches(container("web")));
  EXPECT_TRUE(Selector{}.matches(of_kind(WorkloadKind::kHost, "host")));
}

TEST(SelectorTest, ContainerByNamePatternKubernetesNameOrId) {
  const auto by = [](std::string entry) { return Selector{.container = {std::move(entry)}}; };
  EXPECT_TRUE(by("web").matches(container("web")));
  EXPECT_TRUE(by("we*").matches(container("web")));
  EXPECT_TRUE(by("w?b").matches(container("web")));
  EXPECT_TRUE(by("app").matches(container("web")));
  EXPECT_TRUE(by("0123456789ab").matches(container("web")));
  EXPECT_FALSE(by("0123").matches(container("web")));
  EXPECT_FALSE(by("web").matches(container("website")));
  EXPECT_FALSE(by("host").matches(of_kind(WorkloadKind::kHost, "host")));
}

TEST(SelectorTest, WorkloadOfAnyKindByName) {
  const Selector selector{.workload = {"web", "nginx.*", "!*-debug"}};
  EXPECT_FALSE(selector.empty());
  EXPECT_TRUE(selector.matches(container("web")));
  EXPECT_TRUE(selector.matches(of_kind(WorkloadKind::kUnit, "nginx.service")));
  EXPECT_FALSE(selector.matches(of_kind(WorkloadKind::kUnit, "nginx.service-debug")));
  EXPECT_FALSE(selector.matches(of_kind(WorkloadKind::kHost, "host")));
}

TEST(SelectorTest, OneOfAListAndAllLists) {
  const Selector selector{.container = {"db", "web"}, .kube_namespace = {"prod"}};
  EXPECT_TRUE(selector.matches(container("web")));
  EXPECT_TRUE(selector.matches(container("db")));
  EXPECT_FALSE(selector.matches(container("cache")) &&
               Selector{.container = {"x"}}.matches(container("cache")));
  EXPECT_FALSE(
      (Selector{.container = {"web"}, .kube_namespace = {"test"}}.matches(container("web"))));
}

TEST(SelectorTest, ExclamationMarkExcludes) {
  const Selector selector{.container = {"w*", "!web"}};
  EXPECT_FALSE(selector.matches(container("web")));
  EXPECT_TRUE(selector.matches(container("worker")));
  EXPECT_TRUE(Selector{.kube_namespace = {"!test"}}.matches(container("web")));
  EXPECT_FALSE(Selector{.kube_namespace = {"!prod"}}.matches(container("web")));
}

TEST(SelectorTest, LabelsAndUnits) {
  EXPECT_TRUE(Selector{.label = {"app=shop"}}.matches(container("web")));
  EXPECT_TRUE(Selector{.label = {"app=*"}}.matches(container("web")));
  EXPECT_FALSE(Selector{.label = {"app=other"}}.matches(container("web")));
  const Selector unit{.unit = {"nginx.service"}};
  EXPECT_TRUE(unit.matches(of_kind(WorkloadKind::kUnit, "nginx.service")));
  EXPECT_FALSE(unit.matches(of_kind(WorkloadKind::kContainer, "nginx.service")));
}

TEST(SelectorTest, HostAndCommandAddOrStandAlone) {
  const auto host = of_kind(WorkloadKind::kHost, "host");
  const auto command = of_kind(WorkloadKind::kCommand, "ls");
  const Selector only{.host = true};
  EXPECT_TRUE(only.matches(host));
  EXPECT_FALSE(only.matches(container("web")));
  EXPECT_FALSE(only.matches(command));
  const Selector also{.container = {"web"}, .host = true};
  EXPECT_TRUE(also.matches(host));
  EXPECT_TRUE(also.matches(container("web")));
  EXPECT_TRUE(Selector{.command = true}.matches(command));
}

TEST(SelectorTest, CommAndPidChooseWorkloadsByTheirProcesses) {
  const auto schema = open_schema();
  auto writer = SessionWriter::create_in_memory(some_session());
  for (const WorkloadId id : {1, 2}) expect_ok((*writer)->workload(some_workload(id)));
  expect_ok((*writer)->data_source(schema));
  expect_ok((*writer)->event(OpenEvent(0).of(schema, 2)));
  auto reader = read_session(**writer);
  const auto chosen = [&](const Selector& selector) {
    std::vector<WorkloadId> ids;
    const auto workloads = (*reader)->workloads(selector);
    for (const auto& workload : *workloads) ids.push_back(workload.id);
    return ids;
  };
  EXPECT_EQ(chosen({.comm = {"ngi*"}}), std::vector<WorkloadId>{2});
  EXPECT_EQ(chosen({.pid = {3'000'000}}), std::vector<WorkloadId>{2});
  EXPECT_EQ(chosen({.comm = {"bash"}}), std::vector<WorkloadId>{});
  EXPECT_EQ(chosen({}), (std::vector<WorkloadId>{1, 2}));
}

}  // namespace
}  // namespace ig
