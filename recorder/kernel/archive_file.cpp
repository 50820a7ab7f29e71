// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/archive_file.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <array>

#include "base/handle.h"

namespace ig {
namespace {

using Archive = Handle<archive, archive_read_free>;

std::unexpected<Error> unreadable(const std::string& path, archive* from) {
  const char* why = archive_error_string(from);
  return fail(ErrorCode::kInvalid,
              fmt::format("cannot unpack {}: {}", path, why == nullptr ? "damaged" : why));
}

}  // namespace

Result<std::string> read_unpacked(const std::string& path, std::size_t limit) {
  const Archive from(archive_read_new());
  archive_read_support_filter_all(from.get());
  archive_read_support_format_tar(from.get());
  archive_read_support_format_raw(from.get());  // no archive, only a (compressed) file
  if (archive_read_open_filename(from.get(), path.c_str(), 64 * 1024) != ARCHIVE_OK) {
    return unreadable(path, from.get());
  }
  archive_entry* entry = nullptr;
  do {
    if (archive_read_next_header(from.get(), &entry) != ARCHIVE_OK) {
      return unreadable(path, from.get());
    }
    // A raw entry has no type.
  } while (archive_entry_filetype(entry) != AE_IFREG && archive_entry_filetype(entry) != 0);
  std::string bytes;
  std::array<char, 64 * 1024> buffer;
  while (true) {
    const auto size = archive_read_data(from.get(), buffer.data(), buffer.size());
    if (size < 0) return unreadable(path, from.get());
    if (size == 0) return bytes;
    bytes.append(buffer.data(), static_cast<std::size_t>(size));
    if (bytes.size() > limit) {
      return fail(ErrorCode::kInvalid,
                  fmt::format("{} unpacks to more than {} bytes", path, limit));
    }
  }
}

}  // namespace ig
