// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/btf_reader.h"

#include <gelf.h>
#include <libelf.h>

#include <algorithm>

#include "recorder/gadget/libbpf_log.h"

namespace ig {
namespace {

using ElfFile = Handle<Elf, elf_end>;

constexpr int kMaxChain = 32;  // typedefs and qualifiers one upon another

Error invalid_object(std::string_view why) {
  return {ErrorCode::kInvalid, "not a gadget's BPF object: " + std::string(why),
          "an object is made by clang -target bpf -g"};
}

// The bytes of the section .BTF, or empty.
std::string_view find_btf_section(Elf* elf) {
  std::size_t names = 0;
  if (elf_getshdrstrndx(elf, &names) != 0) return {};
  for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf, section)) != nullptr;) {
    GElf_Shdr header;
    if (gelf_getshdr(section, &header) == nullptr) continue;
    const char* name = elf_strptr(elf, names, header.sh_name);
    if (name == nullptr || std::string_view(name) != ".BTF") continue;
    const Elf_Data* data = elf_rawdata(section, nullptr);
    if (data == nullptr || data->d_buf == nullptr) return {};
    return {static_cast<const char*>(data->d_buf), data->d_size};
  }
  return {};
}

}  // namespace

Result<BtfReader> BtfReader::open(std::string_view elf_bytes) {
  quiet_libbpf();
  elf_version(EV_CURRENT);
  // libelf never writes through it: the file is opened as memory and only read.
  const ElfFile elf(elf_memory(const_cast<char*>(elf_bytes.data()), elf_bytes.size()));
  if (!elf || elf_kind(elf.get()) != ELF_K_ELF) {
    return std::unexpected(invalid_object("it is no ELF file"));
  }
  const auto section = find_btf_section(elf.get());
  if (section.empty()) return std::unexpected(invalid_object("it has no BTF"));
  Handle<btf, btf__free> types(btf__new(section.data(), static_cast<__u32>(section.size())));
  if (!types) return std::unexpected(invalid_object("its BTF is damaged"));
  return BtfReader(std::move(types));
}

bool BtfReader::Resolved::has_typedef(std::string_view name) const {
  return std::ranges::find(typedefs, name) != typedefs.end();
}

BtfReader::Resolved BtfReader::resolve(std::uint32_t id) const {
  Resolved resolved;
  for (int i = 0; i < kMaxChain; ++i) {
    const btf_type* type = btf__type_by_id(btf_, id);
    if (type == nullptr) return {};
    if (btf_is_typedef(type)) {
      resolved.typedefs.push_back(name(type));
    } else if (!btf_is_mod(type) && !btf_is_type_tag(type)) {
      resolved.type = type;
      resolved.id = id;
      return resolved;
    }
    id = type->type;
  }
  return {};
}

std::string_view BtfReader::string(std::uint32_t offset) const {
  const char* text = btf__str_by_offset(btf_, offset);
  return text == nullptr ? std::string_view{} : text;
}

std::uint32_t BtfReader::size(std::uint32_t id) const {
  const auto bytes = btf__resolve_size(btf_, id);
  return bytes < 0 || bytes > INT32_MAX ? 0 : static_cast<std::uint32_t>(bytes);
}

void BtfReader::each_type(const std::function<bool(std::uint32_t, const btf_type*)>& visit) const {
  for (std::uint32_t id = 1; id < btf__type_cnt(btf_); ++id) {
    if (!visit(id, btf__type_by_id(btf_, id))) return;
  }
}

std::optional<std::uint32_t> BtfReader::find_struct(std::string_view wanted) const {
  std::optional<std::uint32_t> found;
  each_type([&](std::uint32_t id, const btf_type* type) {
    if (btf_is_struct(type) && name(type) == wanted) found = id;
    return !found;
  });
  return found;
}

std::vector<std::string_view> BtfReader::variables_with_prefix(std::string_view prefix) const {
  std::vector<std::string_view> names;
  each_type([&](std::uint32_t, const btf_type* type) {
    if (btf_is_var(type) && name(type).starts_with(prefix)) names.push_back(name(type));
    return true;
  });
  return names;
}

std::optional<BtfReader::MapTypes> BtfReader::map_types(std::string_view map) const {
  std::optional<MapTypes> found;
  each_type([&](std::uint32_t, const btf_type* type) {
    if (!btf_is_var(type) || name(type) != map) return true;
    const auto definition = resolve(type->type);
    if (definition.type == nullptr || !btf_is_struct(definition.type)) return true;
    found.emplace();
    const btf_member* members = btf_members(definition.type);
    for (int i = 0; i < btf_vlen(definition.type); ++i) {
      const auto pointer = resolve(members[i].type);
      if (pointer.type == nullptr || !btf_is_ptr(pointer.type)) continue;
      if (string(members[i].name_off) == "key") found->key = pointer.type->type;
      if (string(members[i].name_off) == "value") found->value = pointer.type->type;
    }
    return false;
  });
  return found;
}

std::optional<BtfReader::Variable> BtfReader::variable(std::string_view section,
                                                       std::string_view wanted) const {
  std::optional<Variable> found;
  each_type([&](std::uint32_t, const btf_type* type) {
    if (!btf_is_datasec(type) || name(type) != section) return true;
    const btf_var_secinfo* infos = btf_var_secinfos(type);
    for (int i = 0; i < btf_vlen(type) && !found; ++i) {
      const btf_type* variable = btf__type_by_id(btf_, infos[i].type);
      if (variable == nullptr || !btf_is_var(variable) || name(variable) != wanted) continue;
      found = Variable{variable->type, infos[i].offset, infos[i].size};
    }
    return !found;
  });
  return found;
}

}  // namespace ig
