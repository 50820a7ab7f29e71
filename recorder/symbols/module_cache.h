// SPDX-License-Identifier: Apache-2.0
// ModuleCache: the files that processes have mapped as code, each read once whoever maps it, and
// forgotten oldest first when their names take too much memory. A file is opened by
// /proc/PID/map_files, so it is the one that is mapped, in whatever mount namespace it lies and
// even if it was deleted. It is read later, by read_pending, since that may take long and other
// processes may end meanwhile; then it is closed, so that no container's file system is held.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/handle.h"
#include "recorder/symbols/elf_file.h"
#include "recorder/symbols/process_maps.h"

namespace ig {

class Module {
 public:
  explicit Module(UniqueFd file) : file_(std::move(file)) {}
  explicit Module(std::optional<ElfFile> elf) : elf_(std::move(elf)) {}

  void read();
  const std::optional<ElfFile>& elf() const { return elf_; }  // nullopt: none, or not read yet
  std::uint64_t bytes() const { return sizeof *this + (elf_ ? elf_->bytes() : 0); }

 private:
  UniqueFd file_;
  std::optional<ElfFile> elf_;
};

class ModuleCache {
 public:
  // nullptr if there is no file or it cannot be read. What is found may be forgotten at the next
  // call, unless somebody holds it.
  std::shared_ptr<const Module> find(std::uint32_t pid, const CodeMapping& mapping);
  // What was found since is named from here on. `between` is called after each file that was read,
  // and may find more, which are read too.
  void read_pending(const std::function<void()>& between);

 private:
  // (major, minor, inode, size, time of the last change)
  using Key = std::tuple<std::uint32_t, std::uint32_t, std::uint64_t, std::int64_t, std::int64_t>;
  struct Entry {
    std::shared_ptr<Module> module;
    std::list<Key>::iterator place;
    std::uint64_t bytes;  // accounted for
  };
  std::shared_ptr<const Module> vdso();
  void add(const Key& key, std::shared_ptr<Module> module);
  void forget_oldest();

  std::map<Key, Entry> modules_;
  std::list<Key> order_;  // the latest used first
  std::vector<Key> pending_;
  std::uint64_t bytes_ = 0;
  std::shared_ptr<const Module> vdso_;
};

}  // namespace ig
