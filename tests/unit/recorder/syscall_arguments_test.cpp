// SPDX-License-Identifier: Apache-2.0
// Recorded calls become the text that strace (6.1) has for them.
#include "recorder/extension/syscall_arguments.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

#include <random>
#include <vector>

#include "recorder/extension/syscall_signatures.h"
#include "store/syscall_table.h"

namespace ig {
namespace {

// A record as the kernel's side makes it.
class Recorded {
 public:
  Recorded(std::string_view name, std::array<std::uint64_t, 6> args) {
    call_.arch = "x86_64";
    call_.name = name;
    call_.args = args;
  }

  Recorded& with(std::uint8_t operation, std::string_view bytes, std::uint32_t total = 0,
                 std::uint8_t part = 0) {
    const auto size = static_cast<std::uint16_t>(bytes.size());
    add(operation);
    add(part);
    add(size);
    add(total == 0 ? static_cast<std::uint32_t>(size) : total);
    for (const char byte : bytes) add(byte);
    while (bytes_.size() % 8 != 0) add('\0');
    return *this;
  }
  template <typename T>
  Recorded& with_struct(std::uint8_t operation, const T& value) {
    return with(operation, {reinterpret_cast<const char*>(&value), sizeof value});
  }

  std::string returns(std::int64_t value) {
    call_.retval = value;
    call_.finished = true;
    return text();
  }
  std::string text() {
    call_.set_captures(bytes_);
    return std::string(call_.name) + '(' + syscall_parameters(call_) +
           ") = " + syscall_result(call_);
  }

 private:
  template <typename T>
  void add(T value) {
    const auto bytes = std::as_bytes(std::span(&value, 1));
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }

  SyscallCall call_;
  std::vector<std::byte> bytes_;
};

constexpr auto kHere = static_cast<std::uint64_t>(-100);  // AT_FDCWD

TEST(SyscallArguments, AModeIsOnlyThereWhereAFileMayBeMade) {
  EXPECT_EQ(Recorded("openat", {kHere, 0x1000, 02000000, 0777}).with(0, "/etc/passwd").returns(3),
            R"(openat(AT_FDCWD, "/etc/passwd", O_RDONLY|O_CLOEXEC) = 3)");
  EXPECT_EQ(Recorded("openat", {kHere, 0x1000, 01102, 0640}).with(0, "new").returns(-13),
            R"(openat(AT_FDCWD, "new", O_RDWR|O_CREAT|O_TRUNC, 0640) = )"
            "-1 EACCES (Permission denied)");
}

TEST(SyscallArguments, TextIsQuotedAndSaysWhatItLacks) {
  EXPECT_EQ(Recorded("write", {1, 0x1000, 300})
                .with(0, std::string_view("a\n\"\0015\0\377", 7), 300)
                .returns(300),
            R"(write(1, "a\n\"\0015\0\377"..., 300) = 300)");
  EXPECT_EQ(Recorded("read", {4, 0x7ffc0010, 10}).returns(-11),
            "read(4, 0x7ffc0010, 10) = -1 EAGAIN (Resource temporarily unavailable)");
  EXPECT_EQ(Recorded("read", {4, 0x7ffc0010, 10}).returns(0), R"(read(4, "", 10) = 0)");
}

TEST(SyscallArguments, AddressesOfSockets) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(53);
  address.sin_addr.s_addr = htonl(0x7f000035);
  EXPECT_EQ(
      Recorded("connect", {3, 0x1000, 16}).with_struct(0, address).returns(-115),
      R"(connect(3, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.53")}, 16) = )"
      "-1 EINPROGRESS (Operation now in progress)");
  EXPECT_EQ(
      Recorded("connect", {3, 0x1000, 9}).with(0, std::string_view("\1\0/a/b\0xx", 9)).returns(0),
      R"(connect(3, {sa_family=AF_UNIX, sun_path="/a/b"}, 9) = 0)");
}

TEST(SyscallArguments, ACallMayHaveFewerArgumentsThanItsSignature) {
  EXPECT_EQ(Recorded("futex", {0x5000, 129, 1}).returns(1),
            "futex(0x5000, FUTEX_WAKE_PRIVATE, 1) = 1");
  EXPECT_EQ(Recorded("futex", {0x5000, 137, 2, 0, 0, 0xffffffff}).text(),
            "futex(0x5000, FUTEX_WAIT_BITSET_PRIVATE, 2, NULL, FUTEX_BITSET_MATCH_ANY) = "
            "<unfinished ...>");
  EXPECT_EQ(Recorded("fcntl", {3, 3}).returns(0x8002),
            "fcntl(3, F_GETFL) = 0x8002 (flags O_RDWR|O_LARGEFILE)");
}

TEST(SyscallArguments, SomeCallsDoNotReturn) {
  EXPECT_EQ(Recorded("exit_group", {7}).text(), "exit_group(7) = ?");
}

TEST(SyscallArguments, ListsOfStringsTellWhetherTheyAreComplete) {
  Recorded call("execve", {0x1000, 0x2000, 0x3000});
  call.with(0, "/bin/true").with(1, "true", 0, 0).with(1, "x y", 0, 1);
  EXPECT_EQ(call.with(2, "", 5).returns(0),
            R"(execve("/bin/true", ["true", "x y", ...], 0x3000 /* 5 vars */) = 0)");
  EXPECT_EQ(call.with(1, "", 2, kPartEnd).returns(0),
            R"(execve("/bin/true", ["true", "x y"], 0x3000 /* 5 vars */) = 0)");
}

TEST(SyscallArguments, AnUnknownCallHasNumbers) {
  EXPECT_EQ(Recorded("", {1, 0x20}).returns(5), "(0x1, 0x20, 0x0, 0x0, 0x0, 0x0) = 5");
}

TEST(SyscallArguments, EverySignatureHasAWordForAnything) {
  std::mt19937_64 random(7);
  for (const auto& arch : syscall_archs()) {
    for (std::int64_t number = 0; number < 600; ++number) {
      const auto name = syscall_name(arch.name, number);
      if (!name) continue;
      for (int i = 0; i < 20; ++i) {
        SyscallCall call;
        call.arch = arch.name;
        call.name = *name;
        for (auto& arg : call.args) arg = random() >> random() % 64;
        call.retval = static_cast<std::int64_t>(random() >> random() % 64);
        call.finished = i % 3 != 0;
        std::vector<std::byte> memory(random() % 736);
        for (auto& byte : memory) byte = static_cast<std::byte>(random() >> (random() % 8));
        call.set_captures(memory);
        EXPECT_LT(syscall_parameters(call).size() + syscall_result(call).size(), 32768U) << *name;
      }
    }
  }
}

}  // namespace
}  // namespace ig
