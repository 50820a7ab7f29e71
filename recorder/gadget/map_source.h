// SPDX-License-Identifier: Apache-2.0
// MapSource: the rows of one gadget's hash map, whose key and value together are one record. A map
// is read while it changes: what is deleted meanwhile may be missed, what is met twice is one row
// with the same key. Nothing is ever deleted here, so a reading can be repeated, and a recording
// that is killed has all but its last second.
#pragma once

#include <bpf/libbpf.h>

#include <cstdint>
#include <functional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace ig {

class MapSource {
 public:
  using OnRecord = std::function<void(std::span<const std::byte>)>;

  static Result<MapSource> open(const bpf_map* map, OnRecord on_record);

  enum class Reading {
    kChanges,  // what is not as it was at the last reading
    kAll,
  };
  Result<> read(Reading reading);

 private:
  MapSource(const bpf_map* map, OnRecord on_record);
  Result<> read_batches();
  Result<> read_keys();
  void deliver(const std::byte* key, const std::byte* value);
  bool is_news();

  int fd_;
  std::string name_;
  std::size_t key_size_, value_size_;
  OnRecord on_record_;
  Reading reading_ = Reading::kAll;
  std::size_t batch_;
  bool batches_work_ = true;
  std::vector<std::byte> keys_, values_, record_;
  // Of each key's hash, the hash of its value: enough to spare the writer what has not changed. The
  // last reading delivers everything, so that a clash of hashes loses nothing.
  std::unordered_map<std::size_t, std::size_t> seen_;
};

}  // namespace ig
