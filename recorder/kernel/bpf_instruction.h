// SPDX-License-Identifier: Apache-2.0
// For the few programs that are too small for a compiler, or are made for one place.
#pragma once

#include <linux/bpf.h>

#include <cstdint>

namespace ig {

constexpr bpf_insn instruction(int code, int dst, int src, int off, std::int32_t imm) {
  return {.code = static_cast<__u8>(code),
          .dst_reg = static_cast<__u8>(dst & 0xf),
          .src_reg = static_cast<__u8>(src & 0xf),
          .off = static_cast<__s16>(off),
          .imm = imm};
}

}  // namespace ig
