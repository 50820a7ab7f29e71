// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/library_files.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "tests/support/scratch_folder.h"

namespace ig {
namespace {

namespace fs = std::filesystem;

TEST(LibraryFiles, KnowsALibraryByItsFilesName) {
  for (const auto* name : {"libssl.so.3", "libssl.so", "libssl-1a2b3c.so.3"}) {
    EXPECT_TRUE(is_library_file(name, "libssl")) << name;
  }
  for (const auto* name : {"libssl3.so", "libssl", "libssl.a", "libcrypto.so.3", "notlibssl.so"}) {
    EXPECT_FALSE(is_library_file(name, "libssl")) << name;
  }
}

// A cache as ldconfig writes it: 48 bytes of header, entries of 24, texts.
std::string make_cache(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string texts, table;
  const auto begin = 48 + 24 * entries.size();
  const auto number = [](std::size_t value) {
    const auto word = static_cast<std::uint32_t>(value);
    return std::string(reinterpret_cast<const char*>(&word), sizeof word);
  };
  for (const auto& [key, value] : entries) {
    const auto at = begin + texts.size();
    table +=
        number(3) + number(at) + number(at + key.size() + 1) + number(0) + number(0) + number(0);
    texts += key + '\0' + value + '\0';
  }
  return "glibc-ld.so.cache1.1" + number(entries.size()) + number(texts.size()) +
         std::string(20, '\0') + table + texts;
}

TEST(LibraryFiles, ReadsTheLinkersCache) {
  const auto cache = make_cache({{"libssl.so.3", "/opt/lib/libssl.so.3"},
                                 {"libm.so.6", "/lib/libm.so.6"},
                                 {"libssl.so.1.1", "/lib/libssl.so.1.1"}});
  const std::vector<std::string> expected{"/opt/lib/libssl.so.3", "/lib/libssl.so.1.1"};
  EXPECT_EQ(paths_in_linker_cache(cache, "libssl"), expected);
  EXPECT_EQ(paths_in_linker_cache("older format" + cache, "libssl"), expected);
  for (std::size_t size = 0; size < cache.size(); ++size) {
    paths_in_linker_cache(std::string_view(cache).substr(0, size), "libssl");
  }
}

TEST(LibraryFiles, StaysWithinTheRoot) {
  const ScratchFolder scratch;
  const auto& root = scratch.path();
  fs::create_directories(root / "usr/lib");
  std::ofstream(root / "usr/lib/libssl.so.3") << "inside";
  fs::create_symlink("/usr/lib/libssl.so.3", root / "usr/lib/libssl.so");
  fs::create_symlink("../../../../../../etc/passwd", root / "usr/lib/libssl.so.1");
  mkfifo((root / "usr/lib/libssl.so.9").c_str(), 0600);
  const UniqueFd folder(open(root.c_str(), O_PATH | O_DIRECTORY));
  // The file by its name and by its link; neither the machine's file nor the pipe.
  EXPECT_EQ(find_probe_targets(folder, "libssl").size(), 2U);
  EXPECT_EQ(find_probe_targets(folder, "/usr/lib/libssl.so").size(), 1U);
  EXPECT_EQ(find_probe_targets(folder, "/etc/passwd").size(), 0U);
}

}  // namespace
}  // namespace ig
