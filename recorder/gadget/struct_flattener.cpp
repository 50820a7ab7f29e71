// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/struct_flattener.h"

#include <fmt/format.h>

#include <algorithm>

#include "recorder/gadget/kernel_enums.h"
#include "recorder/gadget/user_stack.h"

namespace ig {
namespace {

constexpr int kMaxDepth = 16;
constexpr std::size_t kMaxColumns = 512;
constexpr std::uint32_t kMaxElements = 4096;
constexpr std::uint32_t kPathBytes = 64;  // text from here on is interned as a path

struct TypedefMeaning {
  std::string_view name;
  Meaning meaning;
};

constexpr TypedefMeaning kTypedefs[] = {
    {"gadget_mntns_id", Meaning::kMntnsId},
    {"gadget_netns_id", Meaning::kNetnsId},
    {"gadget_timestamp", Meaning::kTimestamp},
    {"gadget_duration", Meaning::kDuration},
    {"gadget_bytes", Meaning::kBytes},
    {"gadget_errno", Meaning::kErrno},
    {"gadget_signal", Meaning::kSignal},
    {"gadget_syscall", Meaning::kSyscall},
    {"gadget_uid", Meaning::kUid},
    {"gadget_gid", Meaning::kGid},
    {"gadget_file_mode", Meaning::kFileMode},
    {"gadget_file_flags", Meaning::kFileFlags},
    {"gadget_kernel_stack", Meaning::kStack},
    {"gadget_counter__u32", Meaning::kCounter},
    {"gadget_counter__u64", Meaning::kCounter},
    {"gadget_gauge__u32", Meaning::kGauge},
    {"gadget_gauge__u64", Meaning::kGauge},
    {"gadget_histogram_slot__u32", Meaning::kHistogram},
    {"gadget_histogram_slot__u64", Meaning::kHistogram},
};

Meaning meaning_of(const BtfReader::Resolved& resolved) {
  for (const auto& known : kTypedefs) {
    if (resolved.has_typedef(known.name)) return known.meaning;
  }
  return Meaning::kPlain;
}

struct PartName {
  std::string_view path;
  ProcessPart part;
};

constexpr PartName kProcessParts[] = {
    {"comm", ProcessPart::kComm},
    {"pid", ProcessPart::kPid},
    {"tid", ProcessPart::kTid},
    {"creds.uid", ProcessPart::kUid},
    {"creds.gid", ProcessPart::kGid},
    {"mntns_id", ProcessPart::kMntnsId},
    {"parent.comm", ProcessPart::kParentComm},
    {"parent.pid", ProcessPart::kParentPid},
    {"parent.tid", ProcessPart::kParentTid},
    {"cgroup_id", ProcessPart::kCgroupId},
    {"mntns_gen", ProcessPart::kMntnsGen},
    {"start_time", ProcessPart::kStartTime},
};

ProcessPart process_part(std::string_view path) {
  for (const auto& known : kProcessParts) {
    if (known.path == path) return known.part;
  }
  return ProcessPart::kNone;
}

Column make_column(std::string name, ColumnType type, Meaning meaning) {
  Column column;
  column.name = std::move(name);
  column.type = type;
  column.meaning = meaning;
  return column;
}

bool is_integer_size(std::uint32_t size) {
  return size == 1 || size == 2 || size == 4 || size == 8;
}

}  // namespace

Result<> StructFlattener::add(std::uint32_t type_id, std::uint32_t base, bool key) {
  const auto resolved = btf_.resolve(type_id);
  if (resolved.type == nullptr || !btf_is_struct(resolved.type)) {
    return fail(ErrorCode::kInvalid, fmt::format("data source {}: what it delivers is not a struct",
                                                 source_.schema.data_source));
  }
  key_ = key;
  return add_members(resolved.type, {"", base, 0});
}

Result<> StructFlattener::add_members(const btf_type* type, const Place& place) {
  if (place.depth > kMaxDepth || source_.fields.size() > kMaxColumns) {
    return fail(ErrorCode::kInvalid, fmt::format("data source {}: its struct is too deep or wide",
                                                 source_.schema.data_source));
  }
  const btf_member* members = btf_members(type);
  for (std::uint32_t i = 0; i < btf_vlen(type); ++i) {
    const auto name = btf_.string(members[i].name_off);
    if (name.starts_with("__") || btf_member_bitfield_size(type, i) != 0) continue;
    const auto bits = btf_member_bit_offset(type, i);
    if (bits % 8 != 0) continue;
    // What an anonymous struct or union holds are members of the outer one.
    const bool outer = name.empty() && is_composite(members[i].type);
    auto path = place.name.empty() || outer ? fmt::format("{}{}", place.name, name)
                                            : fmt::format("{}.{}", place.name, name);
    IG_TRY(
        add_member(members[i].type, {std::move(path), place.offset + bits / 8, place.depth + 1}));
  }
  return {};
}

bool StructFlattener::is_composite(std::uint32_t type_id) const {
  const auto resolved = btf_.resolve(type_id);
  return resolved.type != nullptr && btf_is_composite(resolved.type);
}

Result<> StructFlattener::add_member(std::uint32_t type_id, const Place& place) {
  const auto resolved = btf_.resolve(type_id);
  if (resolved.type == nullptr) {
    return fail(ErrorCode::kInvalid, fmt::format("data source {}: field {} has no type",
                                                 source_.schema.data_source, place.name));
  }
  // A hostile object may place a member outside its struct, or give it no size.
  const auto size = btf_.size(type_id);
  if (place.offset > source_.record_size || size > source_.record_size - place.offset) {
    return fail(ErrorCode::kInvalid, fmt::format("data source {}: field {} lies outside its struct",
                                                 source_.schema.data_source, place.name));
  }
  if (btf_is_composite(resolved.type)) return add_struct(resolved, place);
  if (size == 0 || place.name.empty() || place.name.ends_with('.')) return {};
  if (btf_is_array(resolved.type)) add_array(resolved, place);
  if (btf_is_any_enum(resolved.type)) add_enum(resolved, place);
  if (btf_is_int(resolved.type) || btf_is_float(resolved.type)) add_number(resolved, place);
  return {};
}

Result<> StructFlattener::add_struct(const BtfReader::Resolved& resolved, const Place& place) {
  const auto name = btf_.name(resolved.type);
  if (name == "gadget_l3endpoint_t" || name == "gadget_l4endpoint_t") {
    add_endpoint(resolved.type, place);
    return {};
  }
  // As a key it stays the numbers that it is.
  if (name == "gadget_user_stack" && resolved.type->size == sizeof(UserStack) && !key_) {
    auto column = make_column(place.name, ColumnType::kText, Meaning::kStack);
    column.type_name = name;
    append(
        std::move(column),
        {.kind = FieldLayout::Kind::kExtension, .offset = place.offset, .size = sizeof(UserStack)});
    return {};
  }
  if (name != "gadget_process" || !process_.empty()) return add_members(resolved.type, place);
  process_ = place.name;
  auto result = add_members(resolved.type, place);
  process_.clear();
  return result;
}

void StructFlattener::add_endpoint(const btf_type* type, const Place& place) {
  constexpr std::uint32_t kAddressBytes = 16;
  const btf_member* members = btf_members(type);
  std::optional<std::uint32_t> address, version;
  for (std::uint32_t i = 0; i < btf_vlen(type); ++i) {
    const auto name = btf_.string(members[i].name_off);
    const auto offset = place.offset + btf_member_bit_offset(type, i) / 8;
    if (name == "addr_raw" && btf_.size(members[i].type) >= kAddressBytes) address = offset;
    if (name == "version" && offset < source_.record_size) version = offset;
  }
  if (address && version && *address + kAddressBytes <= source_.record_size) {
    append(make_column(place.name + ".addr", ColumnType::kText, Meaning::kAddress),
           {.kind = FieldLayout::Kind::kAddress,
            .offset = *address,
            .size = kAddressBytes,
            .version_offset = *version});
  }
  for (std::uint32_t i = 0; i < btf_vlen(type); ++i) {
    const auto name = btf_.string(members[i].name_off);
    if (name != "port" && name != "proto_raw") continue;
    const auto resolved = btf_.resolve(members[i].type);
    const auto layout = resolved.type ? number_layout(resolved.type) : std::nullopt;
    const auto offset = place.offset + btf_member_bit_offset(type, i) / 8;
    if (!layout || offset + layout->size > source_.record_size) continue;
    auto field = *layout;
    field.offset = offset;
    append(make_column(fmt::format("{}.{}", place.name, name), ColumnType::kInteger,
                       name == "port" ? Meaning::kPlain : Meaning::kProtocol),
           field);
  }
}

void StructFlattener::add_array(const BtfReader::Resolved& resolved, const Place& place) {
  const auto* array = btf_array(resolved.type);
  const auto element = btf_.resolve(array->type);
  if (element.type == nullptr || array->nelems == 0) return;
  auto layout = number_layout(element.type);
  if (!layout) return;
  if (layout->size == 1 && btf_.name(element.type) == "char") {
    const bool is_path = array->nelems >= kPathBytes;
    append(make_column(place.name, ColumnType::kText, is_path ? Meaning::kPath : Meaning::kPlain),
           {.kind = FieldLayout::Kind::kText, .offset = place.offset, .size = array->nelems});
    return;
  }
  if (array->nelems > kMaxElements) return;
  layout->element = layout->kind;
  layout->kind = FieldLayout::Kind::kArray;
  layout->offset = place.offset;
  layout->count = array->nelems;
  append(make_column(place.name, ColumnType::kText, meaning_of(element)), *layout);
}

std::optional<FieldLayout> StructFlattener::number_layout(const btf_type* type) const {
  FieldLayout layout{.size = type->size};
  if (btf_is_float(type)) {
    layout.kind = FieldLayout::Kind::kFloat;
    return type->size == 4 || type->size == 8 ? std::optional(layout) : std::nullopt;
  }
  if (!btf_is_int(type) || !is_integer_size(type->size)) return std::nullopt;
  if (btf_int_offset(type) != 0 || btf_int_bits(type) != type->size * 8) return std::nullopt;
  const auto encoding = btf_int_encoding(type);
  if ((encoding & BTF_INT_BOOL) != 0) {
    layout.kind = FieldLayout::Kind::kBool;
  } else if ((encoding & BTF_INT_SIGNED) != 0) {
    layout.kind = FieldLayout::Kind::kSigned;
  }
  return layout;
}

void StructFlattener::add_number(const BtfReader::Resolved& resolved, const Place& place) {
  auto layout = number_layout(resolved.type);
  if (!layout) return;
  layout->offset = place.offset;
  auto column = make_column(place.name, ColumnType::kInteger, meaning_of(resolved));
  if (layout->kind == FieldLayout::Kind::kFloat) column.type = ColumnType::kReal;
  if (layout->kind == FieldLayout::Kind::kBool) column.meaning = Meaning::kBool;
  if (column.meaning == Meaning::kTimestamp && layout->size == 8) {
    layout->kind = FieldLayout::Kind::kTimestamp;
  }
  append(std::move(column), *layout);
}

void StructFlattener::add_enum(const BtfReader::Resolved& resolved, const Place& place) {
  const btf_type* type = resolved.type;
  if (!is_integer_size(type->size)) return;
  const bool is_signed = btf_kflag(type);
  const auto name = std::string(btf_.name(type));
  auto column = make_column(place.name, ColumnType::kInteger,
                            name.ends_with("_set") ? Meaning::kFlagSet : Meaning::kEnum);
  column.type_name = name;
  // Its values are numbers of bits: BTF of the pinned compiler knows no flag beyond the 32nd.
  const bool bits = name.ends_with("_bit_set");
  append(std::move(column),
         {.kind = is_signed ? FieldLayout::Kind::kSigned : FieldLayout::Kind::kUnsigned,
          .offset = place.offset,
          .size = type->size});
  auto& names = source_.schema.enums[name];
  if (is_kernel_enum(name)) {
    names = kernel_enum_names(name);
    if (names.empty()) names.emplace(0, "");  // a rung without it leaves the field 0
    return;
  }
  for (std::uint32_t i = 0; i < btf_vlen(type); ++i) {
    if (btf_is_enum64(type)) {
      const auto& value = btf_enum64(type)[i];
      names.emplace(static_cast<std::int64_t>(btf_enum64_value(&value)),
                    btf_.string(value.name_off));
      continue;
    }
    const auto& value = btf_enum(type)[i];
    const std::int64_t number = is_signed ? value.val : static_cast<std::uint32_t>(value.val);
    if (bits && (number < 0 || number > 62)) continue;  // no file has flags with a sign
    names.emplace(bits ? std::int64_t{1} << number : number, btf_.string(value.name_off));
  }
  if (!bits) prefer_kernel_names(name, names);
}

void StructFlattener::append(Column column, FieldLayout layout) {
  column.key = key_;
  if (!process_.empty()) {
    column.process = process_;
    column.process_part = process_part(std::string_view(column.name).substr(process_.size() + 1));
  }
  source_.schema.columns.push_back(std::move(column));
  source_.fields.push_back(layout);
}

}  // namespace ig
