// SPDX-License-Identifier: Apache-2.0
// A hole in a key keeps what the stack had there, so equal keys may differ; that depends on the
// compiler and on the kernel, and no live test finds it surely.
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "recorder/gadget/bpf_handles.h"
#include "recorder/gadget/gadget_catalog.h"

namespace ig {
namespace {

// The endpoints are the public contract's. What is made of them is zeroed as a whole first.
constexpr std::array<std::string_view, 3> kZeroedFirst{"gadget_l3endpoint_t", "gadget_l4endpoint_t",
                                                       "flow_key"};

void add_holes(const btf* types, __u32 id, std::vector<std::string>& holes) {
  const auto* type = btf__type_by_id(types, static_cast<__u32>(btf__resolve_type(types, id)));
  if (btf_is_array(type)) return add_holes(types, btf_array(type)->type, holes);
  if (!btf_is_struct(type)) return;
  const std::string name = btf__name_by_offset(types, type->name_off);
  const bool zeroed = std::ranges::find(kZeroedFirst, name) != kZeroedFirst.end();
  __u32 end = 0;
  for (__u32 i = 0; i < btf_vlen(type); ++i) {
    const auto& member = btf_members(type)[i];
    const __u32 begin = btf_member_bit_offset(type, i) / 8;
    if (begin > end && !zeroed) {
      holes.push_back(
          fmt::format("{} before {}", name, btf__name_by_offset(types, member.name_off)));
    }
    add_holes(types, member.type, holes);
    end = begin + static_cast<__u32>(btf__resolve_size(types, member.type));
  }
  if (type->size > end && !zeroed) holes.push_back(name + " at its end");
}

std::vector<std::string> holes_in_keys(const Gadget& gadget) {
  std::vector<std::string> holes;
  const BpfObject object(bpf_object__open_mem(gadget.object.data(), gadget.object.size(), nullptr));
  EXPECT_TRUE(object) << gadget.name;
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object.get()) {
    const __u32 key = bpf_map__btf_key_type_id(map);
    if (key != 0) add_holes(bpf_object__btf(object.get()), key, holes);
  }
  return holes;
}

TEST(MapKeys, NoneOfABuiltInGadgetHasAHole) {
  const auto catalog = GadgetCatalog::open({});
  ASSERT_TRUE(catalog);
  for (const auto& gadget : catalog->gadgets()) {
    EXPECT_THAT(holes_in_keys(gadget), testing::IsEmpty()) << gadget.name;
  }
}

}  // namespace
}  // namespace ig
