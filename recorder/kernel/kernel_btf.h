// SPDX-License-Identifier: Apache-2.0
// Where the types of the running kernel come from. Programs are CO-RE: they are fitted to this
// kernel by its BTF, which most kernels carry themselves; for those that do not it is looked for
// in places where people and distributions put it.
#pragma once

#include <string>
#include <vector>

#include "base/handle.h"
#include "base/result.h"

namespace ig {

// What decides where to look. The defaults are this machine's.
struct BtfSearch {
  std::string root = "/";                 // of the file system
  std::string file = {};                  // --btf: a file, or a folder shaped like BTFHub's archive
  std::vector<std::string> shipped = {};  // folders so shaped that came along with gadgets
  std::string release, arch;              // as uname has them
  std::string os_id, os_version;          // of /etc/os-release
  // Modules' types take CAP_SYS_ADMIN, and libbpf 1.1 fails where it may not read them.
  bool without_modules = false;

  static BtfSearch of_this_machine();
};

struct KernelBtf {
  std::string path;  // for libbpf; "" = the kernel's and its modules', which libbpf finds by itself
  std::string found;  // where it was found, for people
  UniqueFd unpacked;  // what `path` refers to, where it was in an archive
};

// In this order: --btf, /sys/kernel/btf/vmlinux, <dir>/<release>[.btf] of our own folders, the
// distribution's vmlinux files, and BTFHub-shaped folders
// (<id>/<version>/<arch>/<release>.btf[.tar.xz]), the last of them those shipped with gadgets.
// Where none has it, the error names every place.
Result<KernelBtf> find_kernel_btf(const BtfSearch& search);

}  // namespace ig
