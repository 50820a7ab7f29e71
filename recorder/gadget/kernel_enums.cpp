// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/kernel_enums.h"

#include <bpf/btf.h>

#include <algorithm>
#include <memory>

namespace ig {
namespace {

constexpr std::string_view kKernelEnums[] = {"skb_drop_reason"};

struct FreeBtf {
  void operator()(btf* types) const { btf__free(types); }
};

std::map<std::int64_t, std::string> read_names(const char* name) {
  std::map<std::int64_t, std::string> names;
  const std::unique_ptr<btf, FreeBtf> types(btf__load_vmlinux_btf());
  if (!types) return names;
  const int id = btf__find_by_name_kind(types.get(), name, BTF_KIND_ENUM);
  if (id < 0) return names;
  const auto* type = btf__type_by_id(types.get(), static_cast<__u32>(id));
  for (int i = 0; i < btf_vlen(type); ++i) {
    const auto& value = btf_enum(type)[i];
    const auto number =
        btf_kflag(type) ? std::int64_t{value.val} : std::int64_t{static_cast<__u32>(value.val)};
    names.emplace(number, btf__name_by_offset(types.get(), value.name_off));
  }
  return names;
}

}  // namespace

bool is_kernel_enum(std::string_view name) {
  return std::ranges::find(kKernelEnums, name) != std::ranges::end(kKernelEnums);
}

const std::map<std::int64_t, std::string>& kernel_enum_names(const std::string& name) {
  static std::map<std::string, std::map<std::int64_t, std::string>> known;
  const auto [it, is_new] = known.try_emplace(name);
  if (is_new) it->second = read_names(name.c_str());
  return it->second;
}

}  // namespace ig
