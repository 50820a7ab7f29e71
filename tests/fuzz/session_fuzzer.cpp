// SPDX-License-Identifier: Apache-2.0
// A session file from anywhere: whatever opens answers every question or fails, and never crashes.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <string>

#include "base/handle.h"
#include "store/session_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ig::UniqueFd file(::memfd_create("session", MFD_CLOEXEC));
  if (::write(file.get(), data, size) != static_cast<ssize_t>(size)) return 0;
  const auto session = ig::open_session("/proc/self/fd/" + std::to_string(file.get()));
  if (!session) return 0;
  auto& reader = **session;
  (void)reader.info();
  (void)reader.gadget_runs();
  (void)reader.losses();
  (void)reader.tables();
  const auto workloads = reader.workloads({});
  if (!workloads) return 0;
  for (const auto& workload : *workloads) {
    (void)reader.syscalls(workload.id);
    (void)reader.setup_marks(workload.id);
    (void)reader.flows(workload.id);
  }
  return 0;
}
