// SPDX-License-Identifier: Apache-2.0
// FlightRings: a data source of GADGET_TRACER whose map is no ring buffer but a hash of records,
// the last ones of each workload (gadgets/traceloop/call.h). Nothing is read while it goes on: a
// dump is made when somebody asks, when the recording ends, and of a workload that has ended, whose
// records are then given back to the kernel. A record is delivered once, in the order of time.
//
// Beside that map the gadget has `rings`, which says for each workload how many records there were,
// and `threads`, the calls that have not returned.
#pragma once

#include <bpf/libbpf.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <vector>

#include "base/result.h"

namespace ig {

class LoadedGadget;

// struct gadget_identity, the key of `rings`.
struct RingIdentity {
  std::uint64_t mntns_id = 0, mntns_gen = 0, cgroup_id = 0;
  auto operator<=>(const RingIdentity&) const = default;
};

class FlightRings {
 public:
  using OnRecord = std::function<void(std::span<const std::byte>)>;

  static Result<FlightRings> open(const LoadedGadget& gadget, const bpf_map* records,
                                  OnRecord on_record);

  // Everything that was not delivered yet, and the calls that threads are in. `at_end`: nobody
  // writes any more.
  void dump(bool at_end);
  // Of workloads that have ended: those that had no thread at the last call either.
  void dump_ended();

 private:
  struct Ring;  // struct ring
  struct Known {
    std::uint64_t delivered = 0;   // up to this seq
    std::uint64_t seen_ended = 0;  // `recorded`, when it was first seen without threads
    bool given_back = false;       // its records, up to `delivered`
  };
  using Bytes = std::vector<std::byte>;

  FlightRings(int records, int rings, int threads, std::size_t record_size, std::size_t thread_size,
              OnRecord on_record)
      : records_(records),
        rings_(rings),
        threads_(threads),
        record_size_(record_size),
        thread_size_(thread_size),
        on_record_(std::move(on_record)) {}

  std::vector<RingIdentity> identities() const;
  bool read_ring(const RingIdentity& who, Ring& ring) const;
  void collect(const RingIdentity& who, const Ring& ring, bool quiet);
  void collect_unfinished();
  void give_back(const RingIdentity& who, const Ring& ring) const;
  void deliver();

  int records_, rings_, threads_;
  std::size_t record_size_, thread_size_;
  OnRecord on_record_;
  std::map<RingIdentity, Known> known_;
  std::vector<Bytes> dump_;  // being made
};

}  // namespace ig
