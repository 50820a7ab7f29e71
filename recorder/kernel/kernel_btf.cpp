// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/kernel_btf.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <string_view>

#include "base/file.h"
#include "base/text.h"
#include "recorder/gadget/libbpf_log.h"
#include "recorder/kernel/archive_file.h"

namespace ig {
namespace {

using Path = std::filesystem::path;

constexpr std::size_t kMostBtf = 256 << 20;  // a debug build's types are 20 MB

constexpr std::size_t kMostRelease = 64 << 10;  // of a file that names a distribution
constexpr const char* kOwnTypes = "/sys/kernel/btf/vmlinux";

// Folders for files that a person puts there, then the package's.
constexpr std::string_view kOwnFolders[] = {"etc/ig/btf", "var/lib/ig/btf", "usr/share/ig/btf",
                                            "usr/lib/ig/btf"};
// Where distributions keep the uncompressed kernel; libbpf knows the same ones.
constexpr std::string_view kKernelFiles[] = {"boot/vmlinux-{}",
                                             "lib/modules/{}/vmlinux-{}",
                                             "lib/modules/{}/build/vmlinux",
                                             "usr/lib/modules/{}/kernel/vmlinux",
                                             "usr/lib/debug/boot/vmlinux-{}",
                                             "usr/lib/debug/boot/vmlinux-{}.debug",
                                             "usr/lib/debug/lib/modules/{}/vmlinux"};

std::string os_release_word(std::string_view text, std::string_view key) {
  for (const auto line : split(text, '\n')) {
    if (!line.starts_with(key) || line.size() <= key.size() || line[key.size()] != '=') continue;
    auto value = line.substr(key.size() + 1);
    if (value.size() >= 2 && (value[0] == '"' || value[0] == '\'')) {
      value = value.substr(1, value.size() - 2);
    }
    return std::string(value);
  }
  return "";
}

class Finder {
 public:
  explicit Finder(const BtfSearch& search) : search_(search) {}

  Result<KernelBtf> find() {
    if (!search_.file.empty()) return find_given();
    if (is_file(in_root("sys/kernel/btf/vmlinux"))) {
      return KernelBtf{search_.without_modules ? kOwnTypes : "", kOwnTypes, {}};
    }
    for (const auto folder : kOwnFolders) {
      for (const auto* ending : {"", ".btf"}) look_at(in_root(folder) / (search_.release + ending));
    }
    for (const auto file : kKernelFiles) {
      look_at(in_root(fmt::format(fmt::runtime(file), search_.release, search_.release)));
    }
    for (const auto folder : kOwnFolders) look_in_archive(in_root(folder));
    for (const auto& folder : search_.shipped) look_in_archive(folder);
    if (found_) return std::move(*found_);
    return fail(ErrorCode::kUnsupported,
                fmt::format("nothing describes the types of this kernel ({}); looked at {}",
                            search_.release, join(tried_, ", ")),
                "--btf names a file, or a folder shaped like BTFHub's archive");
  }

 private:
  Result<KernelBtf> find_given() {
    std::error_code ignored;
    if (std::filesystem::is_directory(search_.file, ignored)) {
      look_in_archive(search_.file);
    } else {
      look_at(search_.file);
    }
    if (found_) return std::move(*found_);
    return fail(ErrorCode::kInvalid,
                fmt::format("--btf: no types of a kernel: {}", join(tried_, ", ")),
                "it takes a BTF or ELF file, or a folder shaped like BTFHub's archive");
  }

  Path in_root(std::string_view path) const { return Path(search_.root) / path; }

  bool is_file(const Path& path) {
    tried_.push_back(path.string());
    std::error_code ignored;
    return std::filesystem::is_regular_file(path, ignored);
  }

  void look_in_archive(const Path& folder) {
    const auto place = folder / search_.os_id / search_.os_version / search_.arch;
    for (const auto* ending : {".btf", ".btf.tar.xz", ".btf.tar.gz"}) {
      look_at(place / (search_.release + ending));
    }
  }

  // Takes the file if it is the first that holds types.
  void look_at(const Path& path) {
    if (found_ || !is_file(path)) return;
    if (auto btf = open(path.string())) {
      found_ = std::move(*btf);
    } else {
      tried_.back() += fmt::format(" ({})", btf.error().message);
    }
  }

  static Result<KernelBtf> open(const std::string& path) {
    KernelBtf btf{path, path, {}};
    if (path.ends_with(".tar.xz") || path.ends_with(".tar.gz")) {
      IG_ASSIGN(btf.unpacked, unpack(path));
      btf.path = fmt::format("/proc/self/fd/{}", btf.unpacked.get());
    }
    const LibbpfLog quiet;
    const Handle<::btf, btf__free> types(btf__parse(btf.path.c_str(), nullptr));
    if (!types) return fail(ErrorCode::kInvalid, "no BTF in it");
    return btf;
  }

  static Result<UniqueFd> unpack(const std::string& path) {
    IG_ASSIGN(const auto bytes, read_unpacked(path, kMostBtf));
    UniqueFd memory(memfd_create("ig-btf", MFD_CLOEXEC));
    if (!memory) return std::unexpected(system_error(errno, "make a file in memory"));
    for (std::size_t done = 0; done < bytes.size();) {
      const auto size = write(memory.get(), bytes.data() + done, bytes.size() - done);
      if (size < 0) return std::unexpected(system_error(errno, "unpack " + path));
      done += static_cast<std::size_t>(size);
    }
    return memory;
  }

  const BtfSearch& search_;
  std::vector<std::string> tried_;
  std::optional<KernelBtf> found_;
};

}  // namespace

BtfSearch BtfSearch::of_this_machine() {
  BtfSearch search;
  utsname kernel{};
  if (uname(&kernel) == 0) {
    search.release = kernel.release;
    search.arch = kernel.machine;
  }
  for (const auto* path : {"/etc/os-release", "/usr/lib/os-release"}) {
    const auto text = read_file(path, kMostRelease);
    if (!text) continue;
    search.os_id = os_release_word(*text, "ID");
    search.os_version = os_release_word(*text, "VERSION_ID");
    break;
  }
  __u32 first = 0;
  search.without_modules = ::bpf_btf_get_next_id(0, &first) != 0 && errno == EPERM;
  return search;
}

Result<KernelBtf> find_kernel_btf(const BtfSearch& search) { return Finder(search).find(); }

}  // namespace ig
