// SPDX-License-Identifier: Apache-2.0
// EventDecoder: the kernel's bytes + a data source's layout → one flat row of Values. Pure (it
// knows no kernel and no file), bounds-checked and fuzzed; after construction it allocates nothing.
//
// Ring memory is not zeroed, so text ends at its first NUL and what follows never leaves here. Text
// is bytes: a path need not be UTF-8, and it is handed on as the kernel had it; who prints it
// escapes it. Numbers of 64 bits without sign keep their bits in an int64.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/clock.h"
#include "recorder/gadget/btf_schema.h"
#include "recorder/workload/workload_tracker.h"
#include "store/value.h"

namespace ig {

// What a row says of who did it, and when (wall clock; 0 where it does not).
TaskIdentity identity_of(const IdentityColumns& columns, std::span<const Value> row);
std::int64_t time_of(const IdentityColumns& columns, std::span<const Value> row);

class EventDecoder {
 public:
  // `source` must outlive the decoder.
  EventDecoder(const DataSource& source, ClockOffset clock);

  // False if the record is malformed: shorter than its fixed part. A record that stops within its
  // trailing array reads as if zeros followed; what is longer than the struct is not looked at.
  bool decode(std::span<const std::byte> record);

  // Of the last record: views into it and into the decoder, valid until the next decode().
  std::span<const Value> values() const { return values_; }
  std::span<Value> row() { return values_; }  // for the extensions, which fill their columns
  TaskIdentity identity() const { return identity_of(source_.identity, values_); }
  std::int64_t time_ns() const { return time_of(source_.identity, values_); }

 private:
  Value read(const FieldLayout& field, std::span<const std::byte> record, char* scratch) const;
  Value read_array(const FieldLayout& field, std::span<const std::byte> record,
                   char* scratch) const;

  const DataSource& source_;
  ClockOffset clock_;
  std::vector<Value> values_;
  std::vector<char> scratch_;                // text that is made here: addresses, arrays
  std::vector<std::size_t> scratch_begins_;  // of each column
};

}  // namespace ig
