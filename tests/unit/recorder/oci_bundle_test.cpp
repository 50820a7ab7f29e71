// SPDX-License-Identifier: Apache-2.0
#include "recorder/workload/oci_bundle.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace ig {
namespace {

namespace fs = std::filesystem;

TEST(OciConfig, TellsHowTheFilterWillBeLoaded) {
  const auto facts = parse_oci_config(R"({"ociVersion": "1.0.2",
      "process": {"noNewPrivileges": true}, "linux": {"seccomp": {"defaultAction": "SCMP_ACT_ERRNO"}},
      "annotations": {"app": "web", "org.opencontainers.image.ref.name": "web:1"}})");
  ASSERT_TRUE(facts);
  EXPECT_TRUE(facts->no_new_privileges);
  EXPECT_TRUE(facts->has_seccomp);
  EXPECT_EQ(facts->image, "web:1");
  EXPECT_EQ(facts->labels.at("app"), "web");
  EXPECT_EQ(facts->runtime, "");
}

TEST(OciConfig, ReadsCriOsNames) {
  const auto facts = parse_oci_config(R"({"ociVersion": "1.0.2", "annotations": {
      "io.container.manager": "cri-o", "io.kubernetes.container.name": "web",
      "io.kubernetes.pod.name": "web-0", "io.kubernetes.pod.namespace": "shop",
      "io.kubernetes.pod.uid": "u-1", "io.kubernetes.cri-o.ImageName": "web:1",
      "io.kubernetes.cri-o.Labels": "{\"app\": \"web\"}"}})");
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->runtime, "cri-o");
  EXPECT_EQ(facts->name, "web");
  EXPECT_EQ(facts->pod, "web-0");
  EXPECT_EQ(facts->kube_namespace, "shop");
  EXPECT_EQ(facts->pod_uid, "u-1");
  EXPECT_EQ(facts->labels.at("app"), "web");
}

TEST(OciConfig, CallsASandboxAfterItsPod) {
  const auto facts = parse_oci_config(R"({"ociVersion": "1.0.2", "annotations": {
      "io.kubernetes.cri.container-type": "sandbox", "io.kubernetes.cri.container-name": "POD",
      "io.kubernetes.cri.sandbox-name": "web-0"}})");
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->container, "");
  EXPECT_EQ(facts->name, "web-0");
}

TEST(OciConfig, TakesWrongTypesForAbsent) {
  const auto facts = parse_oci_config(R"({"ociVersion": "1", "process": [1], "linux": "x",
      "root": {"path": 7}, "annotations": {"a": 1, "b": "c"}, "hostname": null})");
  ASSERT_TRUE(facts);
  EXPECT_FALSE(facts->has_seccomp);
  EXPECT_THAT(facts->labels, testing::ElementsAre(testing::Pair("b", "c")));
}

TEST(OciConfig, RefusesWhatIsNone) {
  for (const std::string text : {"", "{", "[]", "7", R"({"ociVersion": 1})", R"({"a": "\xff"})"}) {
    EXPECT_FALSE(parse_oci_config(text)) << text;
  }
  EXPECT_FALSE(parse_oci_config(std::string(1 << 20, '[')));
}

// A FIFO in a bundle's place would otherwise hold up the recording for ever.
TEST(OciBundle, ReadsOnlyRegularFilesOfReasonableSize) {
  char name[] = "/tmp/ig-bundle-XXXXXX";
  const fs::path folder = ::mkdtemp(name);
  ASSERT_EQ(::mkfifo((folder / "config.json").c_str(), 0600), 0);
  EXPECT_FALSE(read_oci_bundle(folder));
  fs::remove(folder / "config.json");
  std::ofstream(folder / "config.json") << R"({"ociVersion": "1"})";
  EXPECT_TRUE(read_oci_bundle(folder));
  fs::resize_file(folder / "config.json", 1 << 30);
  EXPECT_FALSE(read_oci_bundle(folder));
  fs::remove_all(folder);
}

}  // namespace
}  // namespace ig
