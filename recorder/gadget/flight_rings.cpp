// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/flight_rings.h"

#include <bpf/bpf.h>
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cstring>

#include "base/log.h"
#include "base/text.h"
#include "recorder/extension/syscall_captures.h"
#include "recorder/gadget/loaded_gadget.h"

namespace ig {

// gadgets/traceloop/call.h; the sizes of the maps' keys and values tell a difference.
struct FlightRings::Ring {
  std::uint64_t recorded, overwritten, first, last;
  std::int64_t threads;
  std::uint64_t capacity;
};

namespace {

struct RecordKey {
  RingIdentity who;
  std::uint32_t place, padding;
};

// What every record begins with.
struct RecordHead {
  std::uint64_t seq, timestamp;
};

// What the kernel adds to an element of a hash.
constexpr std::size_t kElementOverhead = 96;
constexpr std::uint64_t kMostWriters = 64;     // of one ring at a time
constexpr std::size_t kMostThreads = 1 << 20;  // that a changing map can make a walk visit

RecordHead head_of(std::span<const std::byte> record) {
  RecordHead head;
  std::memcpy(&head, record.data(), sizeof head);
  return head;
}

RecordKey key_of(const RingIdentity& who, std::uint64_t seq, std::uint64_t capacity) {
  return {who, static_cast<std::uint32_t>((seq - 1) % capacity), 0};
}

bool has_sizes(const bpf_map* map, std::size_t key, std::size_t value) {
  return map != nullptr && bpf_map__key_size(map) == key && bpf_map__value_size(map) >= value;
}

}  // namespace

Result<FlightRings> FlightRings::open(const LoadedGadget& gadget, const bpf_map* records,
                                      OnRecord on_record) {
  const auto* rings = gadget.find_map("rings");
  const auto* threads = gadget.find_map("threads");
  if (!has_sizes(records, sizeof(RecordKey), sizeof(RecordHead)) ||
      !has_sizes(rings, sizeof(RingIdentity), sizeof(Ring)) ||
      !has_sizes(threads, sizeof(std::uint32_t), bpf_map__value_size(records))) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("gadget {}: map {} is no ring buffer, nor has it rings of records",
                            gadget.gadget().name, bpf_map__name(records)));
  }
  IG_TRY(write_capture_plans(gadget));
  const auto record_size = bpf_map__value_size(records);
  const auto element = bpf_map__key_size(records) + record_size + kElementOverhead;
  log::info("{}: keeps at most {} calls, in {} of the kernel's memory", gadget.gadget().name,
            format_count(bpf_map__max_entries(records)),
            format_size(std::uint64_t{element} * bpf_map__max_entries(records)));
  return FlightRings(bpf_map__fd(records), bpf_map__fd(rings), bpf_map__fd(threads), record_size,
                     bpf_map__value_size(threads), std::move(on_record));
}

void FlightRings::dump(bool at_end) {
  for (const auto& who : identities()) {
    Ring ring;
    if (read_ring(who, ring)) collect(who, ring, at_end);
  }
  collect_unfinished();
  deliver();
}

// A thread may be between its birth and its first call, so one look without threads proves nothing.
void FlightRings::dump_ended() {
  for (const auto& who : identities()) {
    Ring ring;
    if (!read_ring(who, ring) || ring.threads > 0) continue;
    auto& known = known_[who];
    if (known.given_back && known.delivered == ring.recorded) continue;
    if (known.seen_ended != ring.recorded) {
      known.seen_ended = ring.recorded;
      continue;
    }
    collect(who, ring, true);
    give_back(who, ring);
    known.given_back = true;
  }
  deliver();
}

std::vector<RingIdentity> FlightRings::identities() const {
  std::vector<RingIdentity> found;
  RingIdentity next;
  const RingIdentity* from = nullptr;
  while (found.size() < kMostThreads && bpf_map_get_next_key(rings_, from, &next) == 0) {
    found.push_back(next);
    from = &found.back();
  }
  return found;
}

bool FlightRings::read_ring(const RingIdentity& who, Ring& ring) const {
  return bpf_map_lookup_elem(rings_, &who, &ring) == 0 && ring.capacity > 0;
}

// What is overwritten while it is read is left out: the ring's counter is read again afterwards,
// and a place is taken before it is written. What is being written waits for the next dump, unless
// the ring is quiet: then it found no room, which was counted.
void FlightRings::collect(const RingIdentity& who, const Ring& ring, bool quiet) {
  auto& known = known_[who];
  const auto oldest = ring.recorded > ring.capacity ? ring.recorded - ring.capacity : 0;
  const auto begin = dump_.size();
  for (auto seq = std::max(oldest, known.delivered) + 1; seq <= ring.recorded; ++seq) {
    const auto key = key_of(who, seq, ring.capacity);
    Bytes record(record_size_);
    const bool there =
        bpf_map_lookup_elem(records_, &key, record.data()) == 0 && head_of(record).seq == seq;
    if (there) dump_.push_back(std::move(record));
    if (!there && !quiet && ring.recorded - seq < kMostWriters) break;
    known.delivered = seq;
  }
  known.given_back = false;
  Ring now;
  if (!read_ring(who, now) || now.recorded <= ring.capacity) return;
  const auto lost = now.recorded - ring.capacity;
  const auto first = dump_.begin() + static_cast<std::ptrdiff_t>(begin);
  dump_.erase(std::remove_if(first, dump_.end(),
                             [&](const Bytes& record) { return head_of(record).seq <= lost; }),
              dump_.end());
}

// A thread's own record has no seq until its call ends. It lasts until now.
void FlightRings::collect_unfinished() {
  std::uint32_t tid = 0;
  const std::uint32_t* from = nullptr;
  Bytes thread(thread_size_);
  for (std::size_t count = 0; count < kMostThreads; ++count) {
    std::uint32_t next = 0;
    if (bpf_map_get_next_key(threads_, from, &next) != 0) return;
    tid = next;
    from = &tid;
    if (bpf_map_lookup_elem(threads_, &tid, thread.data()) != 0) continue;
    const auto head = head_of(thread);
    if (head.seq != 0 || head.timestamp == 0) continue;
    dump_.emplace_back(thread.begin(), thread.begin() + static_cast<std::ptrdiff_t>(record_size_));
  }
}

// Their workload has ended; should it come to life again, they are made anew.
void FlightRings::give_back(const RingIdentity& who, const Ring& ring) const {
  for (std::uint64_t place = 0; place < std::min(ring.recorded, ring.capacity); ++place) {
    const auto key = key_of(who, place + 1, ring.capacity);
    bpf_map_delete_elem(records_, &key);
  }
}

void FlightRings::deliver() {
  std::ranges::sort(dump_, {}, [](const Bytes& record) {
    const auto head = head_of(record);
    return std::pair(head.timestamp, head.seq);
  });
  for (const auto& record : dump_) on_record_(record);
  dump_.clear();
}

}  // namespace ig
