// SPDX-License-Identifier: Apache-2.0
// Interning: a process identity or a long text is stored once and rows refer to its id.
//
// What was stored is remembered in memory only, in two generations: what is in use stays in the
// young one; when that is full the old one is forgotten. So memory is bounded, the file needs no
// index, and a thing that was silent for a whole generation is merely stored a second time.
// Looking up what is known allocates nothing.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/database.h"
#include "store/row_layout.h"
#include "store/value.h"
#include "store/workload.h"

namespace ig {

class KnownIds {
 public:
  explicit KnownIds(std::size_t most_bytes) : generation_bytes_(most_bytes / 2) {}

  std::int64_t find(std::string_view key);  // 0 = not known
  void add(std::string_view key, std::int64_t id);

 private:
  // Open addressing over one string that holds the entries: a look-up is done for every event, and
  // so touches two cache lines and no more (std::unordered_map's nodes: three or four).
  class Generation {
   public:
    std::int64_t find(std::string_view key, std::uint64_t hash) const;
    void add(std::string_view key, std::uint64_t hash, std::int64_t id);
    std::size_t bytes() const { return entries_.size() + slots_.size() * sizeof(Slot); }
    void clear();

   private:
    struct Slot {
      std::uint32_t tag = 0;  // the hash's lower half
      std::uint32_t end = 0;  // of the entry's head; 0 = free
    };
    struct Head {
      std::int64_t id;
      std::size_t length;  // of the key, which follows
    };
    void place(const Slot& slot);
    void grow();

    std::vector<Slot> slots_;  // a power of two, at most half full
    std::size_t used_ = 0;
    std::string entries_;
  };

  void add_young(std::string_view key, std::uint64_t hash, std::int64_t id);

  std::size_t generation_bytes_;
  Generation young_, old_;
};

class PathTable {
 public:
  static Result<PathTable> open(Database& database, std::size_t cache_bytes);
  Result<std::int64_t> id_of(std::string_view text);

 private:
  PathTable(Statement insert, std::size_t cache_bytes)
      : insert_(std::move(insert)), known_(cache_bytes) {}

  Statement insert_;
  KnownIds known_;
  std::int64_t last_id_ = 0;
};

class ProcessTable {
 public:
  static Result<ProcessTable> open(Database& database, std::size_t cache_bytes);
  Result<std::int64_t> id_of(WorkloadId workload, const ProcessColumns& columns,
                             std::span<const Value> values);

 private:
  ProcessTable(Statement insert, std::size_t cache_bytes)
      : insert_(std::move(insert)), known_(cache_bytes) {}

  Result<> store(WorkloadId workload, const ProcessColumns& columns, std::span<const Value> values);

  Statement insert_;
  KnownIds known_;
  std::int64_t last_id_ = 0, previous_id_ = 0;
  std::string key_, previous_key_;  // members for their capacity
};

}  // namespace ig
