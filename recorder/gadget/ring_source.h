// SPDX-License-Identifier: Apache-2.0
// RingSource: one ring buffer of one gadget. The kernel's ring is the only queue on the way; what
// finds no room in it was counted there.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "recorder/gadget/bpf_handles.h"

namespace ig {

class RingSource {
 public:
  // Called from a frame of libbpf, which is C.
  using OnRecord = std::function<void(std::span<const std::byte>)>;

  static Result<std::unique_ptr<RingSource>> open(int map_fd, const std::string& name,
                                                  OnRecord on_record);

  int poll_fd() const { return ring_buffer__epoll_fd(ring_.get()); }  // readable = has records
  // Hands on what is there, at most `most` records, so that one busy ring cannot keep the others
  // waiting. True if there may be more.
  bool consume(int most);

 private:
  explicit RingSource(OnRecord on_record) : on_record_(std::move(on_record)) {}
  static int on_sample(void* context, void* data, std::size_t size) noexcept;

  OnRecord on_record_;
  RingBuffer ring_;
  int left_ = 0;
};

}  // namespace ig
