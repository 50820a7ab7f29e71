// SPDX-License-Identifier: Apache-2.0
// RingSource: one ring buffer of one gadget, or the perf buffers that gadgets from elsewhere may
// have in its place. The kernel's ring is the only queue on the way; what finds no room in it was
// counted there.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <utility>

#include "base/result.h"
#include "recorder/gadget/bpf_handles.h"

namespace ig {

class RingSource {
 public:
  // Called from a frame of libbpf, which is C.
  using OnRecord = std::function<void(std::span<const std::byte>)>;

  static Result<std::unique_ptr<RingSource>> open(const bpf_map* map, OnRecord on_record);
  // Whether records can be read from such a map.
  static bool is_ring(const bpf_map* map);

  int poll_fd() const;  // readable = has records
  // Hands on what is there, at most `most` records, so that one busy ring cannot keep the others
  // waiting. True if there may be more.
  // Perf buffers are always emptied.
  bool consume(int most);
  // Records that perf buffers had no room for since the last call. (Rings count in a map.)
  std::uint64_t take_lost() { return std::exchange(lost_, 0); }

 private:
  explicit RingSource(OnRecord on_record) : on_record_(std::move(on_record)) {}
  static int on_sample(void* context, void* data, std::size_t size) noexcept;
  static void on_perf_sample(void* context, int cpu, void* data, __u32 size) noexcept;
  static void on_perf_lost(void* context, int cpu, __u64 count) noexcept;

  OnRecord on_record_;
  RingBuffer ring_;
  PerfBuffer perf_;
  int left_ = 0;
  std::uint64_t lost_ = 0;
};

}  // namespace ig
