// SPDX-License-Identifier: Apache-2.0
// A flight in the forms that people and programs know: strace's lines, the table of `strace -c`,
// JSON, and the trace events of the timeline viewers Perfetto and chrome://tracing.
#pragma once

#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "advisors/flight_recorder.h"

namespace ig {

// "4711<curl> 14:02:11.830352 openat(AT_FDCWD, "/etc/hosts", O_RDONLY) = 3 <0.000012>": strace's
// lines under -f -Y -tt -T. Times are UTC. What is recorded cannot steer a terminal.
std::string strace_line(const FlightCall& call);

class FlightWriter {
 public:
  virtual ~FlightWriter() = default;
  virtual void call(const FlightCall& call) = 0;
  virtual void end() = 0;
};

// "text", "json" (a line each) or "perfetto" (one document of trace events).
std::unique_ptr<FlightWriter> make_flight_writer(std::string_view format, std::FILE* out);

// The table of `strace -c -w`: by call, what took most time first.
class FlightSummary : public FlightWriter {
 public:
  explicit FlightSummary(std::FILE* out) : out_(out) {}
  void call(const FlightCall& call) override;
  void end() override;

 private:
  struct Sum {
    std::uint64_t calls = 0, errors = 0;
    std::uint64_t nanoseconds = 0;
  };
  std::FILE* out_;
  std::map<std::string, Sum, std::less<>> sums_;
};

}  // namespace ig
