// SPDX-License-Identifier: Apache-2.0
#include "recorder/workload/container_runtime.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace ig {
namespace {

namespace fs = std::filesystem;

class ContainerRuntimesTest : public testing::Test {
 protected:
  ContainerRuntimesTest() {
    char name[] = "/tmp/ig-runtimes-XXXXXX";
    folder_ = ::mkdtemp(name);
    const std::string root = folder_;
    roots_ = {.podman = {root + "/storage"},
              .docker = {root + "/docker"},
              .containerd = {root + "/tasks"},
              .runc = {root + "/runc"},
              .crun = {root + "/crun"}};
  }
  ~ContainerRuntimesTest() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }

  fs::path folder_;
  RuntimeRoots roots_;
};

TEST_F(ContainerRuntimesTest, ReadsRuncsState) {
  write("bundle/config.json", R"({"ociVersion": "1.0.2", "annotations": {"tier": "back"}})");
  write(
      "runc/web/state.json",
      R"({"id": "web", "init_process_pid": 4711, "config": {"no_new_privileges": true, "labels": ["app=demo", "bundle=)" +
          (folder_ / "bundle").string() + R"("]}})");
  const auto facts = ContainerRuntimes(roots_).find("web");
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->runtime, "runc");
  EXPECT_EQ(facts->pid, 4711);
  EXPECT_EQ(facts->bundle, (folder_ / "bundle").string());
  EXPECT_EQ(facts->labels.at("tier"), "back");
  EXPECT_TRUE(facts->no_new_privileges);
}

TEST_F(ContainerRuntimesTest, FindsCrunsContainerByItsBundle) {
  write("crun/web/status", R"({"pid": 12, "bundle": "/srv/bundle"})");
  write("crun/web/config.json", R"({"ociVersion": "1.0.2", "linux": {"seccomp": {}}})");
  const auto facts = ContainerRuntimes(roots_).find_by_bundle("/srv/bundle");
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->id, "web");
  EXPECT_EQ(facts->bundle, "/srv/bundle");
  EXPECT_TRUE(facts->has_seccomp);
}

// Docker knows the name, containerd the process, and both call the container the same.
TEST_F(ContainerRuntimesTest, PutsTogetherWhatDockerAndContainerdKnow) {
  write("docker/abc/config.v2.json",
        R"({"Name": "/shop", "Config": {"Image": "shop:1", "Labels": {"tier": "front"}}})");
  write("tasks/moby/abc/config.json",
        R"({"ociVersion": "1.0.2", "process": {"noNewPrivileges": true}})");
  write("tasks/moby/abc/init.pid", "77");
  const auto running = ContainerRuntimes(roots_).running();
  ASSERT_EQ(running.size(), 1u);
  EXPECT_EQ(running[0].name, "shop");
  EXPECT_EQ(running[0].image, "shop:1");
  EXPECT_EQ(running[0].runtime, "docker");
  EXPECT_EQ(running[0].pid, 77);
  EXPECT_EQ(running[0].labels.at("tier"), "front");
  EXPECT_TRUE(running[0].no_new_privileges);
}

TEST_F(ContainerRuntimesTest, ReadsPodmansVolatileContainersToo) {
  write("storage/overlay-containers/volatile-containers.json",
        R"([{"id": "other"}, 7, {"id": "abc", "names": ["quick"], "metadata": "not json"}])");
  const auto facts = ContainerRuntimes(roots_).find("abc");
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->name, "quick");
  EXPECT_EQ(facts->runtime, "podman");
}

// The id comes from the path of a cgroup, which anybody may have named.
TEST_F(ContainerRuntimesTest, NeverLeavesItsFolders) {
  write("state.json", "{}");
  write("runc/x", "not a folder");
  const ContainerRuntimes runtimes(roots_);
  EXPECT_FALSE(runtimes.find(".."));
  EXPECT_FALSE(runtimes.find("a/../.."));
  EXPECT_FALSE(runtimes.find(""));
  EXPECT_FALSE(runtimes.find("x"));
  EXPECT_TRUE(runtimes.running().empty());
}

}  // namespace
}  // namespace ig
