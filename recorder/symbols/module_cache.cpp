// SPDX-License-Identifier: Apache-2.0
#include "recorder/symbols/module_cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/file.h"
#include "base/handle.h"

namespace ig {
namespace {

constexpr std::uint64_t kMostBytes = 256 << 20;
constexpr std::size_t kMostModules = 8192;
constexpr std::uint64_t kMostMapsBytes = 4 << 20;

// First without opening it, since opening a device does something.
UniqueFd open_regular(const std::string& path, struct stat& status) {
  const UniqueFd place(open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!place || fstat(place.get(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  return UniqueFd(open(fmt::format("/proc/self/fd/{}", place.get()).c_str(), O_RDONLY | O_CLOEXEC));
}

UniqueFd open_mapped(std::uint32_t pid, const CodeMapping& mapping, struct stat& status) {
  auto file = open_regular(
      fmt::format("/proc/{}/map_files/{:x}-{:x}", pid, mapping.begin, mapping.end), status);
  if (file) return file;
  // Without CAP_CHECKPOINT_RESTORE; what lies there now must be what is mapped.
  file = open_regular(fmt::format("/proc/{}/root{}", pid, mapping.path), status);
  return file && status.st_ino == mapping.inode ? std::move(file) : UniqueFd();
}

// A distribution's package of debug symbols has what a stripped file lacks.
void add_debug_symbols(ElfFile& elf) {
  if (elf.has_symtab || elf.build_id.size() < 4) return;
  struct stat status {};
  const auto file = open_regular(fmt::format("/usr/lib/debug/.build-id/{}/{}.debug",
                                             elf.build_id.substr(0, 2), elf.build_id.substr(2)),
                                 status);
  if (!file) return;
  auto debug = read_elf(read_from(file.get()));
  if (!debug || debug->build_id != elf.build_id || !debug->has_symtab) return;
  elf.functions = std::move(debug->functions);
  elf.has_symtab = true;
}

std::uint64_t bytes_of(const Module& module) {
  return sizeof module + (module.elf ? module.elf->bytes() : 0);
}

}  // namespace

std::shared_ptr<const Module> ModuleCache::find(std::uint32_t pid, const CodeMapping& mapping) {
  if (mapping.path == "[vdso]") return mapping.begin > UINT32_MAX ? vdso() : nullptr;
  if (mapping.inode == 0) return nullptr;
  struct stat status {};
  const auto file = open_mapped(pid, mapping, status);
  if (!file) return nullptr;
  const Key key{mapping.major, mapping.minor, mapping.inode, status.st_size,
                status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec};
  if (const auto it = modules_.find(key); it != modules_.end()) {
    order_.splice(order_.begin(), order_, it->second.place);
    return it->second.module;
  }
  auto elf = read_elf(read_from(file.get()));
  if (elf) add_debug_symbols(*elf);
  auto module = std::make_shared<const Module>(Module{std::move(elf)});
  add(key, module);
  return module;
}

void ModuleCache::add(const Key& key, std::shared_ptr<const Module> module) {
  bytes_ += bytes_of(*module);
  order_.push_front(key);
  modules_[key] = {std::move(module), order_.begin()};
  while ((bytes_ > kMostBytes || modules_.size() > kMostModules) && modules_.size() > 1) {
    const auto oldest = modules_.find(order_.back());
    bytes_ -= bytes_of(*oldest->second.module);
    modules_.erase(oldest);
    order_.pop_back();
  }
}

// Every process has the one that we have, but for programs of 32 bits.
std::shared_ptr<const Module> ModuleCache::vdso() {
  if (vdso_) return vdso_;
  Module module;
  const auto begin = getauxval(AT_SYSINFO_EHDR);
  const auto maps = read_file("/proc/self/maps", kMostMapsBytes);
  for (const auto& mapping : maps ? parse_maps(*maps) : std::vector<CodeMapping>{}) {
    if (begin == 0 || mapping.begin != begin) continue;
    const auto* bytes = reinterpret_cast<const std::byte*>(begin);
    module.elf = read_elf(read_from(std::span(bytes, mapping.end - mapping.begin)));
  }
  return vdso_ = std::make_shared<const Module>(std::move(module));
}

}  // namespace ig
