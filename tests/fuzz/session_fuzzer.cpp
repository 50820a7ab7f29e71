// SPDX-License-Identifier: Apache-2.0
// A session file from anywhere: whatever opens answers every question or fails, and never crashes.
#include "store/session_check.h"
#include "store/session_signature.h"
#include "tests/fuzz/kept_file.h"
#include "tests/fuzz/sound_session.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = ig::with_bytes({data, size});
  const ig::KeptFile file(bytes.data(), bytes.size());
  static_cast<void>(ig::find_damage(file.path()));
  static_cast<void>(ig::session_digest(file.path()));
  const auto recordings = ig::open_recordings(file.path());
  if (!recordings) return 0;
  for (const auto& reader : *recordings) {
    static_cast<void>(reader->info());
    static_cast<void>(reader->gadget_runs());
    static_cast<void>(reader->losses());
    static_cast<void>(reader->tables());
    static_cast<void>(reader->enrichments());
    static_cast<void>(reader->translations());
    static_cast<void>(reader->inventory());
    const auto workloads = reader->workloads({});
    if (!workloads) continue;
    for (const auto& workload : *workloads) {
      static_cast<void>(reader->syscalls(workload.id));
      static_cast<void>(reader->syscall_arguments(workload.id));
      static_cast<void>(reader->setup_marks(workload.id));
      static_cast<void>(reader->capabilities(workload.id));
      static_cast<void>(reader->flows(workload.id));
      static_cast<void>(reader->resolved_names(workload.id));
    }
  }
  return 0;
}
