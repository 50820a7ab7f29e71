// SPDX-License-Identifier: Apache-2.0
// Keys that sign and verify: Ed25519, and ECDSA on P-256 with SHA-256, from PEM files as openssl
// and cosign write them. Also base64, in which signatures travel.
#pragma once

#include <openssl/evp.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/handle.h"
#include "base/result.h"

namespace ig {

class SigningKey {
 public:
  static Result<SigningKey> read_private(const std::string& path);
  // Of a private key the public half.
  static Result<SigningKey> read_public(const std::string& path);

  Result<std::string> sign(std::string_view message) const;
  bool verifies(std::string_view message, std::string_view signature) const;
  const char* kind() const;  // "Ed25519", "ECDSA P-256"
  std::string id() const;    // SHA-256 of the public key (SubjectPublicKeyInfo), in hexadecimal

 private:
  using Pkey = Handle<EVP_PKEY, EVP_PKEY_free>;
  explicit SigningKey(Pkey key) : key_(std::move(key)) {}
  static Result<SigningKey> take(EVP_PKEY* key, const std::string& path, const char* hint);
  bool is_ed25519() const;

  Pkey key_;
};

std::string to_base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);

}  // namespace ig
