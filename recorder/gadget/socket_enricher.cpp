// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/socket_enricher.h"

#include <bpf/btf.h>
#include <fmt/format.h>
#include <sys/mman.h>

#include <cerrno>

#include "recorder/gadget/bpf_handles.h"
#include "recorder/gadget/btf_reader.h"
#include "recorder/gadget/embedded_gadgets.h"

namespace ig {
namespace {

constexpr const char* kName = "socket_enricher";
constexpr const char* kValue = "gadget_socket_value";

using Btf = Handle<btf, btf__free>;

Result<Btf> kernel_types(const std::string& path) {
  Btf types(path.empty() ? btf__load_vmlinux_btf() : btf__parse(path.c_str(), nullptr));
  if (!types) return std::unexpected(system_error(errno, "read the kernel's types"));
  return types;
}

// The struct of bpf/socket_enricher.bpf.c, whose optional members (cwd, exepath) are absent.
bool add_value_struct(btf* types) {
  const int u32 = btf__add_int(types, "ig_u32", 4, 0);
  const int u64 = btf__add_int(types, "ig_u64", 8, 0);
  const int character = btf__add_int(types, "ig_char", 1, BTF_INT_CHAR);
  const int text = btf__add_array(types, u32, character, 16);
  struct Member {
    const char* name;
    int type;
    __u32 offset;  // bytes
  };
  const Member members[] = {{"mntns", u64, 0},
                            {"pid_tgid", u64, 8},
                            {"uid_gid", u64, 16},
                            {"task", text, 24},
                            {"ptask", text, 40},
                            {"sock", u64, 56},
                            {"deletion_timestamp", u64, 64},
                            {"ppid", u32, 72},
                            {"ptid", u32, 76},
                            {"ipv6only", character, 80}};
  if (u32 < 0 || u64 < 0 || character < 0 || text < 0) return false;
  if (btf__add_struct(types, kValue, 88) < 0) return false;
  for (const auto& member : members) {
    if (btf__add_field(types, member.name, member.type, member.offset * 8, 0) != 0) return false;
  }
  return true;
}

Result<UniqueFd> write_to_memory(const btf* types) {
  __u32 size = 0;
  const auto* bytes = static_cast<const char*>(btf__raw_data(types, &size));
  UniqueFd memory(memfd_create("ig-btf", MFD_CLOEXEC));
  if (bytes == nullptr || !memory) {
    return std::unexpected(system_error(errno, "make a file in memory"));
  }
  for (__u32 done = 0; done < size;) {
    const auto written = write(memory.get(), bytes + done, size - done);
    if (written < 0) return std::unexpected(system_error(errno, "write a file in memory"));
    done += static_cast<__u32>(written);
  }
  return memory;
}

}  // namespace

bool SocketEnricher::is_needed_by(const Gadget& gadget) {
  const auto types = BtfReader::open(gadget.object);
  return types && types->map_types(kMap).has_value();
}

Result<std::unique_ptr<SocketEnricher>> SocketEnricher::open(const std::string& btf_path) {
  std::unique_ptr<SocketEnricher> enricher(new SocketEnricher());
  enricher->gadget_.name = kName;
  enricher->gadget_.origin = kBuiltIn;
  enricher->gadget_.object = embedded_object(kName);
  LoadOptions load;
  load.btf_path = btf_path;
  IG_ASSIGN(enricher->loaded_, LoadedGadget::load(enricher->gadget_, load));
  IG_TRY(enricher->describe_value(btf_path));
  return enricher;
}

Result<> SocketEnricher::describe_value(const std::string& kernel_btf_path) {
  IG_ASSIGN(const auto types, kernel_types(kernel_btf_path));
  if (!add_value_struct(types.get())) {
    return std::unexpected(system_error(errno, fmt::format("describe struct {}", kValue)));
  }
  IG_ASSIGN(btf_, write_to_memory(types.get()));
  btf_path_ = fmt::format("/proc/self/fd/{}", btf_.get());
  return {};
}

Result<> SocketEnricher::attach() {
  IG_TRY(loaded_->attach());
  return loaded_->run_iterator("seed_sockets", [](std::span<const std::byte>) {});
}

Result<> SocketEnricher::forget_closed() {
  return loaded_->run_iterator("forget_sockets", [](std::span<const std::byte>) {});
}

int SocketEnricher::map_fd() const { return bpf_map__fd(loaded_->find_map(kMap)); }

}  // namespace ig
