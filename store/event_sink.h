// SPDX-License-Identifier: Apache-2.0
// EventSink: whoever takes what a recording delivers. The session writer stores it; the live
// printers show it. All calls come from one thread. A call must not keep the views it is given.
//
// Order: data_source() before the first event() of it, workload() before the first event of that
// workload and again each time more is known of it.
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "store/event_schema.h"
#include "store/value.h"
#include "store/workload.h"

namespace ig {

struct Event {
  const EventSchema& schema;  // the same object that data_source() was given
  WorkloadId workload = 0;
  std::span<const Value> values;  // one for each column of the schema
};

// Something that could not be recorded. Losses are facts of the session like any other.
struct Loss {
  enum class Kind {
    kRingFull,      // events that found no room in the kernel's ring
    kMapFull,       // updates that found no room in a map
    kSkipped,       // runs of a program that the kernel left out: it was running on that CPU
    kMalformed,     // records that were not of the expected layout
    kNotAttached,   // a program that the kernel refused: see detail
    kDetached,      // a program that somebody else detached in mid-recording
    kUnresolved,    // a workload that nothing named
    kWriterFailed,  // rows that could not be stored
    kBackendLimit,  // what this backend cannot see
    kPruned,        // rows that were recorded and taken away later (ig session prune)
  };
  std::string gadget;
  Kind kind = Kind::kRingFull;
  WorkloadId workload = 0;  // 0 = any
  std::uint64_t count = 0;
  std::int64_t from_ns = 0, to_ns = 0;  // wall clock: between which readings it happened
  std::string detail;
};
const char* to_string(Loss::Kind kind);

// How one gadget ran: which rung of its ladder, and what could not be attached.
struct GadgetRun {
  struct Program {
    std::string name;     // of the function
    std::string section;  // "tp_btf/sys_enter"
    bool attached = false;
    std::string reason;        // why not
    std::string leaves_empty;  // fields that stay empty without it, comma separated
  };
  std::string gadget;
  std::string origin = "built-in";  // or a path, or an image
  std::string backend = "bpf";      // or "ptrace"
  std::string variant;              // the rung; empty where the gadget has none
  std::string parameters;           // "key=value key=value"
  std::uint64_t ring_bytes = 0;
  std::vector<Program> programs;
  std::int64_t recording = 1;  // of those of a merged file
};

class EventSink {
 public:
  virtual ~EventSink() = default;

  virtual Result<> gadget_run(const GadgetRun& run) = 0;
  virtual Result<> data_source(const EventSchema& schema) = 0;
  virtual Result<> workload(const Workload& workload) = 0;
  virtual Result<> event(const Event& event) = 0;
  virtual Result<> loss(const Loss& loss) = 0;
  // Called a few times a second: what was taken so far becomes durable, or is shown.
  virtual Result<> flush() = 0;
};

}  // namespace ig
