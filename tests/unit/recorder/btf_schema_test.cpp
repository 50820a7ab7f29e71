// SPDX-License-Identifier: Apache-2.0
// Schemas from the objects that are really embedded, and from damaged copies of them.
#include "recorder/gadget/btf_schema.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "recorder/gadget/event_decoder.h"

namespace ig {
namespace {

Gadget built_in(std::string_view name) {
  const auto catalog = GadgetCatalog::open({});
  EXPECT_TRUE(catalog) << catalog.error().message;
  const auto gadget = catalog->find(name);
  EXPECT_TRUE(gadget) << gadget.error().message;
  return **gadget;
}

std::vector<DataSource> sources_of(std::string_view name) {
  auto sources = read_data_sources(built_in(name));
  EXPECT_TRUE(sources) << sources.error().message;
  return std::move(*sources);
}

const Column& column(const DataSource& source, std::string_view name) {
  const int index = source.schema.find(name);
  EXPECT_GE(index, 0) << name;
  return source.schema.columns.at(static_cast<std::size_t>(index));
}

TEST(BtfSchema, EveryBuiltInGadgetHasOne) {
  const auto catalog = GadgetCatalog::open({});
  ASSERT_TRUE(catalog);
  ASSERT_FALSE(catalog->gadgets().empty());
  for (const auto& gadget : catalog->gadgets()) {
    const auto schemas = event_schemas(gadget);
    ASSERT_TRUE(schemas) << schemas.error().message;
    EXPECT_FALSE(schemas->empty()) << gadget.name;
    EXPECT_EQ(schemas->front().view, gadget.name);
  }
}

TEST(BtfSchema, AStreamHasItsProcessItsMeaningsAndItsWords) {
  const auto sources = sources_of("trace_open");
  ASSERT_EQ(sources.size(), 1U);
  const auto& source = sources[0];
  EXPECT_EQ(source.schema.kind, EventSchema::Kind::kTracer);
  EXPECT_EQ(source.schema.data_source, "open");
  EXPECT_EQ(source.map, "events");
  EXPECT_EQ(column(source, "timestamp_raw").meaning, Meaning::kTimestamp);
  EXPECT_EQ(column(source, "error_raw").meaning, Meaning::kErrno);
  EXPECT_EQ(column(source, "error_raw").description, "why the call failed; empty where it did not");
  EXPECT_EQ(column(source, "flags_raw").meaning, Meaning::kFileFlags);
  EXPECT_EQ(column(source, "fpath").meaning, Meaning::kPath);
  EXPECT_EQ(column(source, "fpath").width, 48);
  EXPECT_EQ(column(source, "proc.comm").process, "proc");
  EXPECT_EQ(column(source, "proc.comm").process_part, ProcessPart::kComm);
  EXPECT_EQ(column(source, "proc.parent.pid").process_part, ProcessPart::kParentPid);
  EXPECT_EQ(column(source, "proc.creds.uid").meaning, Meaning::kUid);
  EXPECT_EQ(column(source, "proc.start_time").process_part, ProcessPart::kStartTime);
  EXPECT_LT(source.least_size, source.record_size) << "the path may be cut short";
  EXPECT_GE(source.identity.mntns_id, 0);
  EXPECT_GE(source.identity.mntns_gen, 0);
  EXPECT_GE(source.identity.cgroup_id, 0);
}

TEST(BtfSchema, ArgumentsAreStringsOfAKnownLength) {
  const auto sources = sources_of("trace_exec");
  ASSERT_EQ(sources.size(), 1U);
  const auto args = static_cast<std::size_t>(sources[0].schema.find("args"));
  EXPECT_EQ(sources[0].fields.at(args).kind, FieldLayout::Kind::kStrings);
  EXPECT_EQ(sources[0].fields.at(args).length_size, 4U);
}

TEST(BtfSchema, EachMapIsATableWithKeysAndEnums) {
  const auto sources = sources_of("advise_seccomp");
  ASSERT_EQ(sources.size(), 3U);
  const auto& calls = sources[0];
  EXPECT_EQ(calls.schema.kind, EventSchema::Kind::kMap);
  EXPECT_EQ(calls.schema.view, "advise_seccomp");
  EXPECT_EQ(sources[1].schema.view, "advise_seccomp_marks");
  EXPECT_EQ(sources[2].schema.view, "advise_seccomp_arguments");
  EXPECT_TRUE(column(calls, "syscall_raw").key);
  EXPECT_EQ(column(calls, "syscall_raw").meaning, Meaning::kSyscall);
  EXPECT_FALSE(column(calls, "count").key);
  const auto& arch = column(calls, "arch_raw");
  EXPECT_EQ(arch.meaning, Meaning::kEnum);
  EXPECT_EQ(calls.schema.enums.at(arch.type_name).at(1), "x86_64");
  EXPECT_EQ(sources[1].schema.find("__pad"), -1);
  EXPECT_EQ(calls.identity.time, calls.schema.find("last_raw"));
}

TEST(BtfSchema, ASetOfBitsHasFlagsBeyondThe32nd) {
  const auto sources = sources_of("trace_capabilities");
  ASSERT_EQ(sources.size(), 2U);
  const auto& effective = column(sources[0], "cap_effective_raw");
  EXPECT_EQ(effective.meaning, Meaning::kFlagSet);
  const auto& names = sources[0].schema.enums.at(effective.type_name);
  EXPECT_EQ(names.at(1), "CHOWN");
  EXPECT_EQ(names.at(std::int64_t{1} << 40), "CHECKPOINT_RESTORE");
}

TEST(BtfSchema, AnEndpointIsAnAddressAPortAndAProtocol) {
  const auto sources = sources_of("advise_networkpolicy");
  ASSERT_EQ(sources.size(), 1U);
  EXPECT_EQ(column(sources[0], "endpoint.addr").type, ColumnType::kText);
  EXPECT_EQ(column(sources[0], "endpoint.addr").meaning, Meaning::kAddress);
  EXPECT_TRUE(column(sources[0], "endpoint.addr").key);
  EXPECT_EQ(column(sources[0], "endpoint.proto_raw").meaning, Meaning::kProtocol);
  EXPECT_EQ(column(sources[0], "endpoint.port").meaning, Meaning::kPlain);
  EXPECT_EQ(sources[0].schema.find("endpoint.version"), -1);
  EXPECT_EQ(column(sources[0], "netns_id").meaning, Meaning::kNetnsId);
}

TEST(BtfSchema, ASnapshotNamesItsIterators) {
  const auto sources = sources_of("snapshot_process");
  ASSERT_EQ(sources.size(), 1U);
  EXPECT_EQ(sources[0].schema.kind, EventSchema::Kind::kIterator);
  EXPECT_EQ(sources[0].iterators.size(), 1U);
}

TEST(BtfSchema, EveryFieldLiesWithinItsRecord) {
  const auto catalog = GadgetCatalog::open({});
  ASSERT_TRUE(catalog);
  for (const auto& gadget : catalog->gadgets()) {
    for (const auto& source : sources_of(gadget.name)) {
      ASSERT_EQ(source.fields.size(), source.schema.columns.size());
      for (const auto& field : source.fields) {
        EXPECT_LE(field.offset + field.size * field.count, source.record_size);
      }
    }
  }
}

TEST(BtfSchema, NotAnObjectIsAnError) {
  Gadget gadget;
  gadget.name = "bad";
  EXPECT_FALSE(read_data_sources(gadget));
  gadget.object = "\177ELF but no more";
  const auto sources = read_data_sources(gadget);
  ASSERT_FALSE(sources);
  EXPECT_EQ(sources.error().code, ErrorCode::kInvalid);
  EXPECT_TRUE(sources.error().message.starts_with("gadget bad: "));
}

// Whatever bits are turned over, the answer is a schema that can be decoded by, or an error.
TEST(BtfSchema, DamagedObjectsAreSurvived) {
  std::mt19937 random(42);
  for (const auto* name : {"trace_open", "advise_seccomp", "advise_networkpolicy"}) {
    const auto whole = built_in(name);
    const std::vector<std::byte> record(2000, std::byte{0xff});
    for (int i = 0; i < 1500; ++i) {
      auto damaged = whole;
      const auto changes = 1 + random() % 8;
      for (unsigned change = 0; change < changes; ++change) {
        damaged.object[random() % damaged.object.size()] = static_cast<char>(random());
      }
      if (i % 10 == 0) damaged.object.resize(random() % damaged.object.size());
      const auto sources = read_data_sources(damaged);
      if (!sources) continue;
      for (const auto& source : *sources) {
        EventDecoder decoder(source, ClockOffset(0));
        decoder.decode(record);
      }
    }
  }
}

}  // namespace
}  // namespace ig
