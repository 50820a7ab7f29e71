// SPDX-License-Identifier: Apache-2.0
// UserSymbols: names of addresses in processes. A process' mappings are looked at while it lives
// (look_at), so that stacks can be named when it is gone; what is mapped or compiled later is found
// by looking again when an address is unknown. Memory is bounded: the processes that were silent
// for longest are forgotten.
//
// Names come from the ELF files' .symtab or .dynsym, installed debug files, the vdso, and, for code
// that a process made itself, its perf map.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "recorder/symbols/module_cache.h"
#include "recorder/symbols/process_maps.h"

namespace ig {

class UserSymbols {
 public:
  static std::shared_ptr<UserSymbols> shared();  // one for all gadgets

  // One program in one process: an exec makes another address space.
  struct Space {
    std::uint32_t tgid = 0;
    std::uint32_t hash = 0;  // of the address space
    auto operator<=>(const Space&) const = default;
  };

  // Reads what /proc says of the process now. `tid`: any of its threads.
  void look_at(const Space& space, std::uint32_t tid);
  bool was_looked_at(const Space& space, std::chrono::milliseconds since) const;

  // The frames of a stack as the kernel gives it (innermost first, up to a 0) as text, outermost
  // first, with ';' between them. Without a name: [module+0xoffset], [0xaddress]; first of all
  // [exited] if the process was gone before anybody looked. Outermost frames that are no code are
  // left out. `between_files` is called between the files that have to be read for it, which may
  // take long; it may look at other processes.
  std::string stack_text(
      const Space& space, std::uint32_t tid, std::span<const std::uint64_t> addresses,
      const std::function<void()>& between_files = [] {});

 private:
  using Clock = std::chrono::steady_clock;
  struct Code {
    CodeMapping place;
    std::string name;  // of the file, without its directories
    std::weak_ptr<const Module> module;
  };
  struct View {
    std::vector<Code> code;
    SymbolTable made;  // by the process itself
    std::int64_t made_size = 0, made_time = 0;
    Clock::time_point looked{};
    std::list<Space>::iterator place;
    bool is_old = false;  // the process has executed another program since
  };

  View& view(const Space& space);
  void refresh(View& view, const Space& space, std::uint32_t tid);
  void read_perf_map(View& view, std::uint32_t pid, const ServedMounts& mounts);
  // False if looking again may help.
  bool append_name(const View& view, std::uint64_t address, bool caller, std::string& text) const;
  static bool is_mapped(const View& view, std::uint64_t address);
  bool append_stack(const View& view, std::span<const std::uint64_t> addresses,
                    std::string& text) const;
  void account(const View& view, int sign);
  void forget_oldest();

  ModuleCache modules_;
  std::map<Space, View> views_;
  std::list<Space> order_;                     // the latest used first
  std::map<std::uint32_t, Space> of_process_;  // the present one
  std::uint64_t bytes_ = 0;
};

}  // namespace ig
