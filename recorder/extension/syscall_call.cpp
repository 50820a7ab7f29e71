// SPDX-License-Identifier: Apache-2.0
#include "recorder/extension/syscall_call.h"

#include "store/syscall_table.h"

namespace ig {
namespace {

struct ChunkHeader {
  std::uint8_t operation, part;
  std::uint16_t size;
  std::uint32_t total;
};

constexpr std::size_t kAlignment = 8;

}  // namespace

void SyscallCall::set_captures(std::span<const std::byte> bytes) {
  count_ = 0;
  while (bytes.size() >= sizeof(ChunkHeader) && count_ < kMaxChunks) {
    ChunkHeader header;
    std::memcpy(&header, bytes.data(), sizeof header);
    bytes = bytes.subspan(sizeof header);
    if (header.size > bytes.size()) return;
    chunks_[count_++] = {header.operation,
                         header.part,
                         header.total,
                         {reinterpret_cast<const char*>(bytes.data()), header.size}};
    const std::size_t padded = (header.size + kAlignment - 1) / kAlignment * kAlignment;
    bytes = bytes.subspan(std::min(padded, bytes.size()));
  }
}

const CapturedChunk* SyscallCall::find(std::size_t operation, std::uint8_t part) const {
  for (const auto& chunk : std::span(chunks_).first(count_)) {
    if (chunk.operation == operation && chunk.part == part) return &chunk;
  }
  return nullptr;
}

bool SyscallCall::is_native() const { return arch == native_syscall_arch(); }

}  // namespace ig
