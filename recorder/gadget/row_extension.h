// SPDX-License-Identifier: Apache-2.0
// RowExtension: columns that user space makes out of a record, because the kernel's side could not:
// a packet taken apart, a stack given names. Upstream's gadgets leave such work to a WebAssembly
// module; for the known ones it is done here, so that an object from elsewhere gets it too.
//
// An extension first describes its columns (needs no kernel: `ig gadget info` shows them), and is
// made when the gadget runs.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "recorder/gadget/btf_schema.h"
#include "store/value.h"

namespace ig {

class LoadedGadget;

class RowExtension {
 public:
  virtual ~RowExtension() = default;

  // Sets its own columns in `row`, which has a Value for each column of the schema, those of the
  // struct already decoded. `record` is what the kernel wrote, with whatever follows the struct.
  // Text that it sets must stay valid until its next fill().
  virtual void fill(std::span<const std::byte> record, std::span<Value> row) = 0;

  // The gadget's ring by which its programs tell this extension what is no row; "" = none. Records
  // are heard when they are there, mostly before the rows that they are about.
  virtual std::string ring() const { return ""; }
  virtual void hear(std::span<const std::byte> /*record*/) {}
  // `hear_news` makes it hear what is in its ring now. For one whose fill() may take long.
  virtual void set_news(std::function<void()> /*hear_news*/) {}
};

struct RowExtensionKind {
  // Adds its columns to the data source (add_column) or changes what one of them shows; false if
  // this data source is none of its business.
  bool (*describe)(const Gadget& gadget, DataSource& source);
  // For a data source that was described. `gadget` outlives what is made.
  std::unique_ptr<RowExtension> (*make)(const DataSource& source, const LoadedGadget& gadget);
};

// Called for each data source when it has been read from BTF.
void describe_extensions(const Gadget& gadget, DataSource& source);
std::vector<std::unique_ptr<RowExtension>> make_extensions(const DataSource& source,
                                                           const LoadedGadget& gadget);

// Adds a column that no byte of the struct fills.
void add_column(DataSource& source, Column column);

}  // namespace ig
