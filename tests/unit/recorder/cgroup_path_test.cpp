// SPDX-License-Identifier: Apache-2.0
#include "recorder/workload/cgroup_path.h"

#include <gtest/gtest.h>

namespace ig {
namespace {

const std::string kId = "4c01db0b339c4f5f1c6f1b5a4a9d36c1a2c0b1f4b8e6d4c2a09f8e7d6c5b4a39";

struct Case {
  const char* what;
  std::string path, container_id, runtime, pod_uid, unit, leaf;
};

class CgroupPathTest : public testing::TestWithParam<Case> {};

TEST_P(CgroupPathTest, IsRead) {
  const auto& expected = GetParam();
  const auto path = parse_cgroup_path(expected.path);
  EXPECT_EQ(path.container_id, expected.container_id) << expected.what;
  EXPECT_EQ(path.runtime, expected.runtime) << expected.what;
  EXPECT_EQ(path.pod_uid, expected.pod_uid) << expected.what;
  EXPECT_EQ(path.unit, expected.unit) << expected.what;
  EXPECT_EQ(path.leaf, expected.leaf) << expected.what;
}

const std::string kPod = "0fa4b5f0-94a6-4d0a-9a1f-2f6f4bc7d901";
const std::string kPodSlice = "kubepods-burstable-pod0fa4b5f0_94a6_4d0a_9a1f_2f6f4bc7d901.slice";

INSTANTIATE_TEST_SUITE_P(
    Containers, CgroupPathTest,
    testing::Values(
        Case{"docker, cgroupfs", "/docker/" + kId, kId, "docker", "", "", kId},
        Case{"docker, systemd", "/system.slice/docker-" + kId + ".scope", kId, "docker", "",
             "docker-" + kId + ".scope", "docker-" + kId + ".scope"},
        Case{"podman, cgroupfs", "/libpod_parent/libpod-" + kId, kId, "podman", "", "",
             "libpod-" + kId},
        Case{"podman pod", "/libpod_parent/" + kId + "/libpod-" + kId, kId, "podman", "", "",
             "libpod-" + kId},
        Case{"podman, systemd, crun's sub-cgroup",
             "/machine.slice/libpod-" + kId + ".scope/container", kId, "podman", "",
             "libpod-" + kId + ".scope", "container"},
        Case{"Kubernetes, containerd, cgroupfs", "/kubepods/besteffort/pod" + kPod + "/" + kId, kId,
             "", kPod, "", kId},
        Case{"Kubernetes, guaranteed", "/kubepods/pod" + kPod + "/" + kId, kId, "", kPod, "", kId},
        Case{"Kubernetes, containerd, systemd",
             "/kubepods.slice/kubepods-burstable.slice/" + kPodSlice + "/cri-containerd-" + kId +
                 ".scope",
             kId, "containerd", kPod, "cri-containerd-" + kId + ".scope",
             "cri-containerd-" + kId + ".scope"},
        Case{"Kubernetes, containerd below its service",
             "/system.slice/containerd.service/" + kPodSlice + ":cri-containerd:" + kId, kId,
             "containerd", kPod, "containerd.service", kPodSlice + ":cri-containerd:" + kId},
        Case{"CRI-O", "/kubepods.slice/" + kPodSlice + "/crio-" + kId + ".scope", kId, "cri-o",
             kPod, "crio-" + kId + ".scope", "crio-" + kId + ".scope"},
        Case{"nerdctl", "/system.slice/nerdctl-" + kId + ".scope", kId, "containerd", "",
             "nerdctl-" + kId + ".scope", "nerdctl-" + kId + ".scope"},
        Case{"runc --systemd-cgroup", "/system.slice/runc-web.scope", "web", "runc", "",
             "runc-web.scope", "runc-web.scope"},
        Case{"crun --systemd-cgroup", "/user.slice/user-0.slice/crun-web.scope", "web", "crun", "",
             "crun-web.scope", "crun-web.scope"},
        Case{"nspawn", "/machine.slice/machine-my\\x2dbox.scope", "my-box", "nspawn", "",
             "machine-my-box.scope", "machine-my\\x2dbox.scope"},
        Case{"lxc", "/lxc.payload.box", "box", "lxc", "", "", "lxc.payload.box"},
        Case{"docker in docker", "/docker/" + std::string(64, 'a') + "/docker/" + kId, kId,
             "docker", "", "", kId},
        Case{"a unit in a container", "/docker/" + kId + "/system.slice/cron.service", kId,
             "docker", "", "cron.service", "cron.service"}));

INSTANTIATE_TEST_SUITE_P(
    Others, CgroupPathTest,
    testing::Values(
        Case{"the root", "/", "", "", "", "", ""},
        Case{"plain runc and crun: only the leaf tells", "/web", "", "", "", "", "web"},
        Case{"ctr", "/default/c1", "", "", "", "", "c1"},
        Case{"a service", "/system.slice/nginx.service", "", "", "", "nginx.service",
             "nginx.service"},
        Case{"a template", "/system.slice/system-getty.slice/getty@tty1.service", "", "", "",
             "getty@tty1.service", "getty@tty1.service"},
        Case{"a login", "/user.slice/user-1000.slice/session-3.scope", "", "", "",
             "session-3.scope", "session-3.scope"},
        Case{"a user's service",
             "/user.slice/user-1000.slice/user@1000.service/app.slice/mail.service", "", "", "",
             "mail.service", "mail.service"},
        Case{"a slice", "/user.slice/user-1000.slice", "", "", "", "user-1000.slice",
             "user-1000.slice"},
        Case{"escaped", "/system.slice/my\\x2dunit.service", "", "", "", "my-unit.service",
             "my\\x2dunit.service"},
        Case{"an escaped slash makes no path", "/machine.slice/machine-..\\x2fetc\\x00.scope",
             "..\\x2fetc\\x00", "nspawn", "", "machine-..\\x2fetc\\x00.scope",
             "machine-..\\x2fetc\\x00.scope"},
        Case{"podman's monitor is not the container",
             "/machine.slice/libpod-conmon-" + kId + ".scope", "", "", "",
             "libpod-conmon-" + kId + ".scope", "libpod-conmon-" + kId + ".scope"},
        Case{"CRI-O's monitor", "/system.slice/crio-conmon-" + kId + ".scope", "", "", "",
             "crio-conmon-" + kId + ".scope", "crio-conmon-" + kId + ".scope"},
        Case{"a podman pod has no processes", "/libpod_parent/" + kId, "", "", "", "", kId},
        Case{"somebody's folder", "/docker-test", "", "", "", "", "docker-test"},
        Case{"a pod's cgroup", "/kubepods/besteffort/pod" + kPod, "", "", kPod, "", "pod" + kPod}));

TEST(IsCgroupBelow, WantsWholeComponents) {
  EXPECT_TRUE(is_cgroup_below("/web", "/web"));
  EXPECT_TRUE(is_cgroup_below("/web/init.scope", "/web"));
  EXPECT_TRUE(is_cgroup_below("/web", "/"));
  EXPECT_FALSE(is_cgroup_below("/web2", "/web"));
  EXPECT_FALSE(is_cgroup_below("/", "/web"));
}

}  // namespace
}  // namespace ig
