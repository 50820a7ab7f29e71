// SPDX-License-Identifier: Apache-2.0
#include "recorder/workload/workload_tracker.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace ig {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

constexpr std::uint64_t kHostMounts = 4026531832, kHostNet = 4026531833;
constexpr std::uint64_t kMounts = 4026532500, kNet = 4026532501;
const std::string kId(64, 'c');

class WorkloadTrackerTest : public testing::Test {
 protected:
  WorkloadTrackerTest() {
    char name[] = "/tmp/ig-tracker-XXXXXX";
    folder_ = ::mkdtemp(name);
    host_.proc = folder_ / "proc";
    host_.mntns_id = kHostMounts;
    host_.netns_id = kHostNet;
    const std::string root = folder_;
    host_.runtimes = {.podman = {root + "/storage"},
                      .docker = {root + "/docker"},
                      .containerd = {root + "/tasks"},
                      .runc = {root + "/runc"},
                      .crun = {root + "/crun"}};
  }
  ~WorkloadTrackerTest() override { fs::remove_all(folder_); }

  WorkloadTracker tracker(Selector selector = {}) {
    return WorkloadTracker(
        std::move(selector), [this](const Workload& workload) { told_[workload.id] = workload; },
        [this](const Workload& workload, bool admitted) {
          if (workload.mntns_id != 0) mounts_[workload.mntns_id] = admitted;
          if (workload.cgroup_id != 0) cgroups_[workload.cgroup_id] = admitted;
        },
        host_);
  }

  void write(const std::string& name, const std::string& text) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }
  std::string bundle(const std::string& name) {
    write(name + "/config.json",
          R"({"ociVersion": "1.0.2", "process": {"args": ["/bin/server"], "noNewPrivileges": true},
              "linux": {"seccomp": {}}, "annotations": {"app": "demo"}})");
    return folder_ / name;
  }

  static Selector only_container(const std::string& name) {
    Selector selector;
    selector.container = {name};
    return selector;
  }
  static Selector only_command() {
    Selector selector;
    selector.command = true;
    return selector;
  }
  static WorkloadEvent exec(TaskIdentity identity, const std::string& comm,
                            const std::string& parent_comm) {
    WorkloadEvent event;
    event.time_ns = 1000;
    event.identity = identity;
    event.pid = 4711;
    event.comm = comm;
    event.parent_comm = parent_comm;
    event.cgroup_path = "/";
    return event;
  }

  TrackedHost host_;
  fs::path folder_;
  std::map<WorkloadId, Workload> told_;
  std::map<std::uint64_t, bool> mounts_, cgroups_;  // verdicts, the last one counts
};

// crun on a hybrid machine leaves every container in the root of cgroup2.
TEST_F(WorkloadTrackerTest, TellsCrunsContainersApartByTheirMounts) {
  auto tracked = tracker();
  auto web = exec({kMounts, 70, 1, kNet}, "server", "crun");
  web.legacy_cgroup_path = "/web";
  web.parent_directory = bundle("web");
  write("crun/web/status", R"({"pid": 1, "bundle": ")" + web.parent_directory + "\"}");
  auto db = exec({kMounts + 9, 71, 1, kNet + 9}, "server", "crun");
  db.legacy_cgroup_path = "/db";
  db.parent_directory = bundle("b");  // it is gone already, and so is its state

  tracked.on_event(web);
  tracked.on_event(db);

  const auto first = tracked.resolve(web.identity, 2000);
  const auto second = tracked.resolve(db.identity, 2000);
  EXPECT_NE(first, second);
  EXPECT_EQ(told_[first].name, "web");
  EXPECT_EQ(told_[first].runtime, "crun");
  EXPECT_EQ(told_[first].kind, WorkloadKind::kContainer);
  EXPECT_TRUE(told_[first].no_new_privileges);
  EXPECT_TRUE(told_[first].has_seccomp);
  EXPECT_FALSE(told_[first].partial);
  EXPECT_EQ(told_[first].labels.at("app"), "demo");
  EXPECT_EQ(told_[second].name, "db");
  EXPECT_EQ(told_[second].runtime, "crun");
}

// runc's child enters the container's cgroup before it has mounts of its own.
TEST_F(WorkloadTrackerTest, CountsRuncsSetUpToItsContainer) {
  auto tracked = tracker();
  const auto folder = bundle("b");
  auto init = exec({kHostMounts, 1, 900, kHostNet}, "runc:[1:CHILD]", "runc:[0:PARENT]");
  init.kind = WorkloadEvent::Kind::kCgroupAttach;
  init.cgroup_path = "/web";
  init.parent_directory = folder;
  auto entry = exec({kMounts, 70, 900, kNet}, "server", "runc");
  entry.cgroup_path = "/web";
  entry.parent_directory = folder;

  tracked.on_event(init);
  const auto before = tracked.resolve(init.identity, 1500);
  tracked.on_event(entry);

  EXPECT_EQ(tracked.resolve(entry.identity, 2000), before);
  EXPECT_EQ(tracked.resolve(init.identity, 2000), before);
  EXPECT_EQ(told_.size(), 1u);
  EXPECT_EQ(told_[before].name, "web");
  EXPECT_EQ(told_[before].mntns_id, kMounts);
  EXPECT_EQ(told_[before].netns_id, kNet);
  EXPECT_EQ(told_[before].cgroup_id, 900u);
}

TEST_F(WorkloadTrackerTest, DoesNotTakeTheRuntimeItselfForItsContainer) {
  auto tracked = tracker();
  auto runc = exec({kHostMounts, 1, 30, kHostNet}, "runc", "bash");
  runc.cgroup_path = "/jobs";
  runc.parent_directory = bundle("b");
  tracked.on_event(runc);
  EXPECT_EQ(told_[tracked.resolve(runc.identity, 2000)].kind, WorkloadKind::kHost);
}

// A person may stand in a bundle's folder and run the very program that it names.
TEST_F(WorkloadTrackerTest, DoesNotTakeAnUnshareInABundlesFolderForAContainer) {
  auto tracked = tracker();
  auto shell = exec({kMounts, 70, 1, kHostNet}, "server", "unshare");
  shell.parent_directory = bundle("b");
  tracked.on_event(shell);
  EXPECT_EQ(told_[tracked.resolve(shell.identity, 2000)].kind, WorkloadKind::kHost);
}

TEST_F(WorkloadTrackerTest, NamesPodmansContainerFromItsStorage) {
  auto tracked = tracker();
  write("storage/overlay-containers/containers.json",
        R"([{"id": ")" + kId + R"(", "names": ["shop"],
            "metadata": "{\"image-name\":\"docker.io/library/shop:1\"}"}])");
  write("storage/overlay-containers/" + kId + "/userdata/config.json",
        R"({"ociVersion": "1.0.2", "annotations": {"io.container.manager": "libpod"}})");
  auto event = exec({kMounts, 70, 900, kNet}, "shop", "conmon");
  event.cgroup_path = "/libpod_parent/libpod-" + kId;
  tracked.on_event(event);

  const auto& workload = told_[tracked.resolve(event.identity, 2000)];
  EXPECT_EQ(workload.name, "shop");
  EXPECT_EQ(workload.image, "docker.io/library/shop:1");
  EXPECT_EQ(workload.runtime, "podman");
  EXPECT_EQ(workload.container_id, kId);
}

TEST_F(WorkloadTrackerTest, TakesKubernetesNamesFromTheBundle) {
  auto tracked = tracker();
  write("tasks/k8s.io/" + kId + "/config.json", R"({"ociVersion": "1.0.2", "annotations": {
      "io.kubernetes.cri.container-name": "web", "io.kubernetes.cri.container-type": "container",
      "io.kubernetes.cri.sandbox-name": "web-0", "io.kubernetes.cri.sandbox-namespace": "shop",
      "io.kubernetes.cri.sandbox-uid": "u-1", "io.kubernetes.cri.image-name": "web:1"}})");
  auto event = exec({kMounts, 70, 900, kNet}, "web", "containerd-shim");
  event.cgroup_path = "/kubepods/besteffort/pod0fa4b5f0-94a6-4d0a-9a1f-2f6f4bc7d901/" + kId;
  tracked.on_event(event);

  const auto& workload = told_[tracked.resolve(event.identity, 2000)];
  EXPECT_EQ(workload.name, "web");
  EXPECT_EQ(workload.kube_namespace, "shop");
  EXPECT_EQ(workload.pod, "web-0");
  EXPECT_EQ(workload.runtime, "containerd");
}

TEST_F(WorkloadTrackerTest, KeepsUnitsWithPrivateMountsApartFromContainers) {
  auto tracked = tracker();
  auto service = exec({kMounts, 70, 900, kHostNet}, "nginx", "systemd");
  service.cgroup_path = "/system.slice/nginx.service";
  tracked.on_event(service);
  auto plain = exec({kHostMounts, 1, 901, kHostNet}, "cron", "systemd");
  plain.cgroup_path = "/system.slice/cron.service";
  tracked.on_event(plain);
  auto unshared = exec({kMounts + 1, 72, 1, kHostNet}, "sh", "unshare");
  tracked.on_event(unshared);

  EXPECT_EQ(told_[tracked.resolve(service.identity, 2000)].name, "nginx.service");
  EXPECT_EQ(told_[tracked.resolve(service.identity, 2000)].kind, WorkloadKind::kUnit);
  EXPECT_EQ(told_[tracked.resolve(plain.identity, 2000)].name, "cron.service");
  EXPECT_EQ(told_[tracked.resolve(unshared.identity, 2000)].name, "host");
}

TEST_F(WorkloadTrackerTest, CountsTheCommandsTreeButNotItsContainers) {
  auto tracked = tracker();
  tracked.set_command({.cgroup_id = 500}, "make test");
  auto below = exec({kHostMounts, 1, 500, kHostNet}, "make", "ig");
  below.cgroup_path = "/ig-1";
  tracked.on_event(below);
  auto container = exec({kMounts, 70, 500, kNet}, "server", "crun");
  container.cgroup_path = "/ig-1";
  container.parent_directory = bundle("web");
  tracked.on_event(container);

  const auto command = tracked.resolve(below.identity, 2000);
  EXPECT_EQ(told_[command].kind, WorkloadKind::kCommand);
  EXPECT_EQ(told_[command].name, "make test");
  const auto inside = tracked.resolve(container.identity, 2000);
  EXPECT_EQ(told_[inside].kind, WorkloadKind::kContainer);
  EXPECT_EQ(tracked.resolve({kHostMounts, 1, 500, kHostNet}, 3000), command);
}

// Upstream's gadgets know the number of the mount namespace only, and the kernel uses it again.
TEST_F(WorkloadTrackerTest, FindsTheContainerThatHadTheMountsAtTheTime) {
  auto tracked = tracker();
  auto first = exec({kMounts, 70, 900, kNet}, "a", "runc");
  first.cgroup_path = "/docker/" + kId;
  auto second = exec({kMounts, 88, 901, kNet}, "b", "runc");
  second.cgroup_path = "/docker/" + std::string(64, 'd');
  second.time_ns = 5000;
  tracked.on_event(first);
  auto gone = first;
  gone.kind = WorkloadEvent::Kind::kNamespaceGone;
  gone.time_ns = 4000;
  tracked.on_event(gone);
  tracked.on_event(second);

  const auto older = tracked.resolve({kMounts, 70, 900, 0}, 2000);
  const auto newer = tracked.resolve({kMounts, 88, 901, 0}, 6000);
  EXPECT_NE(older, newer);
  EXPECT_EQ(tracked.resolve({.mntns_id = kMounts}, 2000), older);
  EXPECT_EQ(tracked.resolve({.mntns_id = kMounts}, 6000), newer);
  EXPECT_EQ(told_[older].exit_known, 1);
  EXPECT_EQ(told_[newer].exit_known, 0);
}

// The kernel uses the number of a cgroup again when all have been used, and of one that is gone.
TEST_F(WorkloadTrackerTest, TellsTheNextUseOfACgroupsNumberApart) {
  auto tracked = tracker();
  auto first = exec({kMounts, 70, 900, kNet}, "a", "runc");
  first.cgroup_path = "/docker/" + kId;
  tracked.on_event(first);
  auto gone = first;
  gone.kind = WorkloadEvent::Kind::kCgroupGone;
  gone.time_ns = 4000;
  tracked.on_event(gone);
  auto second = exec({kMounts, 88, 900, kNet}, "b", "runc");
  second.cgroup_path = "/docker/" + std::string(64, 'd');
  second.time_ns = 5000;
  tracked.on_event(second);

  EXPECT_NE(tracked.resolve(first.identity, 2000), tracked.resolve(second.identity, 6000));
  EXPECT_EQ(told_[tracked.resolve(second.identity, 6000)].container_id, std::string(64, 'd'));
  EXPECT_EQ(told_[tracked.resolve(first.identity, 2000)].container_id, kId);
}

// In a pid namespace of our own, our process 1 is not the machine's.
TEST_F(WorkloadTrackerTest, KnowsTheMachineFromWithinAContainer) {
  host_.mntns_id = kMounts;
  auto tracked = tracker();
  tracked.set_machine(kHostMounts, kHostNet);
  auto init = exec({kHostMounts, 1, 900, kHostNet}, "runc:[1:CHILD]", "runc:[0:PARENT]");
  init.kind = WorkloadEvent::Kind::kCgroupAttach;
  init.cgroup_path = "/web";
  init.parent_directory = bundle("b");
  tracked.on_event(init);

  EXPECT_EQ(told_[tracked.resolve(init.identity, 1500)].name, "web");
  EXPECT_EQ(told_[tracked.resolve({kHostMounts, 1, 1, kHostNet}, 1500)].name, "host");
  EXPECT_EQ(told_[tracked.resolve({kHostMounts, 1, 500, kHostNet}, 1500)].name, "host");
  EXPECT_EQ(told_[tracked.resolve({.netns_id = kHostNet}, 1500)].name, "host");
}

TEST_F(WorkloadTrackerTest, FindsTheOwnerOfANetworkNamespace) {
  auto tracked = tracker();
  auto event = exec({kMounts, 70, 900, kNet}, "a", "runc");
  event.cgroup_path = "/docker/" + kId;
  tracked.on_event(event);
  const auto container = tracked.resolve(event.identity, 2000);

  EXPECT_EQ(tracked.resolve({.netns_id = kNet}, 2000), container);
  EXPECT_EQ(told_[tracked.resolve({.netns_id = kHostNet}, 2000)].name, "host");
  // Two containers that share it and are not of one pod: nobody's but the host's.
  auto other = exec({kMounts + 1, 71, 901, kNet}, "b", "runc");
  other.cgroup_path = "/docker/" + std::string(64, 'd');
  tracked.on_event(other);
  EXPECT_EQ(told_[tracked.resolve({.netns_id = kNet}, 2000)].name, "host");
}

// It came and went between the reading of the events and of the record.
TEST_F(WorkloadTrackerTest, ReadsTheEventsBeforeItGuesses) {
  auto tracked = tracker();
  const TaskIdentity identity{.mntns_id = kMounts, .mntns_gen = 7, .netns_id = kNet};
  auto event = exec(identity, "server", "crun");
  event.parent_directory = bundle("web");
  tracked.before_guessing([&] { tracked.on_event(event); });
  const auto id = tracked.resolve(identity, 1000);
  EXPECT_EQ(tracked.find(id)->name, "web");
}

TEST_F(WorkloadTrackerTest, NamesAContainerByItsBundleWhenBothAreGone) {
  auto tracked = tracker();
  auto event = exec({.mntns_id = kMounts, .mntns_gen = 7, .netns_id = kNet}, "server", "runc");
  event.parent_directory = folder_ / "tasks/default/web";
  event.cgroup_path = "/default/web";
  tracked.on_event(event);
  EXPECT_EQ(tracked.find(1)->name, "web");
  EXPECT_EQ(tracked.find(1)->container_id, "web");
}

TEST_F(WorkloadTrackerTest, ReportsMountsThatNothingNames) {
  auto tracked = tracker();
  const auto id = tracked.resolve({kMounts, 70, 1, kNet}, 2000);
  tracked.finish();
  EXPECT_EQ(told_[id].kind, WorkloadKind::kContainer);
  EXPECT_EQ(told_[id].name, "mntns-" + std::to_string(kMounts));
  EXPECT_THAT(tracked.unresolved(), ElementsAre(id));
}

TEST_F(WorkloadTrackerTest, GivesVerdictsForEveryIdentityOnceNamed) {
  auto tracked = tracker(only_container("web"));
  auto web = exec({kMounts, 70, 900, kNet}, "server", "runc");
  web.cgroup_path = "/web";
  web.parent_directory = bundle("b");
  write("runc/web/state.json", R"({"init_process_pid": 4711})");
  tracked.on_event(web);
  auto other = exec({kMounts + 1, 71, 901, kNet}, "server", "runc");
  other.cgroup_path = "/docker/" + kId;
  tracked.on_event(other);

  EXPECT_TRUE(mounts_.at(kMounts));
  EXPECT_TRUE(cgroups_.at(900));
  EXPECT_FALSE(mounts_.at(kMounts + 1));
  EXPECT_FALSE(cgroups_.at(901));
  // It moves to a cgroup of its own below.
  web.identity.cgroup_id = 950;
  web.cgroup_path = "/web/init.scope";
  tracked.on_event(web);
  EXPECT_TRUE(cgroups_.at(950));
}

// The kernel records what the command starts; a container of it has no name that was asked for, and
// would take itself, or the whole command, out of the filter.
TEST_F(WorkloadTrackerTest, NeverDropsTheCommandOrItsContainers) {
  auto tracked = tracker(only_command());
  tracked.set_command({.cgroup_id = 500}, "make test");
  auto container = exec({kMounts, 70, 500, kNet}, "server", "crun");
  container.cgroup_path = "/ig-1";
  container.parent_directory = bundle("web");
  tracked.on_event(container);
  EXPECT_TRUE(cgroups_.at(500));
  EXPECT_EQ(mounts_.count(kMounts), 0u);
}

TEST(WorkloadTrackerScan, FindsThisMachinesProcessesPartial) {
  std::map<WorkloadId, Workload> told;
  WorkloadTracker tracker(
      {}, [&](const Workload& workload) { told[workload.id] = workload; },
      [](const Workload&, bool) {});
  ASSERT_TRUE(tracker.scan_running());
  ASSERT_FALSE(told.empty());
  for (const auto& [id, workload] : told) {
    EXPECT_TRUE(workload.partial) << workload.name;
    EXPECT_FALSE(workload.name.empty());
  }
}

}  // namespace
}  // namespace ig
