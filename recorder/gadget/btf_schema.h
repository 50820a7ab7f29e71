// SPDX-License-Identifier: Apache-2.0
// From an object's BTF and its manifest to what its data sources deliver: the EventSchema that
// the rest of ig sees, and beside it the layout by which the decoder reads the kernel's bytes. No
// event struct is ever declared in C++, so a gadget cannot disagree with it.
//
// Data sources are found by the names of variables (bpf/include/gadget/macros.h). Members are
// flattened in their order; skipped are names that begin with "__", bit fields, pointers, 128 bit
// integers, and arrays of anything but numbers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "recorder/gadget/gadget_catalog.h"
#include "store/event_schema.h"

namespace ig {

// Where one column lies in a record, and what its bytes are.
struct FieldLayout {
  enum class Kind : std::uint8_t {
    kUnsigned,
    kSigned,
    kBool,
    kFloat,
    kTimestamp,  // boot time
    kText,       // char[size]
    kStrings,    // char[size] of strings that end with NUL; a number at `length_offset` says how
                 // many bytes they have together
    kArray,      // `count` numbers of `size` bytes each
    kAddress,    // 16 bytes; the byte at `version_offset` says 4 or 6
    kExtension,  // none of the record's: a RowExtension sets the value
  };
  Kind kind = Kind::kUnsigned;
  Kind element = Kind::kUnsigned;  // of kArray
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  std::uint32_t count = 1;
  std::uint32_t version_offset = 0;
  std::uint32_t length_offset = 0, length_size = 0;
};

// Which columns say who did it; -1 = none.
struct IdentityColumns {
  int mntns_id = -1, mntns_gen = -1, cgroup_id = -1, netns_id = -1, time = -1;
};

struct DataSource {
  EventSchema schema;
  std::vector<FieldLayout> fields;  // one for each column
  IdentityColumns identity;
  std::uint32_t record_size = 0;  // of a map: key and value, one after the other
  // A shorter record is malformed. What lies between here and record_size is a trailing array of
  // bytes or padding, which a gadget may leave out: it reads as zeros.
  std::uint32_t least_size = 0;
  std::string map;                     // the ring or the hash map
  std::vector<std::string> iterators;  // programs, of Kind::kIterator
  Annotations annotations;
  std::vector<std::size_t> extensions;  // kinds of RowExtension that apply, see row_extension.h
};

Result<std::vector<DataSource>> read_data_sources(const Gadget& gadget);

}  // namespace ig
