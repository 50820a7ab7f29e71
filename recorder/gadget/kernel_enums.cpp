// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/kernel_enums.h"

#include <algorithm>
#include <set>

#include "recorder/kernel/kernel_types.h"

namespace ig {
namespace {

constexpr std::string_view kKernelEnums[] = {"skb_drop_reason"};

std::map<std::int64_t, std::string> read_names(const char* name) {
  std::map<std::int64_t, std::string> names;
  const auto* types = kernel_types();
  const int id = types == nullptr ? -1 : btf__find_by_name_kind(types, name, BTF_KIND_ENUM);
  if (id < 0) return names;
  const auto* type = btf__type_by_id(types, static_cast<__u32>(id));
  for (int i = 0; i < btf_vlen(type); ++i) {
    const auto& value = btf_enum(type)[i];
    const auto number =
        btf_kflag(type) ? std::int64_t{value.val} : std::int64_t{static_cast<__u32>(value.val)};
    names.emplace(number, btf__name_by_offset(types, value.name_off));
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

void prefer_kernel_names(const std::string& name, std::map<std::int64_t, std::string>& names) {
  const auto& kernel = kernel_enum_names(name);
  std::set<std::string_view> known;
  for (const auto& [number, text] : names) known.insert(text);
  const auto shared = std::ranges::count_if(
      kernel, [&](const auto& entry) { return known.contains(entry.second); });
  if (shared > 0) names = kernel;
}

}  // namespace ig
