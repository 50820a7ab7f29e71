// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/kernel_types.h"

#include "base/handle.h"

namespace ig {
namespace {

std::string& types_path() {
  static std::string path;  // "" = the kernel's own
  return path;
}

}  // namespace

void set_kernel_types(const std::string& path) { types_path() = path; }

const btf* kernel_types() {
  static const Handle<btf, btf__free> types(
      types_path().empty() ? btf__load_vmlinux_btf() : btf__parse(types_path().c_str(), nullptr));
  return types.get();
}

}  // namespace ig
