// SPDX-License-Identifier: Apache-2.0
#include "store/interner.h"

#include <array>
#include <utility>

namespace ig {
namespace {

// What an entry costs besides its text: node, string, bucket.
constexpr std::size_t kEntryBytes = 80;

// In the order of the INSERT's parameters, after id and workload.
constexpr std::array kStoredParts = {
    ProcessPart::kPid,     ProcessPart::kStartTime, ProcessPart::kUid,
    ProcessPart::kGid,     ProcessPart::kParentPid, ProcessPart::kParentTid,
    ProcessPart::kMntnsId, ProcessPart::kMntnsGen,  ProcessPart::kCgroupId,
    ProcessPart::kComm,    ProcessPart::kParentComm};

constexpr std::string_view kInsertProcess = R"(
  INSERT INTO process (id, workload_id, pid, start_time, uid, gid, parent_pid, parent_tid,
    mntns_id, mntns_gen, cgroup_id, comm, parent_comm)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))";

const Value& part_of(ProcessPart part, const ProcessColumns& columns,
                     std::span<const Value> values) {
  static const Value none;
  const int column = columns[static_cast<std::size_t>(part)];
  return column < 0 ? none : values[static_cast<std::size_t>(column)];
}

void append_bytes(std::string& key, std::int64_t number) {
  key.append(reinterpret_cast<const char*>(&number), sizeof(number));
}

}  // namespace

std::int64_t KnownIds::find(std::string_view key) {
  if (const auto found = young_.find(key); found != young_.end()) return found->second;
  const auto found = old_.find(key);
  if (found == old_.end()) return 0;
  auto entry = old_.extract(found);
  const auto id = entry.mapped();
  make_room(key.size());
  young_.insert(std::move(entry));
  return id;
}

void KnownIds::add(std::string_view key, std::int64_t id) {
  make_room(key.size());
  young_.emplace(key, id);
}

void KnownIds::make_room(std::size_t bytes) {
  if (young_bytes_ + bytes + kEntryBytes > generation_bytes_) {
    old_ = std::exchange(young_, {});
    young_bytes_ = 0;
  }
  young_bytes_ += bytes + kEntryBytes;
}

Result<PathTable> PathTable::open(Database& database, std::size_t cache_bytes) {
  IG_ASSIGN(auto insert, database.prepare("INSERT INTO path (id, text) VALUES (?, ?)", true));
  return PathTable(std::move(insert), cache_bytes);
}

Result<std::int64_t> PathTable::id_of(std::string_view text) {
  if (const auto id = known_.find(text)) return id;
  insert_.bind(1, last_id_ + 1);
  insert_.bind(2, text);
  IG_TRY(insert_.run());
  known_.add(text, ++last_id_);
  return last_id_;
}

Result<ProcessTable> ProcessTable::open(Database& database, std::size_t cache_bytes) {
  IG_ASSIGN(auto insert, database.prepare(kInsertProcess, true));
  return ProcessTable(std::move(insert), cache_bytes);
}

void ProcessTable::make_key(WorkloadId workload, const ProcessColumns& columns,
                            std::span<const Value> values) {
  key_.clear();
  append_bytes(key_, workload);
  for (const ProcessPart part : kStoredParts) {
    const Value& value = part_of(part, columns, values);
    if (value.kind == Value::Kind::kText) {
      key_.append(value.text).push_back('\0');
    } else {
      append_bytes(key_, value.integer);
    }
  }
}

Result<std::int64_t> ProcessTable::id_of(WorkloadId workload, const ProcessColumns& columns,
                                         std::span<const Value> values) {
  make_key(workload, columns, values);
  // Events come in runs of one process.
  if (key_ == previous_key_) return previous_id_;
  previous_id_ = known_.find(key_);
  if (previous_id_ == 0) {
    previous_key_.clear();  // in case storing fails
    insert_.bind(1, last_id_ + 1);
    insert_.bind(2, workload);
    int parameter = 3;
    for (const ProcessPart part : kStoredParts) {
      insert_.bind(parameter++, part_of(part, columns, values));
    }
    IG_TRY(insert_.run());
    previous_id_ = ++last_id_;
    known_.add(key_, previous_id_);
  }
  std::swap(key_, previous_key_);
  return previous_id_;
}

}  // namespace ig
