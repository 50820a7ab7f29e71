// SPDX-License-Identifier: Apache-2.0
// Names of addresses: tables, ELF files that are compiled here and then damaged, and this process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "base/file.h"
#include "recorder/symbols/elf_file.h"
#include "recorder/symbols/kernel_symbols.h"
#include "recorder/symbols/perf_map.h"
#include "recorder/symbols/process_maps.h"
#include "recorder/symbols/user_symbols.h"

extern "C" __attribute__((noinline, used)) int a_function_of_this_test(int number) {
  asm volatile("" : "+r"(number));
  return number;
}

namespace ig {
namespace {

namespace fs = std::filesystem;

TEST(SymbolTable, FindsWhatCoversAnAddress) {
  SymbolTable table;
  table.add(0x200, 0x10, "second");
  table.add(0x100, 0x80, "outer");
  table.add(0x120, 0x10, "inner");
  table.add(0x300, 0, "open");
  table.add(0x300, 0, "alias");
  table.add(0x400, 0x10, "last");
  table.finish();
  EXPECT_EQ(table.find(0x100).name, "outer");
  EXPECT_EQ(table.find(0x125).name, "inner");
  EXPECT_EQ(table.find(0x130).name, "outer");
  EXPECT_EQ(table.find(0x180).name, "") << "behind its end";
  EXPECT_EQ(table.find(0x20f).name, "second");
  EXPECT_EQ(table.find(0x3ff).name, "alias");
  EXPECT_EQ(table.find(0x3ff).offset, 0xffU);
  EXPECT_EQ(table.find(0x410).name, "");
  EXPECT_EQ(table.find(0).name, "");
  EXPECT_EQ(SymbolTable().find(1).name, "");
}

TEST(FrameName, IsReadableAndNeverSeparatesFrames) {
  EXPECT_EQ(frame_name("_ZN2ig11SymbolTable6finishEv"), "ig::SymbolTable::finish");
  EXPECT_EQ(frame_name("_ZN4core3ptr4drop17h0123456789abcdefE"), "core::ptr::drop");
  EXPECT_EQ(frame_name("main.(*Server).Serve"), "main.(*Server).Serve");
  EXPECT_EQ(frame_name("_Znonsense"), "_Znonsense");
  EXPECT_EQ(frame_name("LFoo;->bar\n\x1b[0m"), "LFoo:->bar??[0m");
  EXPECT_EQ(frame_name(std::string(5000, 'x')).size(), 256U);
}

TEST(FrameName, IsBoundedWhateverANameStandsFor) {
  // Each parameter is a pair of the one before: twice as long with each step.
  std::string bomb = "_Z1fSt4pairIiiE";
  for (int i = 0; i < 100; ++i) bomb += i == 0 ? "S_IS0_S0_E" : "S_IS1_S1_E";
  EXPECT_LE(frame_name(bomb).size(), 1024U);
  std::string deep = "_Z1f";
  for (int i = 0; i < 400; ++i) deep += "St4pairI";
  EXPECT_LE(frame_name(deep).size(), 1024U);
}

TEST(PerfMap, TakesWhatIsALine) {
  const auto table = parse_perf_map(
      "7f00 20 LazyCompile:~add file.js:1\n0x7f40 0x10 py::run:/x.py\nnonsense\n7f60 zz f\n"
      "7f70 0 empty\n7f80 8\n7f90 8 last");
  EXPECT_EQ(table.size(), 3U);
  EXPECT_EQ(table.find(0x7f1f).name, "LazyCompile:~add file.js:1");
  EXPECT_EQ(table.find(0x7f45).name, "py::run:/x.py");
  EXPECT_EQ(table.find(0x7f97).name, "last");
}

TEST(ProcessMaps, HasTheCodeAndWhatIsServed) {
  const auto maps = parse_maps(
      "7f0000000000-7f0000001000 r--p 00000000 fe:01 12 /lib/x.so\n"
      "7f0000001000-7f0000003000 r-xp 00001000 fe:01 12                  /lib/with space.so\n"
      "7e0000000000-7e0000001000 rwxp 00000000 00:00 0 \n"
      "7ffd00000000-7ffd00002000 r-xp 00000000 00:00 0                  [vdso]\n"
      "x\n7f-\n");
  ASSERT_EQ(maps.size(), 3U);
  EXPECT_EQ(maps[0].path, "");
  EXPECT_EQ(maps[1].path, "/lib/with space.so");
  EXPECT_EQ(maps[1].offset, 0x1000U);
  EXPECT_EQ(maps[1].major, 0xfeU);
  EXPECT_EQ(maps[1].inode, 12U);
  EXPECT_EQ(maps[2].path, "[vdso]");

  const auto mounts = parse_mounts(
      "22 28 0:21 / /proc rw - proc proc rw\n"
      "90 22 0:55 / /tmp rw,nosuid shared:5 - fuse.sshfs host: rw,user_id=0\n");
  EXPECT_TRUE(mounts.has_device(0, 55));
  EXPECT_FALSE(mounts.has_device(0, 21));
  EXPECT_TRUE(mounts.covers("/tmp/perf-1.map"));
  EXPECT_FALSE(mounts.covers("/tmpfoo"));
  EXPECT_EQ(parse_inner_pid("Name:\tx\nNSpid:\t4711\t7\n"), 7U);
  EXPECT_EQ(parse_inner_pid("Name:\tx\n"), 0U);
}

TEST(KernelSymbols, ReadsKallsyms) {
  const auto table = KernelSymbols::parse(
      "ffffffff81000000 T _text\nffffffff81000100 t do_it\nffffffff81000200 D data\n"
      "ffffffffc0000000 t in_module\t[mod]\n0000000000000000 T hidden\n");
  EXPECT_EQ(table.size(), 3U);
  EXPECT_EQ(table.find(0xffffffff81000150).name, "do_it");
  EXPECT_EQ(table.find(0xffffffffc0000010).name, "in_module");
}

class Compiled : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = fs::temp_directory_path() / ("ig-symbols-" + std::to_string(getpid()));
    fs::create_directories(directory_);
    std::ofstream(directory_ / "x.c")
        << "static __attribute__((noinline)) int hidden(int x) { return x * 3; }\n"
           "int exported(int x) { return hidden(x) + 1; }\n"
           "int main(void) { return exported(1); }\n";
  }
  void TearDown() override { fs::remove_all(directory_); }

  std::string compile(const std::string& options) {
    const auto out = (directory_ / "out").string();
    const auto command = "gcc-12 -Wl,--build-id=0xdeadbeef01 " + options + " -o " + out + " " +
                         (directory_ / "x.c").string();
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
    auto bytes = read_file(out, 64 << 20);
    EXPECT_TRUE(bytes);
    return bytes ? std::move(*bytes) : "";
  }

  fs::path directory_;
};

std::optional<ElfFile> read_bytes(std::string_view bytes) {
  return read_elf(read_from(std::as_bytes(std::span(bytes))));
}

std::vector<std::string_view> names(const SymbolTable& table) {
  std::vector<std::string_view> names;
  for (std::uint64_t at = 0; at < 0x3000; ++at) {
    const auto name = table.find(at).name;
    if (!name.empty() && (names.empty() || names.back() != name)) names.push_back(name);
  }
  return names;
}

TEST_F(Compiled, AProgramHasItsFunctionsAndBuildId) {
  const auto elf = read_bytes(compile("-pie -fPIE"));
  ASSERT_TRUE(elf);
  EXPECT_TRUE(elf->has_symtab);
  EXPECT_EQ(elf->build_id, "deadbeef01");
  EXPECT_THAT(names(elf->functions), testing::IsSupersetOf({"hidden", "exported", "main"}));
  ASSERT_FALSE(elf->code.empty());
  const auto& code = elf->code.front();
  EXPECT_EQ(elf->address_of(code.offset + 8), code.address + 8);
  EXPECT_EQ(elf->address_of(code.offset + code.size), std::nullopt);
}

TEST_F(Compiled, AStrippedLibraryHasWhatItExports) {
  const auto elf = read_bytes(compile("-shared -fPIC -s"));
  ASSERT_TRUE(elf);
  EXPECT_FALSE(elf->has_symtab);
  EXPECT_THAT(names(elf->functions), testing::Contains("exported"));
  EXPECT_THAT(names(elf->functions), testing::Not(testing::Contains("hidden")));
}

TEST_F(Compiled, DamagedFilesAreReadWithinTheirBounds) {
  const auto whole = compile("-pie -fPIE");
  for (std::size_t size = 0; size < whole.size(); size += 97) read_bytes(whole.substr(0, size));
  std::mt19937 random(7);  // NOLINT: the same damage in every run
  for (int round = 0; round < 2000; ++round) {
    auto damaged = whole;
    for (int i = 0; i < 8; ++i) {
      const auto header = round % 2 == 0 ? 64U : static_cast<unsigned>(damaged.size());
      damaged[random() % header] = static_cast<char>(random());
    }
    if (const auto elf = read_bytes(damaged)) {
      elf->functions.find(0x1000);
      elf->address_of(0x1000);
    }
  }
  EXPECT_FALSE(
      read_bytes("\x7f"
                 "ELF"));
  EXPECT_FALSE(read_bytes(""));
}

UserSymbols::Space this_space() { return {static_cast<std::uint32_t>(getpid()), 1}; }

std::string name_here(UserSymbols& symbols, std::uint64_t address) {
  const std::uint64_t stack[] = {address, 0, 0x1234};
  return symbols.stack_text(this_space(), this_space().tgid, stack);
}

TEST(UserSymbols, NameOurOwnFunctionsOutermostFirst) {
  UserSymbols symbols;
  const auto function = reinterpret_cast<std::uint64_t>(&a_function_of_this_test);
  EXPECT_EQ(name_here(symbols, function), "a_function_of_this_test");
  const auto libc = reinterpret_cast<std::uint64_t>(&::getpid);
  // The caller's address is the one behind its call.
  const std::uint64_t stack[] = {libc, function + 1};
  const auto text = symbols.stack_text(this_space(), 0, stack);
  EXPECT_THAT(text, testing::StartsWith("a_function_of_this_test;"));
  EXPECT_THAT(text, testing::HasSubstr("getpid"));
}

TEST(UserSymbols, NameTheVdso) {
  const auto base = getauxval(AT_SYSINFO_EHDR);
  if (base == 0) GTEST_SKIP() << "there is no vdso";
  UserSymbols symbols;
  EXPECT_EQ(name_here(symbols, base + 4), "[vdso+0x4]");
}

TEST(UserSymbols, NameWhatAProcessMadeItself) {
  constexpr std::size_t kSize = 4096;
  auto* code = mmap(nullptr, kSize, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(code, MAP_FAILED);
  const auto address = reinterpret_cast<std::uint64_t>(code);
  UserSymbols symbols;
  EXPECT_THAT(name_here(symbols, address + 4), testing::MatchesRegex("\\[0x[0-9a-f]+\\]"));
  const auto path = fs::path("/tmp") / ("perf-" + std::to_string(getpid()) + ".map");
  std::ofstream(path) << std::hex << address << " 40 made;by us\n";
  symbols.look_at(this_space(), 0);
  EXPECT_EQ(name_here(symbols, address + 4), "made:by us");
  fs::remove(path);
  munmap(code, kSize);
}

TEST(UserSymbols, SayWhenAProcessWasGone) {
  const auto child = fork();
  if (child == 0) _exit(0);
  waitpid(child, nullptr, 0);
  UserSymbols symbols;
  const std::uint64_t stack[] = {0x401000, 0x402000};
  const UserSymbols::Space space{static_cast<std::uint32_t>(child), 1};
  EXPECT_EQ(symbols.stack_text(space, space.tgid, stack), "[exited];[0x402000];[0x401000]");
}

TEST(UserSymbols, KnowAProcessThatWasLookedAtInTime) {
  const auto child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  UserSymbols symbols;
  const UserSymbols::Space space{static_cast<std::uint32_t>(child), 1};
  symbols.look_at(space, 0);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  symbols.look_at(space, 0);
  const std::uint64_t stack[] = {reinterpret_cast<std::uint64_t>(&a_function_of_this_test)};
  EXPECT_EQ(symbols.stack_text(space, 0, stack), "a_function_of_this_test");
}

}  // namespace
}  // namespace ig
