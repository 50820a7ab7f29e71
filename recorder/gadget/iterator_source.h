// SPDX-License-Identifier: Apache-2.0
// IteratorSource: a snapshot. Runs a gadget's iterator programs and cuts what they write
// (bpf_seq_write of one struct after another) into records; a read may end within a record.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "recorder/gadget/loaded_gadget.h"

namespace ig {

class IteratorSource {
 public:
  using OnRecord = std::function<void(std::span<const std::byte>)>;

  IteratorSource(LoadedGadget& gadget, const DataSource& source, OnRecord on_record)
      : gadget_(&gadget), source_(&source), on_record_(std::move(on_record)) {}

  Result<> read();

 private:
  void take(std::span<const std::byte> bytes);

  LoadedGadget* gadget_;
  const DataSource* source_;
  OnRecord on_record_;
  std::vector<std::byte> begun_;  // a record whose end is still to come
};

}  // namespace ig
