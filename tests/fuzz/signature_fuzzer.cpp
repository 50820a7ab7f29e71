// SPDX-License-Identifier: Apache-2.0
// What lies beside a session and vouches for it: an envelope, a line of sha256sum, a key.
#include <cstdint>
#include <string>

#include "store/session_signature.h"
#include "tests/fuzz/kept_file.h"

namespace {

constexpr std::string_view kKey = R"(-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA8o+qIo/KX5GPZrzS+YFKJVAkJ69pMjU4Ig5OQFV5LYI=
-----END PUBLIC KEY-----
)";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ig::KeptFile kept(kKey.data(), kKey.size());
  static const auto key = ig::SigningKey::read_public(kept.path());
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (text.starts_with("-----BEGIN")) {  // OpenSSL takes its time to refuse what is no key
    const ig::KeptFile file(data, size);
    static_cast<void>(ig::SigningKey::read_private(file.path()));
    static_cast<void>(ig::SigningKey::read_public(file.path()));
  }
  // The key has signed one statement only.
  if (const auto read = ig::read_signature(text, *key); read && !read->digest.empty()) {
    if (read->digest != std::string(64, 'a')) __builtin_trap();
  }
  if (const auto digest = ig::read_digest_line(text, "s.db"); digest && digest->size() != 64) {
    __builtin_trap();
  }
  const auto bytes = ig::from_base64(text);
  if (bytes && ig::from_base64(ig::to_base64(*bytes)) != bytes) __builtin_trap();
  return 0;
}
