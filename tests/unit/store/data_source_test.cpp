// SPDX-License-Identifier: Apache-2.0
// Tables, views and their questions, for the shapes of schema that gadgets bring.
#include <gmock/gmock.h>

#include "store/data_source_ddl.h"
#include "store/syscall_table.h"
#include "tests/unit/store/session_fixture.h"

namespace ig {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

EventSchema schema_of(std::string view, EventSchema::Kind kind, std::vector<Column> columns) {
  EventSchema schema;
  schema.gadget = view;
  schema.data_source = "data";
  schema.view = std::move(view);
  schema.kind = kind;
  schema.columns = std::move(columns);
  return schema;
}

Column key(Column column) {
  column.key = true;
  return column;
}

Column named(Column column, Meaning meaning, std::string type) {
  column.meaning = meaning;
  column.type_name = std::move(type);
  return column;
}

class DataSourceTest : public testing::Test {
 protected:
  DataSourceTest() {
    auto writer = SessionWriter::create_in_memory(some_session());
    expect_ok(writer);
    writer_ = std::move(*writer);
    expect_ok(writer_->workload(some_workload()));
  }
  void write(const EventSchema& schema, const std::vector<Value>& values) {
    expect_ok(writer_->event({.schema = schema, .workload = 1, .values = values}));
  }
  std::unique_ptr<SessionReader> read() {
    auto reader = read_session(*writer_);
    expect_ok(reader);
    return std::move(*reader);
  }
  std::unique_ptr<SessionWriter> writer_;
};

Value number(std::int64_t value) { return Value::of(value); }

EventSchema seccomp_schema() {
  auto schema = schema_of(
      "advise_seccomp", EventSchema::Kind::kMap,
      {key(integer_column("mntns_id", Meaning::kMntnsId)),
       key(named(integer_column("arch_raw"), Meaning::kEnum, "syscall_arch")),
       key(named(integer_column("phase_raw"), Meaning::kEnum, "phase")),
       key(integer_column("syscall_raw", Meaning::kSyscall)),
       integer_column("count", Meaning::kCounter), integer_column("first_raw", Meaning::kTimestamp),
       integer_column("last_raw", Meaning::kTimestamp)});
  schema.gadget = "advise_seccomp";
  schema.enums["syscall_arch"] = {{1, "x86_64"}, {2, "i386"}, {3, "x32"}};
  schema.enums["phase"] = {{2, "setup"}, {4, "steady"}};
  return schema;
}

TEST_F(DataSourceTest, MapRowsAreReplacedByKey) {
  const auto schema = seccomp_schema();
  expect_ok(writer_->data_source(schema));
  write(schema, {number(7), number(1), number(4), number(0), number(3), number(50), number(60)});
  write(schema, {number(7), number(1), number(4), number(0), number(9), number(50), number(90)});
  write(schema, {number(8), number(1), number(4), number(0), number(1), number(20), number(30)});
  write(schema, {number(7), number(2), number(2), number(3), number(1), number(10), number(10)});
  auto reader = read();

  const auto calls = reader->syscalls(1);
  expect_ok(calls);
  ASSERT_EQ(calls->size(), 2u);
  EXPECT_EQ((*calls)[0].arch, "x86_64");
  EXPECT_EQ((*calls)[0].phase, "steady");
  EXPECT_EQ((*calls)[0].count, 10u);  // 9 of one mount namespace, 1 of the other
  EXPECT_EQ((*calls)[0].first_ns, 20);
  EXPECT_EQ((*calls)[0].last_ns, 90);
  EXPECT_EQ((*calls)[1].arch, "i386");
  EXPECT_TRUE(reader->syscalls(2)->empty());
}

TEST_F(DataSourceTest, SyscallsAreNamedByTheArchitectureOfTheRow) {
  const auto schema = seccomp_schema();
  expect_ok(writer_->data_source(schema));
  constexpr std::int64_t kX32 = 0x40000000;
  for (const auto& [arch, call] : {std::pair{1, 0L}, {2, 3L}, {3, 1L}, {3, kX32 | 1}, {1, 999L}}) {
    write(schema,
          {number(7), number(arch), number(4), number(call), number(1), number(0), number(0)});
  }
  const auto rows =
      ask(*read(), "SELECT DISTINCT arch || ' ' || syscall FROM advise_seccomp ORDER BY 1");
  ASSERT_EQ(rows.size(), 5u);
  EXPECT_EQ(rows[1][0], "i386 read");
  EXPECT_EQ(rows[2][0], "x32 write");
  EXPECT_EQ(rows[3][0], "x86_64 read");
  EXPECT_EQ(rows[4][0], "x86_64 syscall_999");
}

TEST_F(DataSourceTest, ChecksOfCapabilitiesAreFound) {
  const auto schema = [] {
    auto sums =
        schema_of("trace_capabilities_uses", EventSchema::Kind::kMap,
                  {key(integer_column("mntns_id", Meaning::kMntnsId)),
                   key(integer_column("current_userns")), key(integer_column("target_userns")),
                   key(integer_column("mntns_userns")), key(integer_column("program_mntns")),
                   key(integer_column("asker")), key(integer_column("cap_effective_raw")),
                   key(integer_column("syscall_raw", Meaning::kSyscall)),
                   key(named(integer_column("arch_raw"), Meaning::kEnum, "syscall_arch")),
                   key(named(integer_column("cap_raw"), Meaning::kEnum, "capability")),
                   key(integer_column("audit")), key(integer_column("uid")),
                   key(integer_column("capable")), key(text_column("comm")),
                   integer_column("count"), integer_column("first_raw", Meaning::kTimestamp),
                   integer_column("last_raw", Meaning::kTimestamp),
                   text_column("kstack_raw", Meaning::kStack)});
    sums.enums["syscall_arch"] = {{1, "x86_64"}};
    sums.enums["capability"] = {{0, "CAP_CHOWN"}};
    return sums;
  }();
  expect_ok(writer_->data_source(schema));
  const auto add = [&](std::int64_t asker, std::int64_t count, std::int64_t last,
                       std::string_view stack) {
    write(schema, {number(7), number(2), number(3), number(4), number(5), number(asker), number(6),
                   number(92), number(1), number(0), number(-1), number(33), number(1),
                   Value::of(std::string_view("chown")), number(count), number(10), number(last),
                   stack.empty() ? Value{} : Value::of(stack)});
  };
  add(1, 2, 20, "a;b;cap_capable");
  add(2, 3, 30, "a;b;cap_capable");  // from another place in the same functions
  add(3, 1, 40, "");

  const auto uses = read()->capabilities(1);
  expect_ok(uses);
  ASSERT_EQ(uses->size(), 2u);
  EXPECT_EQ((*uses)[0].kernel_stack, "");
  const CapabilityUse& use = (*uses)[1];
  EXPECT_EQ(use.kernel_stack, "a;b;cap_capable");
  EXPECT_EQ(use.count, 5u);
  EXPECT_EQ(use.first_ns, 10);
  EXPECT_EQ(use.last_ns, 30);
  EXPECT_EQ(use.capability, "CAP_CHOWN");
  EXPECT_TRUE(use.granted);
  EXPECT_EQ(use.audit, -1);
  EXPECT_EQ(use.arch, "x86_64");
  EXPECT_EQ(use.syscall, 92);
  EXPECT_EQ(use.uid, 33u);
  EXPECT_EQ(use.comm, "chown");
  EXPECT_THAT((std::vector{use.current_userns, use.target_userns, use.mntns_userns,
                           use.program_mntns, use.effective, use.mntns_id}),
              ElementsAre(2u, 3u, 4u, 5u, 6u, 7u));
}

std::vector<Column> flow_columns() {
  return {key(integer_column("netns_id", Meaning::kNetnsId)),
          key(text_column("endpoint.addr_raw", Meaning::kAddress)),
          key(integer_column("endpoint.port")),
          key(integer_column("endpoint.proto_raw", Meaning::kProtocol)),
          key(integer_column("egress", Meaning::kBool)),
          key(integer_column("error_raw", Meaning::kErrno)),
          integer_column("count"),
          integer_column("bytes_sent"),
          integer_column("bytes_received"),
          integer_column("first_raw", Meaning::kTimestamp),
          integer_column("last_raw", Meaning::kTimestamp),
          integer_column("before_start", Meaning::kBool)};
}

std::vector<Value> flow_values() {
  return {number(5),    Value::of(std::string_view("10.0.0.7")),
          number(5432), number(6),
          number(1),    number(111),
          number(2),    number(0),
          number(0),    number(10),
          number(20),   number(0)};
}

TEST_F(DataSourceTest, FlowsAreFound) {
  const auto schema = schema_of("advise_networkpolicy", EventSchema::Kind::kMap, flow_columns());
  expect_ok(writer_->data_source(schema));
  write(schema, flow_values());
  auto reader = read();
  const auto flows = reader->flows(1);
  expect_ok(flows);
  ASSERT_EQ(flows->size(), 1u);
  EXPECT_TRUE(flows->front().egress);
  EXPECT_EQ(flows->front().protocol, "TCP");
  EXPECT_EQ(flows->front().peer, "10.0.0.7");
  EXPECT_EQ(flows->front().port, 5432);
  EXPECT_EQ(flows->front().error, "ECONNREFUSED");
  EXPECT_EQ(flows->front().count, 2u);
  EXPECT_EQ(ask_one(*reader, "SELECT endpoint_proto || ' ' || error FROM advise_networkpolicy"),
            "TCP ECONNREFUSED");
}

TEST_F(DataSourceTest, FlowsOfSessionsFromBeforeProcessesWereKeptHaveNone) {
  auto schema = schema_of("advise_networkpolicy", EventSchema::Kind::kMap, flow_columns());
  expect_ok(writer_->data_source(schema));
  write(schema, flow_values());
  EXPECT_EQ(read()->flows(1)->front().process, "");
}

TEST_F(DataSourceTest, FlowsSayWhichProcessOpenedThem) {
  auto columns = flow_columns();
  columns.push_back(text_column("process"));
  auto schema = schema_of("advise_networkpolicy", EventSchema::Kind::kMap, columns);
  expect_ok(writer_->data_source(schema));
  auto values = flow_values();
  values.push_back(Value::of(std::string_view("curl")));
  write(schema, values);
  EXPECT_EQ(read()->flows(1)->front().process, "curl");
}

TEST_F(DataSourceTest, NamesAreFoundInAnswersThatWereReceived) {
  const auto schema = schema_of(
      "trace_dns", EventSchema::Kind::kTracer,
      {integer_column("timestamp_raw", Meaning::kTimestamp), text_column("name", Meaning::kPath),
       text_column("addresses", Meaning::kPath), integer_column("pkt_type_raw")});
  constexpr int kReceived = 0, kSent = 4;
  expect_ok(writer_->data_source(schema));
  const auto answer = [&](std::int64_t time, std::string_view name, std::string_view addresses,
                          int way) {
    write(schema, {number(time), Value::of(name), Value::of(addresses), number(way)});
  };
  answer(30, "web.example.", "192.0.2.1,2001:db8::1", kReceived);
  answer(10, "web.example.", "192.0.2.1", kReceived);
  answer(20, "nothing.example.", "", kReceived);
  answer(20, "served.example.", "192.0.2.9", kSent);

  const auto names = read()->resolved_names(1);
  expect_ok(names);
  ASSERT_EQ(names->size(), 2u);
  EXPECT_EQ(names->front().name, "web.example");
  EXPECT_EQ(names->front().address, "192.0.2.1");
  EXPECT_EQ(names->front().last_ns - names->front().first_ns, 20);
  EXPECT_EQ(names->back().address, "2001:db8::1");
}

TEST_F(DataSourceTest, TranslationsAreFound) {
  const auto schema = schema_of(
      "trace_dnat", EventSchema::Kind::kMap,
      {key(text_column("source.addr_raw", Meaning::kAddress)),
       key(text_column("dialed.addr_raw", Meaning::kAddress)), key(integer_column("dialed.port")),
       key(integer_column("dialed.proto_raw", Meaning::kProtocol)),
       key(text_column("backend.addr_raw", Meaning::kAddress)), key(integer_column("backend.port")),
       integer_column("count"), integer_column("first_raw", Meaning::kTimestamp),
       integer_column("last_raw", Meaning::kTimestamp)});
  expect_ok(writer_->data_source(schema));
  const auto text = [](std::string_view value) { return Value::of(value); };
  write(schema, {text("10.0.0.5"), text("10.96.0.10"), number(80), number(6), text("10.0.0.7"),
                 number(8080), number(3), number(10), number(20)});

  const auto found = read()->translations();
  expect_ok(found);
  ASSERT_EQ(found->size(), 1u);
  const Translation& one = found->front();
  EXPECT_EQ(one.protocol, "TCP");
  EXPECT_EQ(one.source + " " + one.dialed + " " + one.backend, "10.0.0.5 10.96.0.10 10.0.0.7");
  EXPECT_EQ(one.dialed_port, 80);
  EXPECT_EQ(one.backend_port, 8080);
  EXPECT_EQ(one.count, 3u);
}

TEST_F(DataSourceTest, AnotherGadgetOfThatNameIsAnErrorAndNotNoRows) {
  const auto schema = schema_of("advise_networkpolicy", EventSchema::Kind::kMap,
                                {key(integer_column("mntns_id")), integer_column("x")});
  expect_ok(writer_->data_source(schema));
  const auto flows = read()->flows(1);
  ASSERT_FALSE(flows);
  EXPECT_THAT(flows.error().message, HasSubstr("no column 'egress'"));
}

TEST_F(DataSourceTest, ViewsAndPrintersSayTheSameOfEveryNumber) {
  auto schema = schema_of(
      "words", EventSchema::Kind::kTracer,
      {integer_column("error_raw", Meaning::kErrno), integer_column("signal_raw", Meaning::kSignal),
       integer_column("flags_raw", Meaning::kFileFlags),
       integer_column("proto_raw", Meaning::kProtocol),
       named(integer_column("state_raw"), Meaning::kEnum, "state"),
       named(integer_column("caps_raw"), Meaning::kFlagSet, "caps_set")});
  schema.enums["state"] = {{0, "CLOSED"}, {5, "it's \"open\""}};
  schema.enums["caps_set"] = {{1, "A"}, {4, "C"}, {8, "D"}};
  expect_ok(writer_->data_source(schema));
  const std::vector<std::int64_t> numbers = {0, 1, 2, 3, 4, 5, 9, 12, 17, 0241, 02000000, 1L << 40};
  for (const auto n : numbers) write(schema, std::vector<Value>(6, number(n)));

  const auto rows = ask(*read(), "SELECT error, signal, flags, proto, state, caps FROM words");
  ASSERT_EQ(rows.size(), numbers.size() + 1);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    for (std::size_t c = 0; c < schema.columns.size(); ++c) {
      EXPECT_EQ(rows[i + 1][c], enum_text(schema, schema.columns[c], numbers[i]))
          << schema.columns[c].name << " " << numbers[i];
    }
  }
  EXPECT_EQ(rows[6][4], "it's \"open\"");
  EXPECT_EQ(rows[7][5], "A|D");
  EXPECT_EQ(rows[4][5], "A|0x2");
}

TEST_F(DataSourceTest, SeveralProcessesOfOneEventAreToldApart) {
  const auto schema =
      schema_of("trace_signal", EventSchema::Kind::kTracer,
                {process_column(text_column("proc.comm"), ProcessPart::kComm),
                 process_column(integer_column("proc.pid"), ProcessPart::kPid),
                 process_column(integer_column("proc.tid"), ProcessPart::kTid),
                 process_column(text_column("target.comm"), ProcessPart::kComm, "target"),
                 process_column(integer_column("target.tid"), ProcessPart::kTid, "target"),
                 integer_column("target_comm")});
  expect_ok(writer_->data_source(schema));
  write(schema, {Value::of(std::string_view("sh")), number(10), number(11),
                 Value::of(std::string_view("sleep")), number(21), number(5)});
  const auto rows = ask(*read(), "SELECT * FROM trace_signal");
  EXPECT_THAT(rows[0], ElementsAre("workload", "comm", "pid", "tid", "target_comm", "target_tid",
                                   "target_comm_2"));
  EXPECT_THAT(rows[1], ElementsAre("web", "sh", "10", "11", "sleep", "21", "5"));
}

TEST_F(DataSourceTest, NamesThatAreNotNamesAreQuotedOrMadeUnique) {
  const auto schema =
      schema_of("x\"; DROP TABLE loss; --", EventSchema::Kind::kTracer,
                {integer_column("a.b"), integer_column("A_B"), integer_column("workload_id"),
                 integer_column("select"), integer_column("it's \"'"), integer_column("\xff\xfe"),
                 integer_column("rowid"), integer_column("c_raw"), integer_column("c")});
  expect_ok(writer_->data_source(schema));
  write(schema, std::vector<Value>(9, number(1)));
  const auto rows = ask(*read(), "SELECT * FROM " + quote_identifier(schema.view));
  EXPECT_THAT(rows[0], ElementsAre("workload", "a_b", "A_B_2", "workload_id", "select", "it's \"'",
                                   "\xef\xbf\xbd\xef\xbf\xbd", "rowid", "c", "c_2"));
}

TEST_F(DataSourceTest, NamesThatNoTableCanHaveAreErrors) {
  const auto one = [](std::string view) {
    return schema_of(std::move(view), EventSchema::Kind::kTracer, {integer_column("a")});
  };
  for (const auto& view :
       {std::string(), std::string("loss"), std::string("sqlite_x"), std::string("SQLite_x"),
        std::string(500, 'x'), std::string("a\0b", 3)}) {
    auto writer = SessionWriter::create_in_memory(some_session());
    EXPECT_FALSE((*writer)->data_source(one(view))) << view;
  }
  auto none = one("x");
  none.columns.clear();
  EXPECT_FALSE(writer_->data_source(none));
}

TEST_F(DataSourceTest, ARefusedGadgetDoesNotStopTheOthers) {
  const auto good = schema_of("good", EventSchema::Kind::kTracer, {integer_column("a")});
  const auto again = good;
  expect_ok(writer_->data_source(good));
  EXPECT_FALSE(writer_->data_source(again));
  EXPECT_FALSE(
      writer_->data_source(schema_of("loss", EventSchema::Kind::kTracer, {integer_column("a")})));
  write(good, {number(1)});
  auto reader = read();
  EXPECT_EQ(ask_one(*reader, "SELECT a FROM good"), "1");
  EXPECT_EQ(reader->tables()->size(), 1u);
}

TEST_F(DataSourceTest, LongTextThatIsAKeyStaysInTheRow) {
  const auto schema =
      schema_of("top_file", EventSchema::Kind::kMap,
                {key(text_column("file", Meaning::kPath)), integer_column("reads")});
  expect_ok(writer_->data_source(schema));
  for (int n = 1; n <= 3; ++n) write(schema, {Value::of(std::string_view("/a")), number(n)});
  const auto rows = ask(*read(), "SELECT * FROM top_file");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_THAT(rows[1], ElementsAre("web", "/a", "3"));
}

TEST(EventSchemaTest, SurvivesJson) {
  auto schema = seccomp_schema();
  schema.columns[0].description = "a \"quoted\" word";
  schema.columns[1].width = 12;
  schema.columns.push_back(process_column(text_column("p.comm"), ProcessPart::kComm, "p"));
  const auto again = EventSchema::from_json(schema.to_json());
  expect_ok(again);
  EXPECT_EQ(again->to_json(), schema.to_json());
  EXPECT_EQ(again->columns[0].description, schema.columns[0].description);
  EXPECT_EQ(again->columns.back().process_part, ProcessPart::kComm);
  EXPECT_EQ(again->enums, schema.enums);
}

TEST(EventSchemaTest, MalformedJsonIsAnError) {
  const std::string good = seccomp_schema().to_json();
  for (std::size_t cut = 0; cut < good.size(); cut += 13) {
    EXPECT_FALSE(EventSchema::from_json(good.substr(0, cut)));
  }
  EXPECT_FALSE(EventSchema::from_json("[]"));
  EXPECT_FALSE(EventSchema::from_json(std::string(100'000, '[')));
}

TEST(SyscallTableTest, KnowsEachArchitecture) {
  EXPECT_EQ(syscall_name("x86_64", 0), "read");
  EXPECT_EQ(syscall_name("i386", 3), "read");
  EXPECT_EQ(syscall_name("aarch64", 63), "read");
  EXPECT_EQ(syscall_name("arm", 3), "read");
  EXPECT_EQ(syscall_name("x32", 0), "read");
  EXPECT_EQ(syscall_name("x32", 0x40000000), "read");
  EXPECT_EQ(syscall_number("x32", "read"), 0);
  EXPECT_EQ(syscall_number("x86_64", "openat"), 257);
  EXPECT_EQ(syscall_number("aarch64", "open"), std::nullopt);
  EXPECT_EQ(syscall_name("x86_64", -1), std::nullopt);
  EXPECT_EQ(syscall_name("x86_64", 1L << 40), std::nullopt);
  EXPECT_EQ(syscall_name("vax", 1), std::nullopt);
}

}  // namespace
}  // namespace ig
