// SPDX-License-Identifier: Apache-2.0
#include "store/interner.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <random>
#include <utility>

namespace ig {
namespace {

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

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// Eight bytes at a time, with a seed that whoever chooses the file names cannot know: or else he
// could have them all fall on one slot.
std::uint64_t hash_of(std::string_view key) {
  static const std::uint64_t seed = (std::uint64_t{std::random_device{}()} << 32) | 0x9e3779b9;
  std::uint64_t hash = seed ^ key.size();
  const char* at = key.data();
  std::size_t left = key.size();
  for (; left >= sizeof(hash); left -= sizeof(hash), at += sizeof(hash)) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof(word));
    hash = mix(hash ^ word, 0xa0761d6478bd642f ^ seed);
  }
  std::uint64_t word = 0;
  if (left > 0) std::memcpy(&word, at, left);
  return mix(hash ^ word, 0xe7037ed1a0b428db);
}

// Numbers first, so that one process's key has them at fixed places; texts end with a NUL.
void make_key(std::string& key, WorkloadId workload, const ProcessColumns& columns,
              std::span<const Value> values) {
  std::array<std::int64_t, kStoredParts.size() + 1> numbers{workload};
  for (std::size_t i = 0; i < kStoredParts.size(); ++i) {
    numbers[i + 1] = part_of(kStoredParts[i], columns, values).integer;
  }
  key.assign(reinterpret_cast<const char*>(numbers.data()), sizeof(numbers));
  for (const ProcessPart part : {ProcessPart::kComm, ProcessPart::kParentComm}) {
    key.append(part_of(part, columns, values).text).push_back('\0');
  }
}

}  // namespace

std::int64_t KnownIds::Generation::find(std::string_view key, std::uint64_t hash) const {
  if (slots_.empty()) return 0;
  const std::size_t mask = slots_.size() - 1;
  const auto tag = static_cast<std::uint32_t>(hash);
  for (std::size_t i = tag & mask; slots_[i].end != 0; i = (i + 1) & mask) {
    if (slots_[i].tag != tag) continue;
    const char* text = entries_.data() + slots_[i].end;
    Head head;
    std::memcpy(&head, text - sizeof(head), sizeof(head));
    if (std::string_view(text, head.length) == key) return head.id;
  }
  return 0;
}

void KnownIds::Generation::place(const Slot& slot) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t i = slot.tag & mask;
  while (slots_[i].end != 0) i = (i + 1) & mask;
  slots_[i] = slot;
}

void KnownIds::Generation::grow() {
  const auto before = std::exchange(slots_, {});
  slots_.resize(std::max<std::size_t>(64, before.size() * 2));
  for (const Slot& slot : before) {
    if (slot.end != 0) place(slot);
  }
}

void KnownIds::Generation::add(std::string_view key, std::uint64_t hash, std::int64_t id) {
  if (++used_ * 2 > slots_.size()) grow();
  const Head head{.id = id, .length = key.size()};
  entries_.append(reinterpret_cast<const char*>(&head), sizeof(head));
  place({.tag = static_cast<std::uint32_t>(hash),
         .end = static_cast<std::uint32_t>(entries_.size())});
  entries_.append(key);
}

void KnownIds::Generation::clear() {
  slots_.clear();
  entries_.clear();
  used_ = 0;
}

std::int64_t KnownIds::find(std::string_view key) {
  const auto hash = hash_of(key);
  if (const auto id = young_.find(key, hash)) return id;
  const auto id = old_.find(key, hash);
  if (id != 0) add_young(key, hash, id);
  return id;
}

void KnownIds::add(std::string_view key, std::int64_t id) { add_young(key, hash_of(key), id); }

void KnownIds::add_young(std::string_view key, std::uint64_t hash, std::int64_t id) {
  if (young_.bytes() + key.size() > generation_bytes_) {
    std::swap(young_, old_);
    young_.clear();
  }
  young_.add(key, hash, id);
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

Result<> ProcessTable::store(WorkloadId workload, const ProcessColumns& columns,
                             std::span<const Value> values) {
  insert_.bind(1, last_id_ + 1);
  insert_.bind(2, workload);
  int parameter = 3;
  for (const ProcessPart part : kStoredParts) {
    insert_.bind(parameter++, part_of(part, columns, values));
  }
  IG_TRY(insert_.run());
  known_.add(key_, ++last_id_);
  return {};
}

Result<std::int64_t> ProcessTable::id_of(WorkloadId workload, const ProcessColumns& columns,
                                         std::span<const Value> values) {
  make_key(key_, workload, columns, values);
  // Events come in runs of one process.
  if (key_ == previous_key_) return previous_id_;
  auto id = known_.find(key_);
  if (id == 0) {
    IG_TRY(store(workload, columns, values));
    id = last_id_;
  }
  std::swap(key_, previous_key_);
  previous_id_ = id;
  return id;
}

}  // namespace ig
