// SPDX-License-Identifier: Apache-2.0
// LibbpfLog keeps what libbpf and the verifier say while it lives, so that a refusal can be
// explained in one line and the rest is shown only to who asks (--verbose). One at a time.
#pragma once

#include <string>

namespace ig {

class LibbpfLog {
 public:
  LibbpfLog();
  ~LibbpfLog();
  LibbpfLog(const LibbpfLog&) = delete;
  LibbpfLog& operator=(const LibbpfLog&) = delete;

  // The program that was refused: libbpf begins each line about one with "prog 'NAME': ". Empty
  // when it speaks of none.
  std::string blamed_program() const;
  // The line that says why: the verifier's last words, else libbpf's. May be empty.
  std::string reason() const;

 private:
  std::string text_;
};

// From now on libbpf says nothing by itself; its warnings are debug messages.
void quiet_libbpf();

}  // namespace ig
