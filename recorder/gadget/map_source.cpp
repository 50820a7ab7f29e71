// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/map_source.h"

#include <bpf/bpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace ig {
namespace {

constexpr std::size_t kFirstBatch = 512;
constexpr std::size_t kBatchState = 4096;  // the kernel keeps its place in it

std::size_t hash(std::span<const std::byte> bytes) {
  return std::hash<std::string_view>{}({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace

MapSource::MapSource(const bpf_map* map, OnRecord on_record)
    : fd_(bpf_map__fd(map)),
      name_(bpf_map__name(map)),
      key_size_(bpf_map__key_size(map)),
      value_size_(bpf_map__value_size(map)),
      on_record_(std::move(on_record)),
      batch_(std::min<std::size_t>(kFirstBatch, bpf_map__max_entries(map))),
      record_(key_size_ + value_size_) {}

Result<MapSource> MapSource::open(const bpf_map* map, OnRecord on_record) {
  const auto type = bpf_map__type(map);
  if (type != BPF_MAP_TYPE_HASH && type != BPF_MAP_TYPE_LRU_HASH) {
    return fail(ErrorCode::kInvalid, fmt::format("map {} is no hash map", bpf_map__name(map)),
                "GADGET_MAPITER takes maps of type BPF_MAP_TYPE_HASH");
  }
  return MapSource(map, std::move(on_record));
}

Result<> MapSource::read(Reading reading) {
  reading_ = reading;
  return batches_work_ ? read_batches() : read_keys();
}

Result<> MapSource::read_batches() {
  std::vector<std::byte> place(std::max(kBatchState, key_size_));
  void* from = nullptr;
  while (true) {
    keys_.resize(batch_ * key_size_);
    values_.resize(batch_ * value_size_);
    auto count = static_cast<__u32>(batch_);
    const int err = -bpf_map_lookup_batch(fd_, from, place.data(), keys_.data(), values_.data(),
                                          &count, nullptr);
    if (err == ENOSPC) {  // one bucket of the hash has more than fits
      batch_ *= 2;
      continue;
    }
    if (err != 0 && err != ENOENT) {
      if (from != nullptr) {
        return std::unexpected(system_error(err, fmt::format("read map {}", name_)));
      }
      batches_work_ = false;
      return read_keys();
    }
    for (std::size_t i = 0; i < count; ++i) {
      deliver(keys_.data() + i * key_size_, values_.data() + i * value_size_);
    }
    if (err == ENOENT) return {};
    from = place.data();
  }
}

// For kernels without batches. A key that is deleted under us sends the kernel back to the first
// one, so the number of steps is bounded.
Result<> MapSource::read_keys() {
  std::vector<std::byte> key(key_size_), next(key_size_), value(value_size_);
  const void* from = nullptr;
  bpf_map_info info{};
  __u32 info_size = sizeof info;
  bpf_obj_get_info_by_fd(fd_, &info, &info_size);
  for (std::uint64_t steps = 0; steps < 2 * std::uint64_t{info.max_entries}; ++steps) {
    if (bpf_map_get_next_key(fd_, from, next.data()) != 0) break;
    if (bpf_map_lookup_elem(fd_, next.data(), value.data()) == 0) {
      deliver(next.data(), value.data());
    }
    key.swap(next);
    from = key.data();
  }
  return {};
}

void MapSource::deliver(const std::byte* key, const std::byte* value) {
  std::memcpy(record_.data(), key, key_size_);
  std::memcpy(record_.data() + key_size_, value, value_size_);
  if (is_news() || reading_ == Reading::kAll) on_record_(record_);
}

bool MapSource::is_news() {
  const std::span record(record_);
  const auto value = hash(record.subspan(key_size_));
  const auto [it, is_new] = seen_.try_emplace(hash(record.first(key_size_)), value);
  if (is_new) return true;
  return std::exchange(it->second, value) != value;
}

}  // namespace ig
