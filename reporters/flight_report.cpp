// SPDX-License-Identifier: Apache-2.0
#include "reporters/flight_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "base/clock.h"
#include "reporters/cell.h"
#include "reporters/display_text.h"
#include "reporters/terminal.h"

namespace ig {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::size_t kResultColumn = 40;  // strace's own default for lines without a head

std::string clock_text(std::int64_t wall_ns) {
  const auto of_day = ((wall_ns / kSecond) % 86400 + 86400) % 86400;
  return fmt::format("{:02}:{:02}:{:02}.{:06}", of_day / 3600, of_day / 60 % 60, of_day % 60,
                     (wall_ns % kSecond + kSecond) % kSecond / 1000);
}

double seconds(std::uint64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e9; }

class Lines : public FlightWriter {
 public:
  explicit Lines(std::FILE* out) : out_(out) {}
  void call(const FlightCall& call) override { put(out_, strace_line(call) + '\n'); }
  void end() override {}

 private:
  std::FILE* out_;
};

class JsonLines : public FlightWriter {
 public:
  explicit JsonLines(std::FILE* out) : out_(out) {}
  void call(const FlightCall& call) override {
    nlohmann::ordered_json json = {{"time", format_time_precise(call.begin_ns)},
                                   {"workload", call.workload},
                                   {"comm", call.comm},
                                   {"pid", call.pid},
                                   {"tid", call.tid},
                                   {"cpu", call.cpu},
                                   {"syscall", call.name},
                                   {"parameters", call.parameters},
                                   {"result", call.result},
                                   {"failed", call.failed},
                                   {"finished", call.finished},
                                   {"duration_ns", call.duration_ns}};
    put(out_, json_line(json) + '\n');
  }
  void end() override {}

 private:
  std::FILE* out_;
};

// The "Trace Event Format": complete events (ph X), times in microseconds from the first one.
class TraceEvents : public FlightWriter {
 public:
  explicit TraceEvents(std::FILE* out) : out_(out) {}

  void call(const FlightCall& call) override {
    if (!begun_) start_ns_ = call.begin_ns;
    name_thread(call);
    write({{"name", call.name},
           {"cat", "syscall"},
           {"ph", "X"},
           {"ts", since_start_us(call.begin_ns)},
           {"dur", static_cast<double>(call.duration_ns) / 1e3},
           {"pid", call.pid},
           {"tid", call.tid},
           {"args",
            {{"parameters", call.parameters},
             {"result", call.result},
             {"cpu", call.cpu},
             {"finished", call.finished}}}});
  }
  void end() override {
    if (!begun_) put(out_, "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[");
    put(out_,
        fmt::format("\n],\"otherData\":{{\"start\":\"{}\"}}}}\n", format_time_precise(start_ns_)));
  }

 private:
  // A damaged file's times may be as far apart as numbers go.
  double since_start_us(std::int64_t ns) const {
    const auto distance = static_cast<std::uint64_t>(ns) - static_cast<std::uint64_t>(start_ns_);
    return static_cast<double>(static_cast<std::int64_t>(distance)) / 1e3;
  }
  void name_thread(const FlightCall& call) {
    if (named_.insert(call.pid).second) {
      write({{"name", "process_name"},
             {"ph", "M"},
             {"pid", call.pid},
             {"args", {{"name", fmt::format("{} ({})", call.comm, call.workload)}}}});
    }
    if (threads_.insert(call.tid).second) {
      write({{"name", "thread_name"},
             {"ph", "M"},
             {"pid", call.pid},
             {"tid", call.tid},
             {"args", {{"name", call.comm}}}});
    }
  }
  void write(const nlohmann::ordered_json& event) {
    put(out_, begun_ ? ",\n" : "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n");
    put(out_, json_line(event));
    begun_ = true;
  }

  std::FILE* out_;
  bool begun_ = false;
  std::int64_t start_ns_ = 0;
  std::set<std::int64_t> named_, threads_;
};

}  // namespace

std::string strace_line(const FlightCall& call) {
  const auto head =
      fmt::format("{}<{}> {} ", call.tid, printable(call.comm), clock_text(call.begin_ns));
  const auto begun = fmt::format("{}({}", printable(call.name), printable(call.parameters));
  if (!call.finished) return fmt::format("{}{} <unfinished ...>", head, begun);
  return fmt::format("{}{:<{}} = {} <{:.6f}>", head, begun + ')', kResultColumn - 1,
                     printable(call.result), seconds(static_cast<std::uint64_t>(call.duration_ns)));
}

std::unique_ptr<FlightWriter> make_flight_writer(std::string_view format, std::FILE* out) {
  if (format == "json") return std::make_unique<JsonLines>(out);
  if (format == "perfetto") return std::make_unique<TraceEvents>(out);
  return std::make_unique<Lines>(out);
}

void FlightSummary::call(const FlightCall& call) {
  auto place = sums_.find(call.name);
  if (place == sums_.end()) place = sums_.emplace(std::string(call.name), Sum{}).first;
  Sum& sum = place->second;
  ++sum.calls;
  sum.errors += call.failed ? 1 : 0;
  sum.nanoseconds += static_cast<std::uint64_t>(call.duration_ns);
}

void FlightSummary::end() {
  std::vector<std::pair<std::string, Sum>> rows(sums_.begin(), sums_.end());
  std::ranges::stable_sort(rows, std::ranges::greater{},
                           [](const auto& row) { return row.second.nanoseconds; });
  Sum total;
  for (const auto& [name, sum] : rows) {
    total.calls += sum.calls;
    total.errors += sum.errors;
    total.nanoseconds += sum.nanoseconds;
  }
  const auto line = [&](const std::string& name, const Sum& sum) {
    const auto share =
        total.nanoseconds == 0 ? 0.0 : 100 * seconds(sum.nanoseconds) / seconds(total.nanoseconds);
    const auto each = sum.calls == 0 ? 0 : sum.nanoseconds / 1000 / sum.calls;
    put(out_, fmt::format("{:>6.2f} {:>11.6f} {:>11} {:>9} {:>9} {}\n", share,
                          seconds(sum.nanoseconds), each, sum.calls,
                          sum.errors == 0 ? "" : std::to_string(sum.errors), printable(name)));
  };
  constexpr std::string_view kRule =
      "------ ----------- ----------- --------- --------- ----------------\n";
  put(out_, "% time     seconds  usecs/call     calls    errors syscall\n");
  put(out_, kRule);
  for (const auto& [name, sum] : rows) line(name, sum);
  put(out_, kRule);
  line("total", total);
}

}  // namespace ig
