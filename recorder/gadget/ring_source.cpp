// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/ring_source.h"

#include <fmt/format.h>

#include <cerrno>

namespace ig {

Result<std::unique_ptr<RingSource>> RingSource::open(int map_fd, const std::string& name,
                                                     OnRecord on_record) {
  std::unique_ptr<RingSource> source(new RingSource(std::move(on_record)));
  source->ring_.reset(ring_buffer__new(map_fd, on_sample, source.get(), nullptr));
  if (source->ring_) return source;
  return std::unexpected(system_error(errno, fmt::format("read ring {}", name)));
}

int RingSource::on_sample(void* context, void* data, std::size_t size) noexcept {
  auto& source = *static_cast<RingSource*>(context);
  source.on_record_({static_cast<const std::byte*>(data), size});
  // libbpf stops after this record, which counts as read.
  return --source.left_ > 0 ? 0 : -EAGAIN;
}

bool RingSource::consume(int most) {
  left_ = most;
  return ring_buffer__consume(ring_.get()) == -EAGAIN;
}

}  // namespace ig
