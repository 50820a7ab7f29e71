// SPDX-License-Identifier: Apache-2.0
#include "recorder/extension/syscall_captures.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <string>

#include "recorder/extension/syscall_signatures.h"
#include "recorder/gadget/btf_reader.h"
#include "recorder/gadget/loaded_gadget.h"
#include "store/syscall_table.h"

namespace ig {
namespace {

// gadgets/traceloop/call.h; that both mean the same is checked by the size of the map's values.
struct Capture {
  CaptureSpec::Kind kind;
  std::uint8_t argument, length;
  CaptureSpec::When when;
  std::uint16_t size;
};
struct Plan {
  std::uint8_t wanted = 0, count = 0;
  Capture captures[kMaxCaptures]{};
};
static_assert(sizeof(Capture) == 6 && sizeof(Plan) == 38);

constexpr std::uint32_t kPlansPerTable = 1024;

// The kernel's tables of calls, in the order of the map; of 32 bits and x32 where they exist.
std::vector<std::string_view> tables() {
  const auto native = native_syscall_arch();
  if (native == "x86_64") return {native, "i386", "x32"};
  if (native == "aarch64") return {native, "arm"};
  return {native};
}

// Structures of a 32-bit program are not ours: of those calls only texts and buffers are copied.
bool is_narrow(std::string_view arch) { return arch == "i386" || arch == "arm" || arch == "x32"; }

bool is_any_width(CaptureSpec::Kind kind) {
  return kind != CaptureSpec::Kind::kIovec && kind != CaptureSpec::Kind::kMessage;
}

Plan make_plan(const SyscallSignature& signature, std::string_view arch) {
  Plan plan;
  for (std::size_t i = 0; i < signature.parameters.size(); ++i) {
    const auto& parameter = signature.parameters[i];
    for (const auto& spec : parameter.type->captures) {
      auto& capture = plan.captures[plan.count++];
      if (is_narrow(arch) && !is_any_width(spec.kind)) continue;
      capture = {spec.kind, static_cast<std::uint8_t>(i),
                 static_cast<std::uint8_t>(parameter.reference), spec.when, spec.size};
    }
  }
  return plan;
}

Result<std::set<std::string>> parse_wanted(std::string_view text) {
  std::set<std::string> names;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    const std::string name(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (name.empty()) continue;
    const bool exists = std::ranges::any_of(
        tables(), [&](std::string_view arch) { return syscall_number(arch, name).has_value(); });
    if (!exists) {
      return fail(ErrorCode::kUsage, fmt::format("there is no system call '{}'", name),
                  "names are separated by commas: openat,connect");
    }
    names.insert(name);
  }
  return names;
}

// The parameter as it was written into the object before it was loaded.
std::string wanted_calls(const LoadedGadget& gadget) {
  const auto variable = BtfReader(gadget.types()).variable(".rodata", "syscall_filters");
  auto* map = gadget.find_map(".rodata");
  if (!variable || map == nullptr) return "";
  std::size_t size = 0;
  const auto* data = static_cast<const char*>(bpf_map__initial_value(map, &size));
  if (data == nullptr || std::uint64_t{variable->offset} + variable->size > size) return "";
  return {data + variable->offset, strnlen(data + variable->offset, variable->size)};
}

}  // namespace

Result<> write_capture_plans(const LoadedGadget& gadget) {
  const auto* plans = gadget.find_map("capture_plans");
  if (plans == nullptr) return {};
  if (bpf_map__value_size(plans) != sizeof(Plan)) {
    return fail(ErrorCode::kInvalid, "capture_plans has another layout than this version of ig");
  }
  IG_ASSIGN(const auto names, parse_wanted(wanted_calls(gadget)));
  std::uint32_t first = 0;
  for (const auto arch : tables()) {
    for (std::uint32_t number = 0; number < kPlansPerTable; ++number) {
      const auto name = syscall_name(arch, number);
      if (!name) continue;
      const auto* signature = find_syscall_signature(*name);
      auto plan = signature != nullptr ? make_plan(*signature, arch) : Plan{};
      plan.wanted = names.contains(*name) ? 1 : 0;
      const auto index = first + number;
      if (bpf_map_update_elem(bpf_map__fd(plans), &index, &plan, BPF_ANY) != 0) {
        return std::unexpected(system_error(errno, "write capture_plans"));
      }
    }
    first += kPlansPerTable;
  }
  return {};
}

}  // namespace ig
