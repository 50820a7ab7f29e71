// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/ring_source.h"

#include <fmt/format.h>

#include <cerrno>

namespace ig {
namespace {

constexpr std::size_t kPerfPages = 64;  // for each CPU, as Inspektor Gadget has it

}  // namespace

bool RingSource::is_ring(const bpf_map* map) {
  const auto type = bpf_map__type(map);
  return type == BPF_MAP_TYPE_RINGBUF || type == BPF_MAP_TYPE_PERF_EVENT_ARRAY;
}

Result<std::unique_ptr<RingSource>> RingSource::open(const bpf_map* map, OnRecord on_record) {
  std::unique_ptr<RingSource> source(new RingSource(std::move(on_record)));
  const int fd = bpf_map__fd(map);
  if (bpf_map__type(map) == BPF_MAP_TYPE_RINGBUF) {
    source->ring_.reset(ring_buffer__new(fd, on_sample, source.get(), nullptr));
  } else {
    source->perf_.reset(
        perf_buffer__new(fd, kPerfPages, on_perf_sample, on_perf_lost, source.get(), nullptr));
  }
  if (source->ring_ || source->perf_) return source;
  return std::unexpected(system_error(errno, fmt::format("read ring {}", bpf_map__name(map))));
}

int RingSource::poll_fd() const {
  return ring_ ? ring_buffer__epoll_fd(ring_.get()) : perf_buffer__epoll_fd(perf_.get());
}

int RingSource::on_sample(void* context, void* data, std::size_t size) noexcept {
  auto& source = *static_cast<RingSource*>(context);
  source.on_record_({static_cast<const std::byte*>(data), size});
  // libbpf stops after this record, which counts as read.
  return --source.left_ > 0 ? 0 : -EAGAIN;
}

void RingSource::on_perf_sample(void* context, int /*cpu*/, void* data, __u32 size) noexcept {
  static_cast<RingSource*>(context)->on_record_({static_cast<const std::byte*>(data), size});
}

void RingSource::on_perf_lost(void* context, int /*cpu*/, __u64 count) noexcept {
  static_cast<RingSource*>(context)->lost_ += count;
}

bool RingSource::consume(int most) {
  if (perf_) {
    perf_buffer__consume(perf_.get());
    return false;
  }
  left_ = most;
  return ring_buffer__consume(ring_.get()) == -EAGAIN;
}

}  // namespace ig
