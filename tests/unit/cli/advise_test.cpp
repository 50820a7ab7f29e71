// SPDX-License-Identifier: Apache-2.0
// ig advise, where there is nothing to write.
#include <gmock/gmock.h>

#include "tests/support/run_command.h"
#include "tests/unit/store/session_fixture.h"

namespace ig {
namespace {

using testing::HasSubstr;

// Like gadgets/advise_networkpolicy.
EventSchema flows_schema() {
  EventSchema schema;
  schema.gadget = schema.data_source = schema.view = "advise_networkpolicy";
  schema.kind = EventSchema::Kind::kMap;
  schema.columns = {integer_column("netns_id", Meaning::kNetnsId),
                    text_column("endpoint.addr_raw", Meaning::kAddress),
                    integer_column("endpoint.port"),
                    integer_column("endpoint.proto_raw", Meaning::kProtocol),
                    integer_column("egress", Meaning::kBool),
                    integer_column("error_raw", Meaning::kErrno),
                    integer_column("count"),
                    integer_column("bytes_sent"),
                    integer_column("bytes_received"),
                    integer_column("first_raw", Meaning::kTimestamp),
                    integer_column("last_raw", Meaning::kTimestamp),
                    integer_column("before_start", Meaning::kBool)};
  for (std::size_t i = 0; i < 6; ++i) schema.columns[i].key = true;
  return schema;
}

class Advise : public testing::Test {
 protected:
  test::Outcome advise(const Workload& workload) {
    auto writer = SessionWriter::create(path_, some_session(), {});
    expect_ok(writer);
    GadgetRun run;
    run.gadget = schema_.gadget;
    expect_ok((*writer)->gadget_run(run));
    expect_ok((*writer)->data_source(schema_));
    expect_ok((*writer)->workload(workload));
    expect_ok((*writer)->close("duration"));
    return test::run({"advise", "network-policy", path_});
  }

  EventSchema schema_ = flows_schema();
  TemporaryFolder folder_;
  std::string path_ = folder_.file("s.db");
};

TEST_F(Advise, PointsToTheReasonsWhereEachWorkloadHasOne) {
  const auto outcome = advise(some_workload());
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.words, HasSubstr("no policy: no connection of it was recorded\n"));
  EXPECT_THAT(outcome.words, HasSubstr("error: nothing was written: the warnings say why\n"));
}

}  // namespace
}  // namespace ig
