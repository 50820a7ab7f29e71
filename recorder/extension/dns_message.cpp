// SPDX-License-Identifier: Apache-2.0
#include "recorder/extension/dns_message.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>
#include <iterator>
#include <optional>

namespace ig {
namespace {

constexpr std::size_t kHeaderSize = 12;
constexpr std::size_t kMaxNameSize = 255;  // in the message; its text may be four times that
constexpr std::uint16_t kTypeA = 1, kTypeAaaa = 28, kTypeOpt = 41;
constexpr std::uint8_t kPointer = 0xc0;

class DnsReader {
 public:
  explicit DnsReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::uint8_t byte(std::size_t at) const { return std::to_integer<std::uint8_t>(bytes_[at]); }
  std::uint16_t word(std::size_t at) const {
    return static_cast<std::uint16_t>(byte(at) << 8 | byte(at + 1));
  }
  std::size_t at() const { return at_; }
  std::size_t left() const { return bytes_.size() - at_; }
  bool skip(std::size_t size) {
    if (left() < size) return false;
    at_ += size;
    return true;
  }

  // Steps over a name, and writes it if `text` is given. False where the bytes end or lie.
  bool name(std::string* text) {
    std::size_t at = at_;
    std::optional<std::size_t> behind;  // the first pointer
    std::size_t size = 0;
    while (at < bytes_.size()) {
      const auto length = byte(at);
      if ((length & kPointer) == kPointer) {
        if (at + 2 > bytes_.size()) return false;
        const auto target = static_cast<std::size_t>(word(at) & 0x3fff);
        if (!behind) behind = at + 2;
        if (text == nullptr) return end_name(*behind);
        // Always backwards, so that it comes to an end.
        if (target >= at) return false;
        at = target;
        continue;
      }
      if ((length & kPointer) != 0 || (size += length + std::size_t{1}) > kMaxNameSize) {
        return false;
      }
      if (length == 0) {
        if (text != nullptr && text->empty()) *text = ".";
        return end_name(behind.value_or(at + 1));
      }
      if (bytes_.size() - at <= length) return false;
      if (text != nullptr) append_label(*text, bytes_.subspan(at + 1, length));
      at += length + std::size_t{1};
    }
    return false;
  }

 private:
  bool end_name(std::size_t at) {
    at_ = at;
    return true;
  }

  // As in zone files: what would look like something else is escaped.
  static void append_label(std::string& text, std::span<const std::byte> label) {
    for (const auto value : label) {
      const auto c = std::to_integer<unsigned char>(value);
      if (c == '.' || c == '\\') {
        text += '\\';
        text += static_cast<char>(c);
      } else if (c <= ' ' || c >= 0x7f) {
        fmt::format_to(std::back_inserter(text), "\\{:03}", c);
      } else {
        text += static_cast<char>(c);
      }
    }
    text += '.';
  }

  std::span<const std::byte> bytes_;
  std::size_t at_ = kHeaderSize;
};

struct Record {
  std::uint16_t type = 0;
  std::uint32_t extended_rcode = 0;  // of OPT
  std::span<const std::byte> data;
};

bool read_record(DnsReader& reader, std::span<const std::byte> message, Record& record) {
  constexpr std::size_t kFixed = 10;  // type, class, time to live, length
  if (!reader.name(nullptr) || reader.left() < kFixed) return false;
  const auto at = reader.at();
  record.type = reader.word(at);
  record.extended_rcode = reader.byte(at + 4);
  const std::size_t size = reader.word(at + 8);
  if (!reader.skip(kFixed) || reader.left() < size) return false;
  record.data = message.subspan(reader.at(), size);
  return reader.skip(size);
}

void append_address(std::string& addresses, const Record& record) {
  const bool is_v4 = record.type == kTypeA && record.data.size() == sizeof(in_addr);
  const bool is_v6 = record.type == kTypeAaaa && record.data.size() == sizeof(in6_addr);
  if (!is_v4 && !is_v6) return;
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(is_v4 ? AF_INET : AF_INET6, record.data.data(), text.data(), text.size());
  if (!addresses.empty()) addresses += ',';
  addresses += text.data();
}

}  // namespace

bool DnsMessage::read(std::span<const std::byte> message) {
  name.clear();
  addresses.clear();
  qtype = 0;
  if (message.size() < kHeaderSize) return false;
  DnsReader reader(message);
  const auto flags = reader.word(2);
  id = reader.word(0);
  is_response = (flags & 0x8000) != 0;
  is_cut = (flags & 0x0200) != 0;
  wants_recursion = (flags & 0x0100) != 0;
  has_recursion = (flags & 0x0080) != 0;
  rcode = flags & 0x000f;
  answer_count = reader.word(6);
  const auto questions = reader.word(4);
  const std::size_t others = std::size_t{reader.word(8)} + reader.word(10);

  for (std::size_t i = 0; i < questions; ++i) {
    const bool first = i == 0;
    if (!reader.name(first ? &name : nullptr) || reader.left() < 4) return true;
    if (first) qtype = reader.word(reader.at());
    reader.skip(4);
  }
  Record record;
  for (std::size_t i = 0; i < answer_count + others; ++i) {
    if (!read_record(reader, message, record)) return true;
    if (i < answer_count) append_address(addresses, record);
    if (i >= answer_count && record.type == kTypeOpt) {
      rcode = static_cast<std::uint16_t>(rcode | record.extended_rcode << 4);
    }
  }
  return true;
}

}  // namespace ig
