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
constexpr std::size_t kMostPending = 256;  // open files
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

}  // namespace

void Module::read() {
  if (!file_) return;
  elf_ = read_elf(read_from(file_.get()));
  if (elf_) add_debug_symbols(*elf_);
  file_.reset();
}

std::shared_ptr<const Module> ModuleCache::find(std::uint32_t pid, const CodeMapping& mapping) {
  if (mapping.path == "[vdso]") return mapping.begin > UINT32_MAX ? vdso() : nullptr;
  if (mapping.inode == 0) return nullptr;
  struct stat status {};
  auto file = open_mapped(pid, mapping, status);
  if (!file) return nullptr;
  const Key key{mapping.major, mapping.minor, mapping.inode, status.st_size,
                status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec};
  if (const auto it = modules_.find(key); it != modules_.end()) {
    order_.splice(order_.begin(), order_, it->second.place);
    return it->second.module;
  }
  auto module = std::make_shared<Module>(std::move(file));
  add(key, module);
  pending_.push_back(key);
  if (pending_.size() > kMostPending) read_pending([] {});
  return module;
}

void ModuleCache::read_pending(const std::function<void()>& between) {
  while (!pending_.empty()) {
    const auto it = modules_.find(pending_.back());
    pending_.pop_back();
    if (it == modules_.end()) continue;
    auto& [module, place, bytes] = it->second;
    module->read();
    bytes_ += module->bytes() - std::exchange(bytes, module->bytes());
    forget_oldest();
    between();
  }
}

void ModuleCache::add(const Key& key, std::shared_ptr<Module> module) {
  const auto bytes = module->bytes();
  bytes_ += bytes;
  order_.push_front(key);
  modules_[key] = {std::move(module), order_.begin(), bytes};
  forget_oldest();
}

void ModuleCache::forget_oldest() {
  while ((bytes_ > kMostBytes || modules_.size() > kMostModules) && modules_.size() > 1) {
    const auto oldest = modules_.find(order_.back());
    bytes_ -= oldest->second.bytes;
    modules_.erase(oldest);
    order_.pop_back();
  }
}

// Every process has the one that we have, but for programs of 32 bits.
std::shared_ptr<const Module> ModuleCache::vdso() {
  if (vdso_) return vdso_;
  std::optional<ElfFile> elf;
  const auto begin = getauxval(AT_SYSINFO_EHDR);
  const auto maps = read_file("/proc/self/maps", kMostMapsBytes);
  for (const auto& mapping : maps ? parse_maps(*maps) : std::vector<CodeMapping>{}) {
    if (begin == 0 || mapping.begin != begin) continue;
    const auto* bytes = reinterpret_cast<const std::byte*>(begin);
    elf = read_elf(read_from(std::span(bytes, mapping.end - mapping.begin)));
  }
  return vdso_ = std::make_shared<const Module>(std::move(elf));
}

}  // namespace ig
