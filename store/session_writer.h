// SPDX-License-Identifier: Apache-2.0
// SessionWriter: the EventSink that fills a session file. One connection, one writer; rows go
// through prepared INSERTs in batches (a batch ends with flush(), at the latest each second), in
// WAL mode, so that a kill at any moment loses at most the last second. Processes and long strings
// are interned here, so rows are small; the caches are bounded.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "store/event_sink.h"

namespace ig {

struct InventoryUpdate;  // store/inventory_table.h

// What a session says of itself besides its events.
struct SessionInfo {
  std::string tool_version, host_name, kernel_release, architecture, command_line;
  std::string boot_id, machine_id, btf;  // btf: "vmlinux" or "none"
  std::string preset, selectors;
  std::string backend = "bpf";
  std::int64_t started_ns = 0, ended_ns = 0;  // wall clock; ended 0 = never closed
  std::int64_t clock_offset_ns = 0;           // wall clock minus boot time
  bool complete = false;                      // set by close(), unless space ran out
  std::string end_reason;   // "duration", "signal", "command ended", "disk full"…
  std::string merged_from;  // its name in a merged file; else ""
};

class SessionWriter : public EventSink {
 public:
  struct Options {
    std::uint64_t max_bytes = 0;  // 0 = no limit
  };

  // Creates `path` (mode 0600, must not exist) with our schema.
  static Result<std::unique_ptr<SessionWriter>> create(const std::string& path,
                                                       const SessionInfo& info, Options options);
  // A session in memory, for tests and for `ig run --query`; read_session() reads it.
  static Result<std::unique_ptr<SessionWriter>> create_in_memory(const SessionInfo& info);
  ~SessionWriter() override;

  Result<> gadget_run(const GadgetRun& run) override;
  Result<> data_source(const EventSchema& schema) override;
  Result<> workload(const Workload& workload) override;
  Result<> event(const Event& event) override;
  Result<> loss(const Loss& loss) override;
  Result<> flush() override;
  Result<> inventory(const InventoryUpdate& update);

  // Marks the session complete and leaves one file without -wal or -shm. After a full disk (or
  // max_bytes) the session is closed just as well but stays incomplete, its end reason is that,
  // and what was not stored is in `loss`.
  Result<> close(const std::string& end_reason);

  std::uint64_t rows_written() const;
  std::uint64_t file_bytes() const;

  // The session as the bytes of a file, with all that was taken so far.
  Result<std::string> snapshot();

 private:
  struct Impl;
  explicit SessionWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ig
