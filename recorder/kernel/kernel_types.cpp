// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/kernel_types.h"

#include "base/handle.h"

namespace ig {
namespace {

struct KernelTypes {
  std::string path;  // "" = the kernel's own
  bool is_read = false;
  Handle<btf, btf__free> types;
};

KernelTypes& known() {
  static KernelTypes types;
  return types;
}

}  // namespace

void set_kernel_types(const std::string& path) {
  if (path != known().path) known() = {.path = path, .is_read = false, .types = nullptr};
}

const btf* kernel_types() {
  auto& [path, is_read, types] = known();
  if (!is_read) types.reset(path.empty() ? btf__load_vmlinux_btf() : btf__parse(path.c_str(), {}));
  is_read = true;
  return types.get();
}

void release_kernel_types() {
  known() = {.path = known().path, .is_read = false, .types = nullptr};
}

}  // namespace ig
