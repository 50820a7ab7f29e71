// SPDX-License-Identifier: Apache-2.0
#include "recorder/inventory/container_addresses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/support/scratch_folder.h"

namespace ig {
namespace {

using testing::ElementsAre;

constexpr auto kFibTrie = R"(Main:
  +-- 0.0.0.0/0 3 0 5
     +-- 10.88.0.0/24 2 0 2
           |-- 10.88.0.0
              /24 link UNICAST
           |-- 10.88.0.5
              /32 host LOCAL
        |-- 10.88.0.255
           /32 link BROADCAST
     |-- 127.0.0.1
        /32 host LOCAL
Local:
           |-- 10.88.0.5
              /32 host LOCAL
)";
constexpr auto kIfInet6 =
    "fe8000000000000000fc00fffe000001 04 40 20 80     eth0\n"
    "00000000000000000000000000000001 01 80 10 80       lo\n"
    "fd000000000000000000000000000002 04 40 00 82     eth0\ngarbage\n";

// A /proc with one container and the machine's first process.
class ContainerAddressesTest : public testing::Test {
 protected:
  ContainerAddressesTest() {
    file("1/ns/net", "");
    file("77/ns/net", "");
    file("77/ns/mnt", "");
    file("77/net/fib_trie", kFibTrie);
    file("77/net/if_inet6", kIfInet6);
  }
  void file(const std::string& name, const std::string& text) {
    const auto path = proc_.path() / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  Workload container() {
    struct stat status {};
    ::stat((proc_.path() / "77/ns/mnt").c_str(), &status);
    Workload workload;
    workload.id = 3;
    workload.kind = WorkloadKind::kContainer;
    workload.name = "web";
    workload.container_id = "c0ffee";
    workload.labels = {{"app", "shop"}};
    workload.pid = 77;
    workload.mntns_id = status.st_ino;
    workload.first_seen_ns = 100;
    return workload;
  }
  std::vector<KubePod> pods_after(const std::vector<Workload>& told) {
    ContainerAddresses addresses(proc_.path(), "0.1.0");
    Inventory inventory;
    for (const auto& workload : told) {
      addresses.workload(workload);
      addresses.look();
    }
    addresses.stop();
    const auto update = addresses.take_update();
    if (!update) return {};
    EXPECT_EQ(update->source.source.kind, "container runtime");
    for (const auto& row : update->added) EXPECT_TRUE(take_row(row, inventory));
    return inventory.pods;
  }

  ScratchFolder proc_;
};

TEST_F(ContainerAddressesTest, AContainerIsWhoItsNetworkNamespacesAddressesAre) {
  const auto pods = pods_after({container()});
  ASSERT_EQ(pods.size(), 1U);
  EXPECT_EQ(pods[0].kube_namespace, "");
  EXPECT_EQ(pods[0].name, "web");
  EXPECT_EQ(pods[0].labels.at("app"), "shop");
  EXPECT_EQ(pods[0].valid, (Validity{100, Validity::kOpenEnd}));
  EXPECT_THAT(pods[0].container_ids, ElementsAre("c0ffee"));
  ASSERT_EQ(pods[0].addresses.size(), 2U) << "none that only itself or its link can reach";
  EXPECT_EQ(pods[0].addresses[0].text(), "10.88.0.5");
  EXPECT_EQ(pods[0].addresses[1].text(), "fd00::2");
}

TEST_F(ContainerAddressesTest, ItEndsWithTheContainer) {
  auto over = container();
  over.exit_known = 1;
  over.last_seen_ns = 900;
  const auto pods = pods_after({container(), over});
  ASSERT_EQ(pods.size(), 1U);
  EXPECT_EQ(pods[0].valid, (Validity{100, 900}));
}

TEST_F(ContainerAddressesTest, WhoHasNoNetworkOfItsOwnHasNoAddress) {
  std::filesystem::remove(proc_.path() / "77/ns/net");
  std::filesystem::create_hard_link(proc_.path() / "1/ns/net", proc_.path() / "77/ns/net");
  EXPECT_TRUE(pods_after({container()}).empty());
}

TEST_F(ContainerAddressesTest, AnotherProcessOfThatNumberIsNotAsked) {
  auto gone = container();
  gone.mntns_id += 1'000'000;
  EXPECT_TRUE(pods_after({gone}).empty());
}

TEST_F(ContainerAddressesTest, PodsAreTheClustersToTell) {
  auto pod = container();
  pod.pod = "web-1";
  EXPECT_TRUE(pods_after({pod}).empty());
}

}  // namespace
}  // namespace ig
