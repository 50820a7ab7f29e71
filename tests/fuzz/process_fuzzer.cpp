// SPDX-License-Identifier: Apache-2.0
// The files of a process in /proc: what it calls itself stands in some of them.
#include <fstream>

#include "recorder/workload/process_facts.h"
#include "recorder/workload/workload_tracker_proc.h"
#include "tests/support/scratch_folder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ig::ScratchFolder proc;
  const auto folder = proc.path() / "7";
  std::filesystem::create_directories(folder / "ns");
  for (const char* name : {"stat", "status", "cgroup", "comm", "ns/mnt"}) {
    std::ofstream(folder / name, std::ios::binary)
        .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  }
  static_cast<void>(ig::read_process_facts(proc.path(), 7));
  static_cast<void>(ig::observe_process(proc.path(), 7));
  return 0;
}
