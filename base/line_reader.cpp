// SPDX-License-Identifier: Apache-2.0
#include "base/line_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

#include "base/digest.h"
#include "base/handle.h"

namespace ig {
namespace {

// What has been read of the present line.
class Line {
 public:
  explicit Line(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  void add(std::string_view bytes) {
    started_ |= !bytes.empty();
    text_ += bytes.substr(0, most_bytes_ - std::min(most_bytes_, text_.size()));
  }
  bool started() const { return started_; }
  std::string_view text() const { return text_; }
  void clear() {
    text_.clear();
    started_ = false;
  }

 private:
  std::size_t most_bytes_;
  std::string text_;
  bool started_ = false;
};

Result<UniqueFd> open_input(const std::string& path) {
  UniqueFd file(path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return std::unexpected(system_error(errno, "read " + path));
  return file;
}

}  // namespace

Result<FileDigest> read_lines(const std::string& path, std::size_t most_bytes,
                              const std::function<bool(std::string_view)>& on_line) {
  IG_ASSIGN(const UniqueFd file, open_input(path));
  FileDigest read;
  Sha256 digest;
  Line line(most_bytes);
  const auto finish_line = [&] {
    ++read.lines;
    const bool more = on_line(line.text());
    line.clear();
    return more;
  };
  std::vector<char> buffer(64 << 10);
  while (true) {
    const auto got = ::read(file.get(), buffer.data(), buffer.size());
    if (got < 0 && errno != EINTR) return std::unexpected(system_error(errno, "read " + path));
    if (got == 0) break;
    std::string_view rest(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    digest.add(rest);
    read.bytes += rest.size();
    for (auto end = rest.find('\n'); end != rest.npos; end = rest.find('\n')) {
      line.add(rest.substr(0, end));
      rest.remove_prefix(end + 1);
      if (!finish_line()) return read;
    }
    line.add(rest);
  }
  if (line.started()) finish_line();
  read.sha256 = digest.hexadecimal();
  return read;
}

}  // namespace ig
