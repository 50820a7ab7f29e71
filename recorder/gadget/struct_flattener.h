// SPDX-License-Identifier: Apache-2.0
// StructFlattener: the leaves of a BTF struct as columns with their layout. What a member means
// follows from its typedef or its enum; two structs of the contract are understood as a whole:
// gadget_process (an identity, interned by the file) and the endpoints (an address in text).
#pragma once

#include "recorder/gadget/btf_reader.h"
#include "recorder/gadget/btf_schema.h"

namespace ig {

class StructFlattener {
 public:
  StructFlattener(const BtfReader& btf, DataSource& source) : btf_(btf), source_(source) {}

  // Appends the leaves of a struct that begins at `base` in the record.
  Result<> add(std::uint32_t type_id, std::uint32_t base, bool key);

 private:
  struct Place {
    std::string name;
    std::uint32_t offset;
    int depth;
  };
  Result<> add_members(const btf_type* type, const Place& place);
  Result<> add_member(std::uint32_t type_id, const Place& place);
  Result<> add_struct(const BtfReader::Resolved& resolved, const Place& place);
  void add_endpoint(const btf_type* type, const Place& place);
  void add_array(const BtfReader::Resolved& resolved, const Place& place);
  void add_number(const BtfReader::Resolved& resolved, const Place& place);
  void add_enum(const BtfReader::Resolved& resolved, const Place& place);
  void append(Column column, FieldLayout layout);
  bool is_composite(std::uint32_t type_id) const;
  std::optional<FieldLayout> number_layout(const btf_type* type) const;

  const BtfReader& btf_;
  DataSource& source_;
  bool key_ = false;
  std::string process_;  // the gadget_process that we are in, or ""
};

}  // namespace ig
