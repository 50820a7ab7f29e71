// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/drafts/owner_selector.h"

#include <gmock/gmock.h>

#include "advisors/network/drafts/policy_names.h"
#include "tests/support/fake_cluster.h"

namespace ig::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class OwnerSelectorTest : public testing::Test {
 protected:
  OwnerSelector of(const std::string& space, const std::string& kind, const std::string& name) {
    const InventoryIndex index(session.cluster());
    OwnerSelectors selectors(index, {at(0), at(600)});
    return selectors.of({space, kind, name});
  }

  FakeSession session;
  FakeCluster cluster{session};
};

TEST_F(OwnerSelectorTest, TakesTheOwnersOwnSelectorWhereItIsEnough) {
  auto& web = cluster.owner("shop", "Deployment", "web", {{"app", "web"}});
  web.template_labels["tier"] = "front";
  cluster.pod_of(web, "web-h1-x", "10.1.0.5");
  const OwnerSelector selector = of("shop", "Deployment", "web");
  EXPECT_TRUE(selector.exact);
  EXPECT_EQ(selector.selector.labels, (Labels{{"app", "web"}}));
}

TEST_F(OwnerSelectorTest, TakesFurtherLabelsWhereOthersHaveTheFirst) {
  auto& web = cluster.owner("shop", "Deployment", "web", {{"app", "web"}});
  web.template_labels["tier"] = "front";
  cluster.pod_of(web, "web-h1-x", "10.1.0.5");
  cluster.pod_of(cluster.owner("shop", "Deployment", "canary", {{"app", "web"}}), "canary-h1-x",
                 "10.1.0.6");
  const OwnerSelector selector = of("shop", "Deployment", "web");
  EXPECT_TRUE(selector.exact);
  EXPECT_EQ(selector.selector.labels, (Labels{{"app", "web"}, {"tier", "front"}}));
  EXPECT_EQ(of("shop", "Deployment", "canary").selector,
            (LabelSelector{{{"app", "web"}}, {{"tier", "DoesNotExist", {}}}}));
}

// A canary that is scaled to nothing today has pods tomorrow.
TEST_F(OwnerSelectorTest, CountsWhatOwnersWithoutPodsWouldMake) {
  cluster.pod_of(cluster.owner("shop", "Deployment", "web", {{"app", "web"}}), "web-h1-x",
                 "10.1.0.5");
  cluster.owner("shop", "CronJob", "backup", {{"app", "web"}});
  const OwnerSelector selector = of("shop", "Deployment", "web");
  EXPECT_FALSE(selector.exact);
  EXPECT_EQ(selector.note, "app=web also selects pods of CronJob shop/backup");
}

TEST_F(OwnerSelectorTest, LeavesOutOthersByALabelThatOnlyTheyHave) {
  cluster.pod_of(cluster.owner("shop", "Deployment", "web", {{"app", "web"}}), "web-h1-x",
                 "10.1.0.5");
  cluster.owner("shop", "Deployment", "web-canary", {{"app", "web"}, {"track", "canary"}});
  const OwnerSelector selector = of("shop", "Deployment", "web");
  EXPECT_TRUE(selector.exact);
  EXPECT_EQ(selector.selector, (LabelSelector{{{"app", "web"}}, {{"track", "DoesNotExist", {}}}}));
  EXPECT_EQ(selector.note,
            "app=web also selects pods of Deployment shop/web-canary; so only pods without label "
            "track are selected");
}

// What the owner selects by can never change; what its template says of a release does.
TEST_F(OwnerSelectorTest, TakesAVersionOnlyWhereTheOwnerItselfSelectsByIt) {
  for (const char* version : {"v1", "v2"}) {
    cluster.pod_of(cluster.owner("shop", "Deployment", std::string("web-") + version,
                                 {{"app", "web"}, {"version", version}}),
                   std::string("web-h1-") + version, version[1] == '1' ? "10.1.0.5" : "10.1.0.6");
  }
  EXPECT_EQ(of("shop", "Deployment", "web-v1").selector.labels,
            (Labels{{"app", "web"}, {"version", "v1"}}));
}

TEST_F(OwnerSelectorTest, CountsPodsOfTheRecordingsTimeAlone) {
  auto& web = cluster.owner("shop", "Deployment", "web", {{"app", "web"}});
  cluster.pod_of(web, "web-h1-x", "10.1.0.5");
  KubePod& old = cluster.pod("shop", "old", "10.1.0.6", {{"app", "web"}});
  old.valid.to_ns = at(-10);
  EXPECT_TRUE(of("shop", "Deployment", "web").exact);
  old.valid.to_ns = at(10);  // was there when it began
  EXPECT_FALSE(of("shop", "Deployment", "web").exact);
}

// A roll-out gave the new pods a label that the old ones lack.
TEST_F(OwnerSelectorTest, TakesOnlyLabelsThatEveryPodHasAllTheTime) {
  auto& web = cluster.owner("shop", "Deployment", "web", {{"app", "web"}});
  web.selector = {};
  web.template_labels["added"] = "later";
  cluster.pod_of(web, "web-h1-x", "10.1.0.5").labels.erase("added");
  cluster.pod_of(web, "web-h1-y", "10.1.0.6");
  EXPECT_EQ(of("shop", "Deployment", "web").selector.labels, (Labels{{"app", "web"}}));
}

TEST_F(OwnerSelectorTest, SelectsStatefulPodsByNameWhereNothingElseTellsThem) {
  auto& db = cluster.owner("data", "StatefulSet", "db", {{"app", "db"}});
  for (const char* name : {"db-0", "db-1"}) {
    cluster.pod_of(db, name, name[3] == '0' ? "10.1.0.5" : "10.1.0.6")
        .labels["statefulset.kubernetes.io/pod-name"] = name;
  }
  cluster.pod("data", "other", "10.1.0.7", {{"app", "db"}});
  const OwnerSelector selector = of("data", "StatefulSet", "db");
  EXPECT_TRUE(selector.exact);
  ASSERT_EQ(selector.selector.expressions.size(), 1U);
  EXPECT_THAT(selector.selector.expressions[0].values, ElementsAre("db-0", "db-1"));
  EXPECT_THAT(selector.note, HasSubstr("a replica that is added later is not"));
}

TEST_F(OwnerSelectorTest, SelectsALoneJobByItsNameAndARepeatedOneNot) {
  auto& once = cluster.owner("batch", "Job", "once", {});
  cluster.pod_of(once, "once-x", "10.1.0.5").labels["batch.kubernetes.io/job-name"] = "once";
  EXPECT_EQ(of("batch", "Job", "once").selector.labels,
            (Labels{{"batch.kubernetes.io/job-name", "once"}}));
  auto& nightly = cluster.owner("batch", "CronJob", "nightly", {});
  auto& run = cluster.owner("batch", "Job", "nightly-1", {});
  run.owner = {"CronJob", "nightly", nightly.uid};
  cluster.pod_of(run, "nightly-1-x", "10.1.0.6").labels["batch.kubernetes.io/job-name"] =
      "nightly-1";
  EXPECT_FALSE(of("batch", "CronJob", "nightly").exact);
  EXPECT_THAT(of("batch", "CronJob", "nightly").note, "its pods have no labels of their own");
}

TEST_F(OwnerSelectorTest, KnowsDeploymentsWhereReplicaSetsCannotBeListed) {
  auto& web = cluster.owner("shop", "Deployment", "web", {{"app", "web"}});
  cluster.pod_of(web, "web-h1-x", "10.1.0.5");
  session.cluster().owners.clear();
  EXPECT_TRUE(of("shop", "Deployment", "web").exact);
}

// What is no label for Kubernetes would be refused with the whole policy.
TEST_F(OwnerSelectorTest, TakesNothingThatIsNoLabel) {
  EXPECT_THAT(
      selecting_labels({{"bad key: {}", "x"}, {"a", "b c"}, {"", "x"}, {"io.kubernetes.x", "y"}}),
      IsEmpty());
}

TEST(PolicyNames, AreLabelsThatStayApart) {
  EXPECT_EQ(dns_label("web"), "web");
  EXPECT_EQ(dns_label("Web"), "web");
  EXPECT_NE(dns_label("a.b"), dns_label("a_b"));
  EXPECT_EQ(dns_label("a.b").substr(0, 4), "a-b-");
  EXPECT_EQ(dns_label(std::string(64, 'a')).size(), 63U);
  EXPECT_NE(dns_label(std::string(64, 'a')), dns_label(std::string(65, 'a')));
  EXPECT_TRUE(dns_label("").starts_with("workload-"));
  EXPECT_TRUE(dns_label("\n: {}").starts_with("workload-"));
}

}  // namespace
}  // namespace ig::test
