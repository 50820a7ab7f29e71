// SPDX-License-Identifier: Apache-2.0
// Where the kernel's types are looked for, in a file system of the test's own.
#include "recorder/kernel/kernel_btf.h"

#include <bpf/btf.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/support/scratch_folder.h"

namespace ig {
namespace {

namespace fs = std::filesystem;

class KernelBtfTest : public testing::Test {
 protected:
  KernelBtfTest() {
    search.root = root.string();
    search.release = "6.1.0-9-amd64";
    search.arch = "x86_64";
    search.os_id = "debian";
    search.os_version = "12";
  }

  // A file that holds types.
  fs::path put_btf(const std::string& path) {
    btf* types = btf__new_empty();
    btf__add_int(types, "int", 4, BTF_INT_SIGNED);
    __u32 size = 0;
    const auto* bytes = static_cast<const char*>(btf__raw_data(types, &size));
    put(path, {bytes, size});
    btf__free(types);
    return root / path;
  }
  void put(const std::string& path, const std::string& bytes) {
    fs::create_directories((root / path).parent_path());
    std::ofstream(root / path, std::ios::binary) << bytes;
  }
  void expect_found(const fs::path& path) {
    const auto btf = find_kernel_btf(search);
    ASSERT_TRUE(btf) << btf.error().message;
    EXPECT_EQ(btf->found, path.string());
  }

  ScratchFolder scratch;
  const fs::path& root = scratch.path();
  BtfSearch search;
};

TEST_F(KernelBtfTest, TheKernelsOwnGoesBeforeFolders) {
  put_btf("sys/kernel/btf/vmlinux");
  put_btf("etc/ig/btf/6.1.0-9-amd64.btf");
  const auto btf = find_kernel_btf(search);
  ASSERT_TRUE(btf);
  EXPECT_EQ(btf->path, "") << "libbpf finds it by itself";
}

TEST_F(KernelBtfTest, LibbpfIsGivenTheKernelsOwnWhereItMayNotReadTheModules) {
  put_btf("sys/kernel/btf/vmlinux");
  search.without_modules = true;
  const auto btf = find_kernel_btf(search);
  ASSERT_TRUE(btf);
  EXPECT_EQ(btf->path, "/sys/kernel/btf/vmlinux");
}

TEST_F(KernelBtfTest, WhatThePersonNamesGoesBeforeAll) {
  put_btf("sys/kernel/btf/vmlinux");
  search.file = put_btf("mine.btf").string();
  expect_found(search.file);
}

TEST_F(KernelBtfTest, AnArchiveComesAfterPlainFiles) {
  const auto archived = put_btf("var/lib/ig/btf/debian/12/x86_64/6.1.0-9-amd64.btf");
  expect_found(archived);
  const auto plain = put_btf("boot/vmlinux-6.1.0-9-amd64");
  expect_found(plain);
}

TEST_F(KernelBtfTest, PackedTypesAreUnpacked) {
  put_btf("6.1.0-9-amd64.btf");
  const auto folder = root / "hub/debian/12/x86_64";
  fs::create_directories(folder);
  const auto packed = folder / "6.1.0-9-amd64.btf.tar.xz";
  const auto line = "tar -C " + root.string() + " -cJf " + packed.string() + " 6.1.0-9-amd64.btf";
  ASSERT_EQ(std::system(line.c_str()), 0);
  search.shipped = {(root / "hub").string()};
  const auto btf = find_kernel_btf(search);
  ASSERT_TRUE(btf) << btf.error().message;
  EXPECT_EQ(btf->found, packed.string());
  EXPECT_TRUE(fs::exists(btf->path));
}

TEST_F(KernelBtfTest, DamagedTypesAreToldAndPassedOver) {
  put("etc/ig/btf/6.1.0-9-amd64", "no types");
  put("usr/share/ig/btf/debian/12/x86_64/6.1.0-9-amd64.btf.tar.xz", "no archive");
  const auto good = put_btf("usr/lib/ig/btf/debian/12/x86_64/6.1.0-9-amd64.btf");
  expect_found(good);
}

TEST_F(KernelBtfTest, WhereNoneHasItEveryPlaceIsNamed) {
  const auto btf = find_kernel_btf(search);
  ASSERT_FALSE(btf);
  for (const auto* place :
       {"sys/kernel/btf/vmlinux", "etc/ig/btf/6.1.0-9-amd64", "boot/vmlinux-6.1.0-9-amd64",
        "var/lib/ig/btf/debian/12/x86_64/6.1.0-9-amd64.btf.tar.xz"}) {
    EXPECT_NE(btf.error().message.find(place), std::string::npos) << place;
  }
}

}  // namespace
}  // namespace ig
