// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/library_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#define IG_MULTIARCH "x86_64-linux-gnu"
#elif defined(__aarch64__)
#define IG_MULTIARCH "aarch64-linux-gnu"
#endif

namespace ig {
namespace {

constexpr std::string_view kCacheMagic = "glibc-ld.so.cache1.1";
constexpr std::size_t kMaxCacheBytes = 8 << 20;
constexpr int kMaxFolderEntries = 65'536;

constexpr const char* kLibraryFolders[] = {
    "/lib/" IG_MULTIARCH, "/usr/lib/" IG_MULTIARCH, "/lib64", "/usr/lib64", "/lib",
    "/usr/lib",           "/usr/local/lib"};
constexpr const char* kProgramFolders[] = {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
                                           "/usr/bin",        "/sbin",          "/bin"};

// As glibc's sysdeps/generic/dl-cache.h has it.
struct CacheHeader {
  char magic[20];
  std::uint32_t count;
  std::uint32_t string_bytes;
  std::uint32_t unused[5];
};
struct CacheEntry {
  std::int32_t flags;
  std::uint32_t key, value;  // offsets of texts, from the header on
  std::uint32_t os_version;
  std::uint64_t hwcap;
};

std::string_view text_at(std::string_view bytes, std::size_t offset) {
  if (offset >= bytes.size()) return {};
  const auto text = bytes.substr(offset);
  return text.substr(0, text.find('\0'));
}

std::string read_whole(const UniqueFd& file) {
  std::string text;
  struct stat info {};
  if (fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return text;
  text.resize(std::min(static_cast<std::size_t>(info.st_size), kMaxCacheBytes));
  std::size_t size = 0;
  while (size < text.size()) {
    const auto got = read(file.get(), text.data() + size, text.size() - size);
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return text;
}

void add_file(const UniqueFd& root, const std::string& path, std::vector<UniqueFd>& files) {
  auto file = open_in_root(root, path, O_RDONLY);
  struct stat info {};
  if (file && fstat(file.get(), &info) == 0 && S_ISREG(info.st_mode)) {
    files.push_back(std::move(file));
  }
}

void add_of_folder(const UniqueFd& root, const std::string& folder, const std::string& library,
                   std::vector<UniqueFd>& files) {
  auto opened = open_in_root(root, folder, O_RDONLY | O_DIRECTORY);
  if (!opened) return;
  const Handle<DIR, closedir> entries(fdopendir(opened.get()));
  if (!entries) return;
  opened.release();
  for (int i = 0; i < kMaxFolderEntries; ++i) {
    const auto* entry = readdir(entries.get());
    if (entry == nullptr) return;
    if (is_library_file(entry->d_name, library)) {
      add_file(root, folder + "/" + entry->d_name, files);
    }
  }
}

}  // namespace

bool is_library_file(std::string_view file_name, std::string_view library) {
  if (!file_name.starts_with(library)) return false;
  const auto rest = file_name.substr(library.size());
  return rest.starts_with(".so") || rest.starts_with(".musl-") ||
         (rest.starts_with("-") && rest.find(".so") != rest.npos);
}

std::vector<std::string> paths_in_linker_cache(std::string_view cache, std::string_view library) {
  std::vector<std::string> paths;
  // An older format may come before it.
  const auto begin = cache.find(kCacheMagic);
  if (begin == cache.npos) return paths;
  cache.remove_prefix(begin);
  CacheHeader header{};
  if (cache.size() < sizeof header) return paths;
  std::memcpy(&header, cache.data(), sizeof header);
  for (std::size_t i = 0; i < header.count; ++i) {
    const auto offset = sizeof header + i * sizeof(CacheEntry);
    if (offset + sizeof(CacheEntry) > cache.size()) break;
    CacheEntry entry{};
    std::memcpy(&entry, cache.data() + offset, sizeof entry);
    if (is_library_file(text_at(cache, entry.key), library)) {
      paths.emplace_back(text_at(cache, entry.value));
    }
  }
  return paths;
}

UniqueFd open_in_root(const UniqueFd& root, const std::string& path, int flags) {
  open_how how{};
  // A device or a pipe must not be able to hold us.
  how.flags = static_cast<__u64>(flags | O_CLOEXEC | O_NONBLOCK);
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  return UniqueFd(
      static_cast<int>(syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof how)));
}

std::vector<UniqueFd> find_probe_targets(const UniqueFd& root, const std::string& target) {
  std::vector<UniqueFd> files;
  if (target.starts_with('/')) {
    add_file(root, target, files);
  } else if (target.starts_with("lib")) {
    if (const auto cache = open_in_root(root, "/etc/ld.so.cache", O_RDONLY)) {
      for (const auto& path : paths_in_linker_cache(read_whole(cache), target)) {
        add_file(root, path, files);
      }
    }
    for (const auto* folder : kLibraryFolders) add_of_folder(root, folder, target, files);
  } else {
    for (const auto* folder : kProgramFolders) {
      add_file(root, std::string(folder) + "/" + target, files);
    }
  }
  return files;
}

}  // namespace ig
