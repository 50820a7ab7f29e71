// SPDX-License-Identifier: Apache-2.0
// ModuleCache: the files that processes have mapped as code, each read once whoever maps it, and
// forgotten oldest first when their names take too much memory. A file is opened by
// /proc/PID/map_files, so it is the one that is mapped, in whatever mount namespace it lies and
// even if it was deleted; and it is closed at once, so that no container's file system is held.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>

#include "recorder/symbols/elf_file.h"
#include "recorder/symbols/process_maps.h"

namespace ig {

struct Module {
  std::optional<ElfFile> elf;  // nullopt: it is none
};

class ModuleCache {
 public:
  // nullptr if there is no file or it cannot be read. What is found may be forgotten at the next
  // call, unless somebody holds it.
  std::shared_ptr<const Module> find(std::uint32_t pid, const CodeMapping& mapping);

 private:
  // (major, minor, inode, size, time of the last change)
  using Key = std::tuple<std::uint32_t, std::uint32_t, std::uint64_t, std::int64_t, std::int64_t>;
  struct Entry {
    std::shared_ptr<const Module> module;
    std::list<Key>::iterator place;
  };
  std::shared_ptr<const Module> vdso();
  void add(const Key& key, std::shared_ptr<const Module> module);

  std::map<Key, Entry> modules_;
  std::list<Key> order_;  // the latest used first
  std::uint64_t bytes_ = 0;
  std::shared_ptr<const Module> vdso_;
};

}  // namespace ig
