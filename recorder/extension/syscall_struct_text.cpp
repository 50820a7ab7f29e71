// SPDX-License-Identifier: Apache-2.0
#include "recorder/extension/syscall_struct_text.h"

#include <sys/stat.h>

#include <array>
#include <cstring>
#include <ctime>

#include "recorder/extension/syscall_constants.h"
#include "recorder/extension/syscall_text.h"

namespace ig {
namespace {

const ConstantTable& constants(std::string_view name) { return *find_constants(name); }

void append_resource(std::string& text, std::uint64_t value, std::string_view infinity) {
  if (value == UINT64_MAX) {
    text += infinity;
  } else if (value > 1024 && value % 1024 == 0) {
    append(text, "{}*1024", value / 1024);
  } else {
    append(text, "{}", value);
  }
}

std::string_view text_of(const char* bytes, std::size_t size) {
  return {bytes, strnlen(bytes, size)};
}

}  // namespace

bool append_stat(std::string& text, const CapturedChunk& chunk) {
  const auto stat = chunk.read<struct stat>();
  if (!stat) return false;
  text += "{st_mode=";
  append_file_mode(text, stat->st_mode);
  if (S_ISCHR(stat->st_mode) || S_ISBLK(stat->st_mode)) {
    text += ", st_rdev=";
    append_device(text, stat->st_rdev);
  } else {
    append(text, ", st_size={}", stat->st_size);
  }
  text += ", ...}";
  return true;
}

bool append_statx(std::string& text, const CapturedChunk& chunk) {
  const auto stat = chunk.read<struct statx>();
  if (!stat) return false;
  text += "{stx_mask=";
  append_flags(text, constants("statx_mask"), stat->stx_mask);
  text += ", stx_attributes=";
  append_flags(text, constants("statx_attributes"), stat->stx_attributes);
  text += ", stx_mode=";
  append_file_mode(text, stat->stx_mode);
  append(text, ", stx_size={}, ...}}", stat->stx_size);
  return true;
}

bool append_statfs(std::string& text, const CapturedChunk& chunk) {
  struct KernelStatfs {
    std::int64_t type, block_size;
    std::uint64_t blocks, free, available, files, free_files;
    std::int32_t id[2];
    std::int64_t name_length, fragment_size, flags;
  };
  const auto fs = chunk.read<KernelStatfs>();
  if (!fs) return false;
  text += "{f_type=";
  append_constant(text, constants("statfs_type"), static_cast<std::uint64_t>(fs->type));
  append(text, ", f_bsize={}, f_blocks={}, f_bfree={}, f_bavail={}, f_files={}, f_ffree={}, ",
         fs->block_size, fs->blocks, fs->free, fs->available, fs->files, fs->free_files);
  text += "f_fsid={val=[";
  append_hex(text, static_cast<std::uint32_t>(fs->id[0]));
  text += ", ";
  append_hex(text, static_cast<std::uint32_t>(fs->id[1]));
  append(text, "]}}, f_namelen={}, f_frsize={}, f_flags=", fs->name_length, fs->fragment_size);
  append_flags(text, constants("statfs_flags"), static_cast<std::uint64_t>(fs->flags));
  text += '}';
  return true;
}

// The time that a file is given, as people read it.
void append_date(std::string& text, std::int64_t seconds, std::int64_t nanoseconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  if (localtime_r(&time, &parts) == nullptr) return;
  std::array<char, 64> date{}, zone{};
  if (std::strftime(date.data(), date.size(), "%FT%T", &parts) == 0) return;
  std::strftime(zone.data(), zone.size(), "%z", &parts);
  append(text, " /* {}.{:09}{} */", date.data(), nanoseconds, zone.data());
}

bool append_timespec(std::string& text, const CapturedChunk& chunk, std::size_t offset) {
  struct Timespec {
    std::int64_t seconds, nanoseconds;
  };
  const auto time = chunk.read<Timespec>(offset);
  if (!time) return false;
  constexpr std::int64_t kNow = (1L << 30) - 1, kOmit = (1L << 30) - 2;  // of utimensat
  if (time->nanoseconds == kNow) {
    text += "UTIME_NOW";
  } else if (time->nanoseconds == kOmit) {
    text += "UTIME_OMIT";
  } else {
    append(text, "{{tv_sec={}, tv_nsec={}}}", time->seconds, time->nanoseconds);
  }
  return true;
}

bool append_timeval(std::string& text, const CapturedChunk& chunk, std::size_t offset) {
  struct Timeval {
    std::int64_t seconds, microseconds;
  };
  const auto time = chunk.read<Timeval>(offset);
  if (!time) return false;
  append(text, "{{tv_sec={}, tv_usec={}}}", time->seconds, time->microseconds);
  return true;
}

bool append_interval(std::string& text, const CapturedChunk& chunk, bool nanoseconds) {
  constexpr std::size_t kTimeBytes = 16;
  if (chunk.bytes.size() < 2 * kTimeBytes) return false;
  const auto append_time = nanoseconds ? append_timespec : append_timeval;
  text += "{it_interval=";
  append_time(text, chunk, 0);
  text += ", it_value=";
  append_time(text, chunk, kTimeBytes);
  text += '}';
  return true;
}

bool append_sigaction(std::string& text, const CapturedChunk& chunk) {
  struct KernelSigaction {
    std::uint64_t handler, flags, restorer, mask;
  };
  const auto action = chunk.read<KernelSigaction>();
  if (!action) return false;
  constexpr std::uint64_t kRestorer = 0x04000000;
  text += "{sa_handler=";
  if (action->handler == 0) {
    text += "SIG_DFL";
  } else if (action->handler == 1) {
    text += "SIG_IGN";
  } else if (action->handler == UINT64_MAX) {
    text += "SIG_ERR";
  } else {
    append(text, "{:#x}", action->handler);
  }
  text += ", sa_mask=";
  append_signal_set(text, action->mask);
  text += ", sa_flags=";
  append_flags(text, constants("sigaction"), action->flags);
  if ((action->flags & kRestorer) != 0) append(text, ", sa_restorer={:#x}", action->restorer);
  text += '}';
  return true;
}

bool append_sigaltstack(std::string& text, const CapturedChunk& chunk) {
  struct Stack {
    std::uint64_t address;
    std::uint32_t flags, padding;
    std::uint64_t size;
  };
  const auto stack = chunk.read<Stack>();
  if (!stack) return false;
  text += "{ss_sp=";
  append_address(text, stack->address);
  text += ", ss_flags=";
  append_flags(text, constants("sigaltstack"), stack->flags);
  append(text, ", ss_size={}}}", stack->size);
  return true;
}

bool append_rlimit(std::string& text, const CapturedChunk& chunk, std::string_view infinity) {
  struct Limit {
    std::uint64_t current, most;
  };
  const auto limit = chunk.read<Limit>();
  if (!limit) return false;
  text += "{rlim_cur=";
  append_resource(text, limit->current, infinity);
  text += ", rlim_max=";
  append_resource(text, limit->most, infinity);
  text += '}';
  return true;
}

bool append_rusage(std::string& text, const CapturedChunk& chunk) {
  constexpr std::size_t kTimeBytes = 16;
  if (chunk.bytes.size() < 2 * kTimeBytes) return false;
  text += "{ru_utime=";
  append_timeval(text, chunk, 0);
  text += ", ru_stime=";
  append_timeval(text, chunk, kTimeBytes);
  text += ", ...}";
  return true;
}

bool append_uname(std::string& text, const CapturedChunk& chunk) {
  constexpr std::size_t kField = 65;
  if (chunk.bytes.size() < 2 * kField) return false;
  text += "{sysname=";
  append_quoted(text, text_of(chunk.bytes.data(), kField));
  text += ", nodename=";
  append_quoted(text, text_of(chunk.bytes.data() + kField, kField));
  text += ", ...}";
  return true;
}

bool append_sysinfo(std::string& text, const CapturedChunk& chunk) {
  struct Info {
    std::int64_t uptime;
    std::uint64_t loads[3], total, free, shared, buffers, total_swap, free_swap;
    std::uint16_t processes, padding;
    std::uint64_t total_high, free_high;
    std::uint32_t unit;
  };
  const auto info = chunk.read<Info>();
  if (!info) return false;
  append(text, "{{uptime={}, loads=[{}, {}, {}], totalram={}, freeram={}, sharedram={}, ",
         info->uptime, info->loads[0], info->loads[1], info->loads[2], info->total, info->free,
         info->shared);
  append(text, "bufferram={}, totalswap={}, freeswap={}, procs={}, ", info->buffers,
         info->total_swap, info->free_swap, info->processes);
  append(text, "totalhigh={}, freehigh={}, mem_unit={}}}", info->total_high, info->free_high,
         info->unit);
  return true;
}

bool append_winsize(std::string& text, const CapturedChunk& chunk) {
  struct Size {
    std::uint16_t rows, columns, width, height;
  };
  const auto size = chunk.read<Size>();
  if (!size) return false;
  append(text, "{{ws_row={}, ws_col={}, ws_xpixel={}, ws_ypixel={}}}", size->rows, size->columns,
         size->width, size->height);
  return true;
}

}  // namespace ig
