// SPDX-License-Identifier: Apache-2.0
// What is read from /proc, on lines as the kernel writes them and on this process itself.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "base/handle.h"
#include "recorder/gadget/gadget_ladder.h"
#include "recorder/source/proc_descriptors.h"
#include "recorder/source/proc_net_table.h"
#include "recorder/workload/process_facts.h"

namespace ig {
namespace {

TEST(ProcNetTable, ReadsLinesOfBothFamilies) {
  const auto four = parse_socket_line(
      "   0: 0100007F:1F90 0200007F:0050 01 00000000:00000000 00:00000000 00000000  1000        0 "
      "4242 1 0000000000000000 100 0 0 10 0");
  ASSERT_TRUE(four);
  EXPECT_EQ(four->address, "127.0.0.1");
  EXPECT_EQ(four->port, 8080);
  EXPECT_EQ(four->peer_address, "127.0.0.2");
  EXPECT_EQ(four->peer_port, 80);
  EXPECT_EQ(four->state, 1);
  EXPECT_EQ(four->inode, 4242U);
  const auto six = parse_socket_line(
      "  10: 00000000000000000000000001000000:0035 00000000000000000000000000000000:0000 07 "
      "00000000:00000000 00:00000000 00000000     0        0 7 2 0000000000000000 0");
  ASSERT_TRUE(six);
  EXPECT_EQ(six->address, "::1");
  EXPECT_EQ(six->peer_address, "::");
  EXPECT_EQ(six->state, 7);
}

TEST(ProcNetTable, PassesOverAnythingElse) {
  EXPECT_FALSE(parse_socket_line(""));
  EXPECT_FALSE(
      parse_socket_line("  sl  local_address rem_address   st tx_queue rx_queue tr tm->when "
                        "retrnsmt   uid  timeout inode"));
  EXPECT_FALSE(parse_socket_line("0: 01:1 01:1 01 0:0 0:0 0 0 0 1"));
  EXPECT_FALSE(parse_socket_line("0: 0100007F:1F90 0100007F:99999 01 0:0 0:0 0 0 0 1"));
}

TEST(ProcDescriptors, AreThoseOfAProcess) {
  const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto descriptors = read_descriptors("/proc", ::getpid());
  const auto it = std::ranges::find(descriptors, socket.get(), &ProcDescriptor::fd);
  ASSERT_NE(it, descriptors.end());
  EXPECT_GT(socket_inode(it->target), 0U);
  EXPECT_EQ(socket_inode("pipe:[7]"), 0U);
}

TEST(ProcessFacts, AreThoseOfThisProcess) {
  const auto facts = read_process_facts("/proc", ::getpid());
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->pid, ::getpid());
  EXPECT_EQ(facts->parent_pid, ::getppid());
  EXPECT_EQ(facts->uid, ::geteuid());
  EXPECT_EQ(facts->comm, "unit_recorder");
  EXPECT_GT(facts->identity.mntns_id, 0U);
  EXPECT_GT(facts->start_time_ns, 0);
  EXPECT_GE(facts->threads, 1U);
  EXPECT_FALSE(read_process_facts("/proc", 0));
}

// Needs no BPF: the object is only opened, so this runs wherever tests do.
TEST(SourceRung, TakesARowSourceInUserSpace) {
  const auto catalog = GadgetCatalog::open({});
  auto gadget = **catalog->find("snapshot_process");
  LoadOptions options;
  options.parameters = {{"variant", "proc"}, {"threads", "true"}};
  const auto loaded = load_best_variant(gadget, options);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->source, "proc_processes");
  EXPECT_FALSE(loaded->in_kernel);

  options.parameters["threads"] = "maybe";
  const auto wrong = load_best_variant(gadget, options);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kUsage) << "parameters are checked all the same";

  gadget.manifest.variants = {{"future", {}, {}, {}, "telepathy"}};
  const auto unknown = load_best_variant(gadget, {});
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, testing::HasSubstr("no source telepathy"));
}

}  // namespace
}  // namespace ig
