// SPDX-License-Identifier: Apache-2.0
#include "base/signing_key.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>

#include "base/digest.h"
#include "base/file.h"

namespace ig {
namespace {

constexpr std::uint64_t kMostBytes = 64 << 10;
constexpr const char* kPrivateHint =
    "openssl genpkey -algorithm ed25519 -out key.pem makes one; one with a passphrase is opened by "
    "openssl pkey -in key.pem";
constexpr const char* kPublicHint = "openssl pkey -in key.pem -pubout -out pub.pem makes one";

using Bio = Handle<BIO, BIO_free_all>;
using DigestContext = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// Nobody is asked on the terminal.
int no_passphrase(char*, int, int, void*) noexcept { return -1; }

Result<Bio> read_pem(const std::string& path) {
  IG_ASSIGN(const auto pem, read_regular_file(path, kMostBytes));
  Bio bio(BIO_new(BIO_s_mem()));
  if (!bio || BIO_write(bio.get(), pem.data(), static_cast<int>(pem.size())) !=
                  static_cast<int>(pem.size())) {
    return fail(ErrorCode::kFailed, "no memory for a key");
  }
  return bio;
}

bool is_p256(EVP_PKEY* key) {
  char name[32] = {};
  return EVP_PKEY_is_a(key, "EC") == 1 &&
         EVP_PKEY_get_group_name(key, name, sizeof(name), nullptr) == 1 &&
         std::string_view(name) == "prime256v1";
}

}  // namespace

Result<SigningKey> SigningKey::take(EVP_PKEY* key, const std::string& path, const char* hint) {
  ERR_clear_error();
  Pkey owned(key);
  if (!owned) return fail(ErrorCode::kInvalid, fmt::format("{} is no key in PEM", path), hint);
  SigningKey taken(std::move(owned));
  if (taken.is_ed25519() || is_p256(taken.key_.get())) return taken;
  return fail(ErrorCode::kUnsupported,
              fmt::format("{} is neither an Ed25519 key nor one of ECDSA on P-256", path),
              "openssl genpkey -algorithm ed25519 -out key.pem makes one");
}

Result<SigningKey> SigningKey::read_private(const std::string& path) {
  IG_ASSIGN(const auto bio, read_pem(path));
  return take(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr), path,
              kPrivateHint);
}

Result<SigningKey> SigningKey::read_public(const std::string& path) {
  IG_ASSIGN(const auto bio, read_pem(path));
  EVP_PKEY* key = PEM_read_bio_PUBKEY(bio.get(), nullptr, no_passphrase, nullptr);
  if (key == nullptr) {
    IG_ASSIGN(const auto again, read_pem(path));
    key = PEM_read_bio_PrivateKey(again.get(), nullptr, no_passphrase, nullptr);
  }
  return take(key, path, kPublicHint);
}

bool SigningKey::is_ed25519() const { return EVP_PKEY_is_a(key_.get(), "ED25519") == 1; }
const char* SigningKey::kind() const { return is_ed25519() ? "Ed25519" : "ECDSA P-256"; }

Result<std::string> SigningKey::sign(std::string_view message) const {
  const DigestContext context(EVP_MD_CTX_new());
  const EVP_MD* digest = is_ed25519() ? nullptr : EVP_sha256();
  std::size_t size = 0;
  bool done = context &&
              EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key_.get()) == 1 &&
              EVP_DigestSign(context.get(), nullptr, &size, bytes_of(message), message.size()) == 1;
  std::string signature(size, '\0');
  done = done && EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()),
                                &size, bytes_of(message), message.size()) == 1;
  ERR_clear_error();
  if (!done) return fail(ErrorCode::kFailed, "the key cannot sign", kPrivateHint);
  signature.resize(size);
  return signature;
}

bool SigningKey::verifies(std::string_view message, std::string_view signature) const {
  const DigestContext context(EVP_MD_CTX_new());
  const EVP_MD* digest = is_ed25519() ? nullptr : EVP_sha256();
  const bool good =
      context && EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key_.get()) == 1 &&
      EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message),
                       message.size()) == 1;
  ERR_clear_error();
  return good;
}

std::string SigningKey::id() const {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key_.get(), &der);
  Sha256 digest;
  if (size > 0) digest.add({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  return digest.hexadecimal();
}

std::string to_base64(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes_of(bytes),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), bytes_of(text),
                                   static_cast<int>(text.size()));
  if (size < 0 || static_cast<std::size_t>(size) != bytes.size()) return std::nullopt;
  bytes.resize(bytes.size() - padding);
  return bytes;
}

}  // namespace ig
