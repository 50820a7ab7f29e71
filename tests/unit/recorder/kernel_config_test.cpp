// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/kernel_config.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "recorder/kernel/kernel_security.h"
#include "tests/support/scratch_folder.h"

namespace ig {
namespace {

namespace fs = std::filesystem;

TEST(KernelConfig, OptionsHaveTheirValuesAndWhatIsNotSetIsNo) {
  const auto config = parse_kernel_config(
      "# CONFIG_KPROBES is not set\nCONFIG_BPF=y\nCONFIG_AUDIT=m\nCONFIG_HZ=250\nnonsense\n");
  EXPECT_EQ(config.value("CONFIG_BPF"), "y");
  EXPECT_EQ(config.value("CONFIG_AUDIT"), "m");
  EXPECT_EQ(config.value("CONFIG_HZ"), "250");
  EXPECT_EQ(config.value("CONFIG_KPROBES"), "n");
}

TEST(KernelConfig, IsReadPackedFromProcAndPlainFromBoot) {
  const ScratchFolder scratch;
  const auto& root = scratch.path();
  fs::create_directories(root / "boot");
  fs::create_directories(root / "proc");
  std::ofstream(root / "boot/config-6.1") << "CONFIG_BPF=m\n";
  EXPECT_EQ(read_kernel_config(root.string(), "6.1")->value("CONFIG_BPF"), "m");
  const auto line = "echo CONFIG_BPF=y | gzip > " + (root / "proc/config.gz").string();
  ASSERT_EQ(std::system(line.c_str()), 0);
  const auto config = read_kernel_config(root.string(), "6.1");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->value("CONFIG_BPF"), "y");
  EXPECT_TRUE(config->path.ends_with("proc/config.gz"));
}

TEST(KernelConfig, WhereThereIsNoneThePlacesAreNamed) {
  const auto config = read_kernel_config("/nosuch", "6.1");
  ASSERT_FALSE(config);
  EXPECT_NE(config.error().message.find("boot/config-6.1"), std::string::npos);
}

TEST(KernelSecurity, TellsLockdownSecureBootAndLimitsFromTheirFiles) {
  const ScratchFolder scratch;
  const auto& root = scratch.path();
  const auto put = [&](const std::string& path, const std::string& text) {
    fs::create_directories((root / path).parent_path());
    std::ofstream(root / path, std::ios::binary) << text;
  };
  put("sys/kernel/security/lockdown", "none integrity [confidentiality]\n");
  put("sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c",
      std::string("\6\0\0\0\1", 5));
  put("proc/self/mounts", "cgroup /a cgroup rw 0 0\nnone /b cgroup2 rw 0 0\n");
  put("proc/sys/kernel/unprivileged_bpf_disabled", "2\n");
  put("proc/self/status", "Name:\tx\nCapEff:\t0000000000001000\n");
  const auto security = probe_security(root.string() + "/");
  EXPECT_EQ(security.lockdown, "confidentiality");
  EXPECT_EQ(security.secure_boot, "on");
  EXPECT_EQ(security.cgroup, "hybrid");
  EXPECT_EQ(security.unprivileged_bpf_disabled, 2);
  EXPECT_EQ(security.lacking_capabilities, (std::vector<std::string>{"CAP_BPF", "CAP_PERFMON"}));
}

}  // namespace
}  // namespace ig
