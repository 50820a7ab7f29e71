// SPDX-License-Identifier: Apache-2.0
// ig session sign and verify: whether a session is the one that somebody vouched for.
#include <fmt/format.h>

#include <filesystem>

#include "base/file.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "reporters/display_text.h"
#include "store/new_file.h"
#include "store/session_signature.h"

namespace ig {
namespace {

constexpr std::uint64_t kMostBytes = 1 << 20;
constexpr int kDiffers = 1;

std::string base_name(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

std::string signature_path(const Arguments& arguments, const char* option) {
  if (arguments.has(option)) return arguments.text(option);
  return arguments.operand(0) + (arguments.has("key") ? ".intoto.jsonl" : ".sha256");
}

Result<std::string> signed_line(const std::string& file, const std::string& digest,
                                const Arguments& arguments) {
  if (!arguments.has("key")) return digest_line(digest, base_name(file));
  IG_ASSIGN(const auto key, SigningKey::read_private(arguments.text("key")));
  return sign_digest(digest, base_name(file), key);
}

// What is wrong with the file; "" = it is the one that was signed.
std::string difference(const std::string& file, const std::string& digest,
                       const std::string& expected) {
  if (has_log_beside(file)) return "a log lies beside it, which was not signed";
  if (digest == expected) return "";
  return fmt::format("its SHA-256 is {}, that of the signed file {}", digest, expected);
}

struct Expected {
  std::string digest;  // "" = not signed by this key
  std::string by;      // "signed with the Ed25519 key 6f…"
};

Result<Expected> read_expected(const Arguments& arguments) {
  const auto path = signature_path(arguments, "signature");
  IG_ASSIGN(const auto content, read_regular_file(path, kMostBytes));
  if (!arguments.has("key")) {
    IG_ASSIGN(auto digest, read_digest_line(content, base_name(arguments.operand(0))));
    return Expected{std::move(digest), "by the digest of " + path};
  }
  IG_ASSIGN(const auto key, SigningKey::read_public(arguments.text("key")));
  IG_ASSIGN(auto found, read_signature(content, key));
  return Expected{std::move(found.digest),
                  fmt::format("signed by the {} key {}", key.kind(), key.id())};
}

Result<int> verify(const Arguments& arguments) {
  const auto file = arguments.operand(0);
  IG_ASSIGN(const auto expected, read_expected(arguments));
  const auto say = [&](std::string_view what) {
    put(stdout, fmt::format("{}: {}\n", printable(file), printable(std::string(what))));
  };
  if (expected.digest.empty()) {
    say("differs: nothing here is signed by this key");
    return kDiffers;
  }
  IG_ASSIGN(const auto digest, file_digest(file));
  const auto wrong = difference(file, digest, expected.digest);
  say(wrong.empty() ? "OK, " + expected.by : "differs: " + wrong);
  return wrong.empty() ? 0 : kDiffers;
}

}  // namespace

Syntax session_sign_syntax(const Words&) {
  Syntax syntax;
  syntax.operands = {{"FILE"}};
  syntax.text =
      "Writes FILE.sha256, which `sha256sum -c` reads too. With --key, FILE.intoto.jsonl instead: "
      "an in-toto statement of the file's SHA-256 in a DSSE envelope, which openssl and cosign "
      "verify as well (docs/sharing-a-session.md says how). The session stays as it is; one that "
      "is still being recorded is refused, as a signature would not hold.";
  syntax.groups = {
      {"Signature",
       {{"key", "KEY.pem", "private key: Ed25519, or ECDSA on P-256, without a passphrase"},
        {"output", "FILE", "another file than that beside the session", 'o'}}}};
  syntax.examples = {"openssl genpkey -algorithm ed25519 -out key.pem",
                     "ig session sign web.db --key key.pem", "ig session sign web.db"};
  return syntax;
}

Result<int> run_session_sign(const Arguments& arguments) {
  const auto file = arguments.operand(0);
  IG_ASSIGN(const auto digest, session_digest(file));
  IG_ASSIGN(const auto line, signed_line(file, digest, arguments));
  const auto path = signature_path(arguments, "output");
  IG_TRY(make_new_file(path, line));
  put(stdout, printable(path) + '\n');
  return 0;
}

Syntax session_verify_syntax(const Words&) {
  Syntax syntax;
  syntax.operands = {{"FILE"}};
  syntax.text =
      "Whether FILE is, byte for byte, what `ig session sign` saw: by FILE.intoto.jsonl and the "
      "public key of who signed it, or without --key by FILE.sha256, which tells of accidents but "
      "not of enemies.\n"
      "Exit status 0 if it is, 1 if it differs or was signed by another key, 2 if the session, the "
      "signature or the key cannot be read.";
  syntax.groups = {{"Signature",
                    {{"key", "PUB.pem", "public key of who signed it"},
                     {"signature", "FILE", "another file than that beside the session"}}}};
  syntax.examples = {"ig session verify web.db --key pub.pem", "ig session verify web.db"};
  return syntax;
}

Result<int> run_session_verify(const Arguments& arguments) {
  auto verified = verify(arguments);
  // That it cannot be told is not that it differs.
  if (!verified) verified.error().code = ErrorCode::kUsage;
  return verified;
}

}  // namespace ig
