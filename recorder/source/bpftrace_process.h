// SPDX-License-Identifier: Apache-2.0
// BpftraceProcess: a bpftrace of our own, from its start to its end. It is in a process group of
// its own, so that a Ctrl-C of the terminal reaches it only through us, and it ends with us.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "base/handle.h"
#include "base/result.h"

namespace ig {

// The path of a program in PATH, or "".
std::string find_program(const std::string& name);

class BpftraceProcess {
 public:
  static Result<BpftraceProcess> start(const std::vector<std::string>& arguments);
  BpftraceProcess(BpftraceProcess&& other) noexcept;
  BpftraceProcess& operator=(BpftraceProcess&& other) = delete;
  ~BpftraceProcess();  // at once, if it still runs

  int output() const { return output_.get(); }  // does not block
  // Asks it to print its maps and to end.
  void interrupt();
  // Whether it has come to wait for what its probes tell. It says that they are attached before it
  // attaches them, so this is how one knows.
  bool waits_for_events() const;
  // What it wrote on stderr so far.
  std::string take_errors();
  // True once it is over.
  bool has_ended();

 private:
  BpftraceProcess() = default;

  pid_t pid_ = -1;
  bool ended_ = false;
  UniqueFd output_, errors_;
};

// Waits until there is something to read, or the other side has closed. False: the time is over.
bool wait_readable(int fd, std::chrono::milliseconds time);

}  // namespace ig
