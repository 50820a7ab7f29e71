// SPDX-License-Identifier: Apache-2.0
// Real programs are recorded; where a second opinion is at hand, strace gives it.
#include "recorder/ptrace/ptrace_backend.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "store/syscall_table.h"
#include "tests/support/need.h"

namespace ig {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::IsSupersetOf;
using testing::Not;

using Row = std::map<std::string, std::string>;

// Keeps all it is given as text, which is easy to compare.
class KeepingSink : public EventSink {
 public:
  Result<> gadget_run(const GadgetRun& run) override {
    runs.push_back(run);
    return {};
  }
  Result<> data_source(const EventSchema&) override { return {}; }
  Result<> workload(const Workload& workload) override {
    workloads[workload.id] = workload;
    return {};
  }
  Result<> event(const Event& event) override {
    EXPECT_TRUE(workloads.contains(event.workload)) << "its workload was not told first";
    Row row;
    for (std::size_t i = 0; i < event.values.size(); ++i) {
      const auto& value = event.values[i];
      const auto& column = event.schema.columns[i];
      if (value.is_null()) continue;
      row[column.name] = value.kind == Value::Kind::kInteger ? std::to_string(value.integer)
                                                             : std::string(value.text);
      if (column.meaning == Meaning::kEnum) {
        row[column.display_name()] = enum_text(event.schema, column, value.integer);
      }
    }
    rows[event.schema.data_source].push_back(row);
    return {};
  }
  Result<> loss(const Loss& loss) override {
    losses.push_back(loss);
    return {};
  }
  Result<> flush() override { return {}; }

  std::map<std::string, std::vector<Row>> rows;  // by data source
  std::map<WorkloadId, Workload> workloads;
  std::vector<GadgetRun> runs;
  std::vector<Loss> losses;
};

class PtraceBackendTest : public testing::Test {
 protected:
  PtraceBackendTest() {
    char name[] = "/tmp/ig-ptrace-XXXXXX";
    folder_ = ::mkdtemp(name);
    // A shell asks for its folder where PWD is wrong, and strace's own shell mends PWD.
    ::setenv("PWD", fs::current_path().c_str(), 1);
  }
  ~PtraceBackendTest() override { fs::remove_all(folder_); }

  Result<std::string> record(std::vector<std::string> command,
                             std::vector<std::string> gadgets = {"advise_seccomp"}) {
    RecorderOptions options;
    options.command = std::move(command);
    for (auto& gadget : gadgets) options.gadgets.push_back({std::move(gadget), {}});
    return record_by_ptrace(options, sink_, nullptr, status_);
  }

  std::set<std::string> calls(const std::string& phase = {}) const {
    std::set<std::string> names;
    const auto found = sink_.rows.find("syscalls");
    if (found == sink_.rows.end()) return names;
    for (const auto& row : found->second) {
      if (!phase.empty() && row.at("phase") != phase) continue;
      names.insert(
          syscall_name(row.at("arch"), std::stoll(row.at("syscall_raw"))).value_or("unknown"));
    }
    return names;
  }

  // The calls of the same command as strace -f sees them.
  std::set<std::string> calls_by_strace(const std::string& command) {
    const auto output = folder_ / "strace";
    const auto line =
        "strace -f -qq -e signal=none -o " + output.string() + " " + command + " >/dev/null 2>&1";
    EXPECT_NE(std::system(line.c_str()), -1);
    std::set<std::string> names;
    std::ifstream file(output);
    for (std::string text; std::getline(file, text);) {
      auto begin = text.find_first_not_of("0123456789 ");
      if (begin == std::string::npos || text[begin] == '<' || text[begin] == '+') continue;
      names.insert(text.substr(begin, text.find('(') - begin));
    }
    return names;
  }

  const Row* find_row(const std::string& data_source, const Row& wanted) const {
    const auto found = sink_.rows.find(data_source);
    if (found == sink_.rows.end()) return nullptr;
    for (const auto& row : found->second) {
      const bool same = std::ranges::all_of(wanted, [&](const auto& cell) {
        const auto it = row.find(cell.first);
        return it != row.end() && it->second == cell.second;
      });
      if (same) return &row;
    }
    return nullptr;
  }

  static bool has_strace() { return std::system("command -v strace >/dev/null 2>&1") == 0; }

  KeepingSink sink_;
  fs::path folder_;
  int status_ = -2;
};

TEST_F(PtraceBackendTest, SeesTheSameCallsAsStrace) {
  IG_NEED(has_strace(), "strace is not installed");
  const std::string script = "ls / | wc -l; cat /etc/hostname & wait";
  for (const auto& [command, arguments] : std::map<std::string, std::vector<std::string>>{
           {"/bin/true", {"/bin/true"}},
           {"/bin/ls -l /", {"/bin/ls", "-l", "/"}},
           {"/bin/sh -c '" + script + "'", {"/bin/sh", "-c", script}}}) {
    sink_ = KeepingSink();
    const auto reason = record(arguments);
    ASSERT_TRUE(reason) << reason.error().message << ": " << reason.error().hint;
    EXPECT_EQ(*reason, "command ended");
    EXPECT_EQ(status_, 0);
    EXPECT_EQ(calls(), calls_by_strace(command)) << command;
  }
}

TEST_F(PtraceBackendTest, BeginsWithTheExecOfTheCommandAndNothingOfOurs) {
  ASSERT_TRUE(record({"/bin/true"}));
  EXPECT_THAT(calls("setup"), testing::ElementsAre("execve"));
  EXPECT_THAT(calls("startup"), Contains("exit_group"));
  EXPECT_NE(find_row("marks", {{"mark", "entry_exec"}}), nullptr);
  EXPECT_EQ(sink_.workloads.at(1).name, "/bin/true");
  EXPECT_EQ(sink_.workloads.at(1).kind, WorkloadKind::kCommand);
}

TEST_F(PtraceBackendTest, PassesOnSignalsAndExitStatus) {
  ASSERT_TRUE(record({"/bin/sh", "-c", "trap 'exit 9' USR1; kill -USR1 $$; exit 1"}));
  EXPECT_EQ(status_, 9);
  ASSERT_TRUE(record({"/bin/sh", "-c", "kill -KILL $$"}));
  EXPECT_EQ(status_, 137);
  // A child that is stopped and continued: job control goes on as without us.
  ASSERT_TRUE(record(
      {"/bin/sh", "-c", "sleep 0.2 & p=$!; kill -STOP $p; sleep 0.1; kill -CONT $p; wait $p"}));
  EXPECT_EQ(status_, 0);
}

TEST_F(PtraceBackendTest, FollowsThreadsAndAnExecOutOfOne) {
  const auto python = fs::path("/usr/bin/python3");
  IG_NEED(fs::exists(python), "python3 is not installed");
  const std::string script =
      "import os, threading\n"
      "threads = [threading.Thread(target=os.getppid) for _ in range(8)]\n"
      "[t.start() for t in threads]; [t.join() for t in threads]\n"
      "threading.Thread(target=lambda: os.execv('/bin/sh', ['sh', '-c', 'sync -d /; exit "
      "4'])).start()\n"
      "import time; time.sleep(60)\n";
  ASSERT_TRUE(record({python, "-c", script}, {"advise_seccomp", "trace_exec"}));
  EXPECT_EQ(status_, 4);
  EXPECT_THAT(calls(), IsSupersetOf({"getppid", "execve", "fdatasync"}));
  EXPECT_NE(find_row("exec", {{"exepath", fs::canonical("/bin/sh")}}), nullptr);
}

TEST_F(PtraceBackendTest, TellsFilesAndProgramsWithTheirFailures) {
  ASSERT_TRUE(record({"/bin/sh", "-c", "cd /etc; cat hostname; cat ./missing; exec /no/such/file"},
                     {"trace_open", "trace_exec"}));
  EXPECT_EQ(status_, 127);
  const auto* opened = find_row("open", {{"fname", "hostname"}});
  ASSERT_NE(opened, nullptr);
  EXPECT_EQ(opened->at("fpath"), "/etc/hostname");
  EXPECT_EQ(opened->at("error_raw"), "0");
  EXPECT_EQ(opened->at("proc.comm"), "cat");
  EXPECT_NE(find_row("open", {{"fname", "./missing"}, {"error_raw", "2"}, {"fd", "-1"}}), nullptr);
  const auto* executed = find_row("exec", {{"args", "cat hostname"}});
  ASSERT_NE(executed, nullptr);
  EXPECT_EQ(executed->at("cwd"), "/etc");
  EXPECT_EQ(executed->at("proc.parent.comm"), "sh");
  EXPECT_NE(find_row("exec", {{"file", "/no/such/file"}, {"error_raw", "2"}}), nullptr);
}

TEST_F(PtraceBackendTest, BecomesSteadyWhenAServerWaits) {
  const auto python = fs::path("/usr/bin/python3");
  IG_NEED(fs::exists(python), "python3 is not installed");
  const std::string script =
      "import os, select, socket\n"
      "s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()\n"
      "os.getppid(); select.select([s], [], [], 0); os.sync()\n";
  ASSERT_TRUE(record({python, "-c", script}));
  EXPECT_THAT(calls("startup"), IsSupersetOf({"listen", "getppid"}));
  EXPECT_THAT(calls("startup"), Not(Contains("sync")));
  EXPECT_THAT(calls("steady"), IsSupersetOf({"sync"}));
}

TEST_F(PtraceBackendTest, TellsConnectionsBothWays) {
  const auto python = fs::path("/usr/bin/python3");
  IG_NEED(fs::exists(python), "python3 is not installed");
  const auto ports = folder_ / "ports";
  const std::string script = R"(
import errno, select, socket
def server(kind, family, address):
    s = socket.socket(family, kind); s.bind((address, 0))
    if kind == socket.SOCK_STREAM: s.listen()
    return s, s.getsockname()[1]
tcp, tcp_port = server(socket.SOCK_STREAM, socket.AF_INET, '127.0.0.1')
c = socket.create_connection(('127.0.0.1', tcp_port)); a, _ = tcp.accept()
c.sendall(b'12345'); a.recv(9); a.sendall(b'123'); c.recv(9); c.close(); a.close()
six, six_port = server(socket.SOCK_STREAM, socket.AF_INET6, '::1')
n = socket.socket(socket.AF_INET6); n.setblocking(False)
assert n.connect_ex(('::1', six_port)) == errno.EINPROGRESS
select.select([], [n], []); six.accept()[0].close(); n.close()
gone, gone_port = server(socket.SOCK_STREAM, socket.AF_INET, '127.0.0.1'); gone.close()
socket.socket().connect_ex(('127.0.0.1', gone_port))
udp, udp_port = server(socket.SOCK_DGRAM, socket.AF_INET, '127.0.0.1')
d = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); d.sendto(b'1234567', ('127.0.0.1', udp_port))
_, peer = udp.recvfrom(99); udp.sendto(b'12', peer); d.recvfrom(99)
print(tcp_port, six_port, gone_port, udp_port, file=open(')" +
                             ports.string() + R"(', 'w'))
)";
  ASSERT_TRUE(record({python, "-c", script}, {"advise_networkpolicy"}));
  ASSERT_EQ(status_, 0);
  std::string tcp, six, gone, udp;
  std::ifstream(ports) >> tcp >> six >> gone >> udp;
  const auto flow = [&](const std::string& port, const std::string& egress) {
    return find_row("network_connections", {{"endpoint.port", port}, {"egress", egress}});
  };

  const auto* out = flow(tcp, "1");
  ASSERT_NE(out, nullptr);
  EXPECT_EQ(out->at("endpoint.addr"), "127.0.0.1");
  EXPECT_EQ(out->at("endpoint.proto_raw"), "6");
  EXPECT_EQ(out->at("error_raw"), "0");
  EXPECT_EQ(out->at("count"), "1");
  EXPECT_EQ(out->at("bytes_sent"), "5");
  EXPECT_EQ(out->at("bytes_received"), "3");
  const auto* in = flow(tcp, "0");
  ASSERT_NE(in, nullptr);
  EXPECT_EQ(in->at("count"), "1");
  EXPECT_EQ(in->at("bytes_sent"), "3");

  ASSERT_NE(flow(six, "1"), nullptr);
  EXPECT_EQ(flow(six, "1")->at("endpoint.addr"), "::1");
  EXPECT_EQ(flow(six, "1")->at("error_raw"), "0");
  ASSERT_NE(flow(six, "0"), nullptr);

  ASSERT_NE(flow(gone, "1"), nullptr);
  EXPECT_EQ(flow(gone, "1")->at("error_raw"), std::to_string(ECONNREFUSED));
  EXPECT_EQ(flow(gone, "0"), nullptr);

  ASSERT_NE(flow(udp, "1"), nullptr);
  EXPECT_EQ(flow(udp, "1")->at("endpoint.proto_raw"), "17");
  EXPECT_EQ(flow(udp, "1")->at("count"), "1");
  EXPECT_EQ(flow(udp, "1")->at("bytes_sent"), "7");
  EXPECT_EQ(flow(udp, "1")->at("bytes_received"), "2");
  ASSERT_NE(flow(udp, "0"), nullptr);
  EXPECT_EQ(flow(udp, "0")->at("bytes_received"), "7");
}

// What outlives the command goes on, without us.
TEST_F(PtraceBackendTest, LetsGoOfWhatOutlivesTheCommand) {
  const auto done = folder_ / "done";
  const auto go = folder_ / "go";
  ASSERT_TRUE(record({"/bin/sh", "-c",
                      "(while [ ! -e " + go.string() + " ]; do sleep 0.01; done; touch " +
                          done.string() + ") >/dev/null 2>&1 &"}));
  EXPECT_EQ(status_, 0);
  EXPECT_FALSE(fs::exists(done));
  std::ofstream(go) << "";
  for (int i = 0; i < 500 && !fs::exists(done); ++i) ::usleep(10'000);
  EXPECT_TRUE(fs::exists(done));
}

TEST_F(PtraceBackendTest, EndsAfterTheDurationAndLeavesTheCommandAlone) {
  const auto done = folder_ / "done";
  const auto go = folder_ / "go";
  RecorderOptions options;
  options.command = {
      "/bin/sh", "-c",
      "while [ ! -e " + go.string() + " ]; do sleep 0.01; done; touch " + done.string()};
  options.gadgets = {{"advise_seccomp", {}}};
  options.duration = std::chrono::milliseconds(300);
  const auto reason = record_by_ptrace(options, sink_, nullptr, status_);
  ASSERT_TRUE(reason);
  EXPECT_EQ(*reason, "duration");
  EXPECT_EQ(status_, -1);
  std::ofstream(go) << "";
  for (int i = 0; i < 500 && !fs::exists(done); ++i) ::usleep(10'000);
  EXPECT_TRUE(fs::exists(done));
}

TEST_F(PtraceBackendTest, SaysWhatItCannotSee) {
  ASSERT_TRUE(record({"/bin/true"}, {"advise_seccomp", "snapshot_process"}));
  ASSERT_EQ(sink_.runs.size(), 2u);
  EXPECT_EQ(sink_.runs[0].backend, "ptrace");
  EXPECT_TRUE(sink_.runs[0].programs.at(0).attached);
  EXPECT_EQ(sink_.runs[0].programs.at(0).leaves_empty, "");
  EXPECT_FALSE(sink_.runs[1].programs.at(0).attached);
  EXPECT_FALSE(sink_.runs[1].programs.at(0).reason.empty());
  for (const auto& loss : sink_.losses) EXPECT_EQ(loss.kind, Loss::Kind::kBackendLimit);
  EXPECT_FALSE(sink_.losses.empty());
}

TEST_F(PtraceBackendTest, ReportsACommandThatIsNotThere) {
  const auto reason = record({"no-such-program-anywhere"});
  ASSERT_FALSE(reason);
  EXPECT_EQ(reason.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace ig
