// SPDX-License-Identifier: Apache-2.0
#include "recorder/symbols/user_symbols.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "base/file.h"
#include "base/handle.h"
#include "recorder/symbols/perf_map.h"

namespace ig {
namespace {

constexpr std::uint64_t kMostMapsBytes = 16 << 20;
constexpr std::int64_t kMostPerfMapBytes = 64 << 20;
constexpr std::uint64_t kMostViewBytes = 256 << 20;
constexpr std::size_t kMostViews = 4096;
constexpr std::chrono::milliseconds kLookAgainAfter{100};

std::string module_name(std::string_view path) {
  constexpr std::string_view kDeleted = " (deleted)";
  if (path.ends_with(kDeleted)) path.remove_suffix(kDeleted.size());
  if (path == "[vdso]") return "vdso";
  return frame_name(path.substr(path.find_last_of('/') + 1));
}

// Where code may lie that the process made itself.
bool may_be_made(std::string_view path) {
  if (path == "[vdso]" || path == "[vsyscall]") return false;
  return !path.starts_with('/') || path.starts_with("//") || path.starts_with("/memfd:") ||
         path.starts_with("/dev/") || path.ends_with(" (deleted)");
}

// The first thread may have ended, and then has no mappings, while others run on.
std::uint32_t living_thread(std::uint32_t tgid, std::uint32_t tid, std::string& maps) {
  for (const auto id : {tgid, tid}) {
    auto text = read_file(fmt::format("/proc/{}/maps", id), kMostMapsBytes);
    if (!text || text->empty()) continue;
    maps = std::move(*text);
    return id;
  }
  return 0;
}

// In the process' own root, where nothing may lead us out of it or to a device.
UniqueFd open_perf_map(std::uint32_t pid, std::uint32_t inner_pid) {
  const UniqueFd root(
      open(fmt::format("/proc/{}/root", pid).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root) return {};
  open_how how{};
  how.flags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const auto path = fmt::format("tmp/perf-{}.map", inner_pid);
  return UniqueFd(
      static_cast<int>(syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof how)));
}

std::string read_all(int fd, std::int64_t size) {
  std::string text(static_cast<std::size_t>(size), '\0');
  const auto got = pread(fd, text.data(), text.size(), 0);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

}  // namespace

std::shared_ptr<UserSymbols> UserSymbols::shared() {
  static std::weak_ptr<UserSymbols> known;
  auto symbols = known.lock();
  if (!symbols) known = symbols = std::make_shared<UserSymbols>();
  return symbols;
}

UserSymbols::View& UserSymbols::view(const Space& space) {
  const auto [it, is_new] = views_.try_emplace(space);
  auto& view = it->second;
  if (!is_new) {
    order_.splice(order_.begin(), order_, view.place);
    return view;
  }
  order_.push_front(space);
  view.place = order_.begin();
  const auto [present, first] = of_process_.try_emplace(space.tgid, space);
  if (!first) {
    if (const auto before = views_.find(present->second); before != views_.end()) {
      before->second.is_old = true;
    }
    present->second = space;
  }
  account(view, +1);
  forget_oldest();
  return view;
}

void UserSymbols::account(const View& view, int sign) {
  std::uint64_t bytes = sizeof view + view.code.size() * sizeof(Code) + view.made.bytes();
  for (const auto& code : view.code) bytes += code.place.path.size() + code.name.size();
  bytes_ = sign > 0 ? bytes_ + bytes : bytes_ - bytes;
}

void UserSymbols::forget_oldest() {
  while ((bytes_ > kMostViewBytes || views_.size() > kMostViews) && views_.size() > 1) {
    const auto oldest = views_.find(order_.back());
    const auto present = of_process_.find(oldest->first.tgid);
    if (present != of_process_.end() && present->second == oldest->first)
      of_process_.erase(present);
    account(oldest->second, -1);
    views_.erase(oldest);
    order_.pop_back();
  }
}

void UserSymbols::look_at(const Space& space, std::uint32_t tid) {
  refresh(view(space), space, tid);
}

bool UserSymbols::was_looked_at(const Space& space, std::chrono::milliseconds since) const {
  const auto known = views_.find(space);
  return known != views_.end() && Clock::now() - known->second.looked < since;
}

// What was known stays if the process is gone.
void UserSymbols::refresh(View& view, const Space& space, std::uint32_t tid) {
  if (view.is_old) return;
  view.looked = Clock::now();
  std::string maps;
  const auto pid = living_thread(space.tgid, tid, maps);
  if (pid == 0) return;
  const auto mount_text = read_file(fmt::format("/proc/{}/mountinfo", pid), kMostMapsBytes);
  const auto mounts = parse_mounts(mount_text ? *mount_text : "");
  account(view, -1);
  view.code.clear();
  bool makes_code = false;
  for (auto& place : parse_maps(maps)) {
    makes_code = makes_code || may_be_made(place.path);
    Code code{std::move(place), "", {}};
    code.name = module_name(code.place.path);
    if (!mounts.has_device(code.place.major, code.place.minor)) {
      code.module = modules_.find(pid, code.place);
    }
    view.code.push_back(std::move(code));
  }
  if (makes_code) read_perf_map(view, pid, mounts);
  view.looked = Clock::now();  // a look may take long
  account(view, +1);
  forget_oldest();
}

void UserSymbols::read_perf_map(View& view, std::uint32_t pid, const ServedMounts& mounts) {
  const auto status_text = read_file(fmt::format("/proc/{}/status", pid), kMostMapsBytes);
  const auto inner_pid = parse_inner_pid(status_text ? *status_text : "");
  if (inner_pid == 0 || mounts.covers(fmt::format("/tmp/perf-{}.map", inner_pid))) return;
  const auto file = open_perf_map(pid, inner_pid);
  struct stat status {};
  if (!file || fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return;
  const auto size = std::min<std::int64_t>(status.st_size, kMostPerfMapBytes);
  const auto time = status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec;
  if (size == view.made_size && time == view.made_time) return;
  view.made_size = size;
  view.made_time = time;
  view.made = parse_perf_map(read_all(file.get(), size));
}

bool UserSymbols::append_name(const View& view, std::uint64_t address, bool caller,
                              std::string& text) const {
  // A caller's address is behind its call, which may be the last thing that a function does.
  const auto at = address - (caller ? 1 : 0);
  if (const auto made = view.made.find(at); !made.name.empty()) {
    text += frame_name(made.name);
    return true;
  }
  const auto next = std::ranges::upper_bound(view.code, at, {},
                                             [](const Code& code) { return code.place.begin; });
  if (next == view.code.begin() || !std::prev(next)->place.contains(at)) {
    text += fmt::format("[0x{:x}]", address);
    return false;
  }
  const auto& code = *std::prev(next);
  const auto offset = at - code.place.begin + code.place.offset;
  const auto module = code.module.lock();
  const auto own = module && module->elf() ? module->elf()->address_of(offset) : std::nullopt;
  const auto symbol = own ? module->elf()->functions.find(*own) : SymbolTable::Symbol{};
  if (!symbol.name.empty()) {
    text += frame_name(symbol.name);
  } else if (code.name.empty()) {
    text += fmt::format("[0x{:x}]", address);
    return false;
  } else {
    text += fmt::format("[{}+0x{:x}]", code.name, own.value_or(offset) + (caller ? 1 : 0));
  }
  return true;
}

bool UserSymbols::is_mapped(const View& view, std::uint64_t address) {
  const auto next = std::ranges::upper_bound(view.code, address, {},
                                             [](const Code& code) { return code.place.begin; });
  return next != view.code.begin() && std::prev(next)->place.contains(address);
}

// Where code without frame pointers is walked through, what seems to be its callers is no code.
bool UserSymbols::append_stack(const View& view, std::span<const std::uint64_t> addresses,
                               std::string& text) const {
  bool all = true;
  while (addresses.size() > 1 && !view.code.empty() && !is_mapped(view, addresses.back() - 1)) {
    addresses = addresses.first(addresses.size() - 1);
    all = false;
  }
  for (auto i = addresses.size(); i-- > 0;) {
    if (!text.empty()) text += ';';
    all = append_name(view, addresses[i], i > 0, text) && all;
  }
  return all;
}

std::string UserSymbols::stack_text(const Space& space, std::uint32_t tid,
                                    std::span<const std::uint64_t> addresses,
                                    const std::function<void()>& between_files) {
  modules_.read_pending(between_files);  // first, since it may add views and forget others
  addresses = addresses.first(
      static_cast<std::size_t>(std::ranges::find(addresses, std::uint64_t{0}) - addresses.begin()));
  auto& known = view(space);
  if (known.looked == Clock::time_point{}) refresh(known, space, tid);
  modules_.read_pending([] {});
  std::string text;
  const bool all = append_stack(known, addresses, text);
  if (!all && Clock::now() - known.looked > kLookAgainAfter) {
    refresh(known, space, tid);
    modules_.read_pending([] {});
    text.clear();
    append_stack(known, addresses, text);
  }
  return known.code.empty() ? "[exited];" + text : text;
}

}  // namespace ig
