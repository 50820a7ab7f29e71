// SPDX-License-Identifier: Apache-2.0
// The whole recorder on the running kernel, as far as one process can show it; what the binary
// does with real workloads is tested in tests/live. Skips, aloud, where BPF is not permitted.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "recorder/gadget/embedded_gadgets.h"
#include "recorder/gadget/shared_maps.h"
#include "recorder/recorder.h"

namespace ig {
namespace {

using testing::Contains;
using testing::HasSubstr;

// Keeps every row as text, and checks the order that EventSink promises.
class CollectingSink : public EventSink {
 public:
  using Row = std::map<std::string, std::string>;

  Result<> gadget_run(const GadgetRun& run) override {
    runs.push_back(run);
    return {};
  }
  Result<> data_source(const EventSchema& schema) override {
    sources.insert(schema.view);
    return {};
  }
  Result<> workload(const Workload& workload) override {
    workloads[workload.id] = workload;
    return {};
  }
  Result<> event(const Event& event) override {
    EXPECT_TRUE(sources.contains(event.schema.view));
    EXPECT_TRUE(workloads.contains(event.workload));
    if (fail_after >= 0 && fail_after-- == 0) return fail(ErrorCode::kFull, "the disk is full");
    Row row{{"workload", workloads[event.workload].name}};
    for (std::size_t i = 0; i < event.values.size(); ++i) {
      const auto& value = event.values[i];
      row[event.schema.columns[i].name] = value.kind == Value::Kind::kText
                                              ? std::string(value.text)
                                              : std::to_string(value.integer);
    }
    rows[event.schema.view].push_back(std::move(row));
    return {};
  }
  Result<> loss(const Loss& loss) override {
    losses.push_back(loss);
    return {};
  }
  Result<> flush() override { return {}; }

  int fail_after = -1;
  std::vector<GadgetRun> runs;
  std::set<std::string> sources;
  std::map<WorkloadId, Workload> workloads;
  std::map<std::string, std::vector<Row>> rows;
  std::vector<Loss> losses;
};

class RecorderSmoke : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto maps = SharedMaps::create(); !maps) {
      GTEST_SKIP() << "BPF is not permitted here: " << maps.error().message;
    }
  }

  RecorderOptions options(std::vector<std::string> gadgets, std::vector<std::string> command) {
    RecorderOptions made;
    for (auto& name : gadgets) made.gadgets.push_back({std::move(name), {}});
    made.command = std::move(command);
    return made;
  }

  Result<std::string> record(RecorderOptions asked) {
    auto recorder = Recorder::create(std::move(asked), sink);
    if (!recorder) return std::unexpected(recorder.error());
    auto reason = (*recorder)->run(nullptr);
    command_status = (*recorder)->command_status();
    return reason;
  }

  CollectingSink sink;
  int command_status = -1;
};

TEST_F(RecorderSmoke, RecordsWhatACommandOpens) {
  const auto reason = record(options({"trace_open"}, {"/bin/cat", "/etc/hostname"}));
  ASSERT_TRUE(reason) << reason.error().message << "; " << reason.error().hint;
  EXPECT_EQ(*reason, "command ended");
  EXPECT_EQ(command_status, 0);
  std::vector<std::string> names;
  for (const auto& row : sink.rows["trace_open"]) {
    names.push_back(row.at("fname"));
    EXPECT_EQ(row.at("proc.comm"), "cat") << "of nothing but the command";
  }
  EXPECT_THAT(names, Contains("/etc/hostname"));
}

TEST_F(RecorderSmoke, RecordsTheSetOfSyscalls) {
  const auto reason = record(options({"advise_seccomp"}, {"/bin/true"}));
  ASSERT_TRUE(reason) << reason.error().message << "; " << reason.error().hint;
  std::vector<std::string> numbers;
  for (const auto& row : sink.rows["advise_seccomp"]) numbers.push_back(row.at("syscall_raw"));
  EXPECT_THAT(numbers, Contains("231")) << "exit_group";
  EXPECT_THAT(numbers, testing::Not(Contains("41"))) << "true opens no socket";
}

TEST_F(RecorderSmoke, AFullSinkEndsTheRecordingInOrder) {
  sink.fail_after = 2;
  const auto reason = record(options({"trace_open"}, {"/bin/ls", "/"}));
  ASSERT_FALSE(reason);
  EXPECT_EQ(reason.error().code, ErrorCode::kFull);
}

TEST_F(RecorderSmoke, ASmallRingLosesAloud) {
  auto asked =
      options({"trace_open"}, {"/bin/sh", "-c", "for i in $(seq 3000); do : </dev/null; done"});
  asked.ring_bytes = 4096;
  const auto reason = record(std::move(asked));
  ASSERT_TRUE(reason) << reason.error().message;
  EXPECT_EQ(sink.runs.at(0).ring_bytes, 4096U);
  std::uint64_t lost = 0;
  for (const auto& loss : sink.losses) {
    EXPECT_EQ(loss.kind, Loss::Kind::kRingFull);
    EXPECT_EQ(loss.detail, "events");
    lost += loss.count;
  }
  std::uint64_t received = 0;
  for (const auto& row : sink.rows["trace_open"]) received += row.at("fname") == "/dev/null";
  EXPECT_GE(received + lost, 3000U);
  EXPECT_LE(received, 3000U);
}

TEST_F(RecorderSmoke, WrongRequestsSayWhatWasMeant) {
  auto asked = options({"trace_opne"}, {});
  auto reason = record(asked);
  ASSERT_FALSE(reason);
  EXPECT_THAT(reason.error().hint, HasSubstr("trace_open"));

  asked = options({"trace_open"}, {});
  asked.gadgets[0].parameters = {{"faild", "true"}};
  reason = record(asked);
  ASSERT_FALSE(reason);
  EXPECT_EQ(reason.error().code, ErrorCode::kUsage);
  EXPECT_THAT(reason.error().hint, HasSubstr("did you mean failed?"));

  asked.gadgets[0].parameters = {{"failed", "maybe"}};
  reason = record(asked);
  ASSERT_FALSE(reason);
  EXPECT_THAT(reason.error().hint, HasSubstr("true or false"));

  asked.gadgets[0].parameters = {{"pid", "-1"}};
  reason = record(asked);
  ASSERT_FALSE(reason);
  EXPECT_THAT(reason.error().hint, HasSubstr("unsigned number of 32 bits"));
}

// A folder with gadgets that no kernel can run: a copy of a good one that asks for too much.
class FolderOfImpossibleGadgets {
 public:
  FolderOfImpossibleGadgets() {
    for (const auto* name : {"one", "two"}) {
      std::filesystem::create_directories(path_ / name);
      std::ofstream(path_ / name / "program.bpf.o", std::ios::binary)
          << embedded_object("trace_exec");
      std::ofstream(path_ / name / "gadget.yaml")
          << "variants: [{name: ideal, programs: [executed], requires: [telepathy]}]\n";
    }
  }
  ~FolderOfImpossibleGadgets() { std::filesystem::remove_all(path_); }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_ =
      std::filesystem::path(testing::TempDir()) / ("ig-impossible-" + std::to_string(getpid()));
};

TEST_F(RecorderSmoke, AGadgetThatCannotRunIsLeftOutAloud) {
  const FolderOfImpossibleGadgets folder;
  auto asked = options({"one", "trace_open"}, {"/bin/cat", "/etc/hostname"});
  asked.gadget_paths = {folder.path()};
  const auto reason = record(asked);
  ASSERT_TRUE(reason) << reason.error().message;
  EXPECT_FALSE(sink.rows["trace_open"].empty()) << "the others go on";
  ASSERT_EQ(sink.runs.size(), 2U);
  EXPECT_EQ(sink.runs[0].gadget, "one");
  ASSERT_EQ(sink.runs[0].programs.size(), 1U);
  EXPECT_FALSE(sink.runs[0].programs[0].attached);
  EXPECT_THAT(sink.runs[0].programs[0].reason, HasSubstr("telepathy"));
  EXPECT_EQ(std::ranges::count_if(sink.losses,
                                  [](const Loss& loss) {
                                    return loss.gadget == "one" &&
                                           loss.kind == Loss::Kind::kNotAttached;
                                  }),
            1)
      << "others may come of what else runs on the machine";
}

TEST_F(RecorderSmoke, IsAnErrorWhereNoGadgetCanRun) {
  const FolderOfImpossibleGadgets folder;
  for (const auto& names : {std::vector<std::string>{"one"}, {"one", "two"}}) {
    auto asked = options(names, {});
    asked.gadget_paths = {folder.path()};
    const auto reason = record(asked);
    ASSERT_FALSE(reason);
    EXPECT_EQ(reason.error().code, ErrorCode::kUnsupported);
    EXPECT_THAT(reason.error().message, HasSubstr("telepathy"));
  }
}

TEST_F(RecorderSmoke, EndsWhenStoppedAndWhenTheTimeIsOver) {
  auto asked = options({"trace_exec"}, {});
  asked.duration = std::chrono::milliseconds(300);
  const auto reason = record(asked);
  ASSERT_TRUE(reason) << reason.error().message;
  EXPECT_EQ(*reason, "duration");

  auto recorder = Recorder::create(options({"trace_exec"}, {}), sink);
  ASSERT_TRUE(recorder);
  int calls = 0;
  const auto stopped = (*recorder)->run([&](const RecorderStatus&) {
    if (++calls == 2) (*recorder)->stop();
  });
  ASSERT_TRUE(stopped);
  EXPECT_EQ(*stopped, "stopped");
}

}  // namespace
}  // namespace ig
