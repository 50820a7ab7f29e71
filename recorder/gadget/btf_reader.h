// SPDX-License-Identifier: Apache-2.0
// BtfReader: the questions we ask of a BPF object's type information, answered without trusting
// it: an object may come from anywhere, so every reference may lead nowhere or in a circle.
// Works on the bytes of the ELF file; needs no kernel and no privilege.
#pragma once

#include <bpf/btf.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/handle.h"
#include "base/result.h"

namespace ig {

class BtfReader {
 public:
  static Result<BtfReader> open(std::string_view elf);
  // Of what libbpf has opened; it must outlive the reader.
  explicit BtfReader(const btf* borrowed) : btf_(borrowed) {}

  // A type without its typedefs and qualifiers, and the names of those typedefs, outermost first.
  struct Resolved {
    const btf_type* type = nullptr;  // nullptr: the reference leads nowhere
    std::uint32_t id = 0;
    std::vector<std::string_view> typedefs;
    bool has_typedef(std::string_view name) const;
  };
  Resolved resolve(std::uint32_t id) const;

  std::string_view name(const btf_type* type) const { return string(type->name_off); }
  std::string_view string(std::uint32_t offset) const;
  std::uint32_t size(std::uint32_t id) const;  // bytes; 0 where it cannot be told

  std::optional<std::uint32_t> find_struct(std::string_view name) const;
  std::vector<std::string_view> variables_with_prefix(std::string_view prefix) const;

  // Type ids of a map's key and value, as __type(key, …) declares them. 0 = not declared.
  struct MapTypes {
    std::uint32_t key = 0, value = 0;
  };
  std::optional<MapTypes> map_types(std::string_view map) const;

  struct Variable {
    std::uint32_t type = 0, offset = 0, size = 0;
  };
  // Where a variable lies in a section (".rodata"), once the object is linked.
  std::optional<Variable> variable(std::string_view section, std::string_view name) const;

 private:
  explicit BtfReader(Handle<btf, btf__free> owned) : owned_(std::move(owned)), btf_(owned_.get()) {}
  void each_type(const std::function<bool(std::uint32_t, const btf_type*)>& visit) const;

  Handle<btf, btf__free> owned_;
  const btf* btf_;
};

}  // namespace ig
