// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/iterator_source.h"

#include <algorithm>

namespace ig {

Result<> IteratorSource::read() {
  for (const auto& program : source_->iterators) {
    begun_.clear();
    IG_TRY(gadget_->run_iterator(program, [this](auto bytes) { take(bytes); }));
    // Half a record at the end: let the decoder find it malformed, so that it is counted.
    if (!begun_.empty()) on_record_(begun_);
  }
  return {};
}

void IteratorSource::take(std::span<const std::byte> bytes) {
  const std::size_t size = source_->record_size;
  while (!bytes.empty()) {
    if (begun_.empty() && bytes.size() >= size) {
      on_record_(bytes.first(size));
      bytes = bytes.subspan(size);
      continue;
    }
    const auto part = bytes.first(std::min(bytes.size(), size - begun_.size()));
    begun_.insert(begun_.end(), part.begin(), part.end());
    bytes = bytes.subspan(part.size());
    if (begun_.size() < size) continue;
    on_record_(begun_);
    begun_.clear();
  }
}

}  // namespace ig
