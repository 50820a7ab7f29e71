// SPDX-License-Identifier: Apache-2.0
#include "store/session_signature.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>

#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"
#include "store/session_file.h"

namespace ig {
namespace {

constexpr std::string_view kPayloadType = "application/vnd.in-toto+json";
constexpr std::string_view kStatementType = "https://in-toto.io/Statement/v1";
constexpr std::string_view kPredicateType = "urn:ig:session:v1";
constexpr const char* kEnvelopeHint = "ig session sign FILE --key KEY.pem makes one";

bool is_digest(std::string_view text) {
  return text.size() == 64 && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

// What is signed (DSSE's "pre-authentication encoding"): nothing of it can be taken for something
// else.
std::string encoded(std::string_view payload) {
  return fmt::format("DSSEv1 {} {} {} {}", kPayloadType.size(), kPayloadType, payload.size(),
                     payload);
}

std::unexpected<Error> no_envelope(std::string_view why) {
  return fail(ErrorCode::kInvalid, fmt::format("it is no signature of a session: {}", why),
              kEnvelopeHint);
}

bool is_signed_by(const nlohmann::json& envelope, const std::string& payload,
                  const SigningKey& key) {
  return std::ranges::any_of(envelope["signatures"], [&](const auto& one) {
    const auto signature = from_base64(json_text(one, {"sig"}));
    return signature && key.verifies(encoded(payload), *signature);
  });
}

Result<SignedDigest> subject_of(const std::string& payload) {
  IG_ASSIGN(const auto statement, parse_json(payload, "the statement"));
  const auto& subjects = json_at(statement, {"subject"});
  const bool one = subjects.is_array() && subjects.size() == 1;
  if (json_text(statement, {"_type"}) != kStatementType || !one) {
    return no_envelope("its statement is of another kind");
  }
  SignedDigest subject{.digest = json_text(subjects[0], {"digest", "sha256"}),
                       .name = json_text(subjects[0], {"name"})};
  if (!is_digest(subject.digest)) return no_envelope("its statement has no SHA-256");
  return subject;
}

// As sha256sum does it, in a line that begins with a backslash.
std::string escaped(const std::string& name) {
  std::string out;
  for (const char c : name) {
    out += c == '\\' ? "\\\\" : c == '\n' ? "\\n" : c == '\r' ? "\\r" : std::string(1, c);
  }
  return out;
}

}  // namespace

Result<std::string> file_digest(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return std::unexpected(system_error(errno, "read " + path));
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return fail(ErrorCode::kInvalid, path + " is not a regular file");
  }
  Sha256 digest;
  std::array<char, 1 << 16> buffer{};
  while (true) {
    const ssize_t size = ::read(fd.get(), buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return std::unexpected(system_error(errno, "read " + path));
    if (size == 0) return digest.hexadecimal();
    digest.add({buffer.data(), static_cast<std::size_t>(size)});
  }
}

bool has_log_beside(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path + "-wal", ignored) ||
         std::filesystem::exists(path + "-journal", ignored);
}

Result<std::string> session_digest(const std::string& path) {
  IG_TRY(open_session_file(path));
  if (has_log_beside(path)) {
    return fail(ErrorCode::kFailed,
                fmt::format("{} is still being recorded, or its recorder was killed", path),
                "end the recording first; ig session prune FILE -o OUT takes a log that was left "
                "into a new file");
  }
  return file_digest(path);
}

Result<std::string> sign_digest(const std::string& digest, const std::string& name,
                                const SigningKey& key) {
  using Json = nlohmann::ordered_json;
  const Json statement = {
      {"_type", kStatementType},
      {"subject", Json::array({{{"name", name}, {"digest", {{"sha256", digest}}}}})},
      {"predicateType", kPredicateType},
      {"predicate", Json::object()}};
  constexpr auto kReplace = Json::error_handler_t::replace;
  const auto payload = statement.dump(-1, ' ', false, kReplace);
  IG_ASSIGN(const auto signature, key.sign(encoded(payload)));
  const Json envelope = {
      {"payloadType", kPayloadType},
      {"payload", to_base64(payload)},
      {"signatures", Json::array({{{"keyid", key.id()}, {"sig", to_base64(signature)}}})}};
  return envelope.dump(-1, ' ', false, kReplace) + '\n';
}

Result<SignedDigest> read_signature(const std::string& envelope, const SigningKey& key) {
  const auto parsed = parse_json(envelope, "it");
  if (!parsed) return no_envelope("it is not JSON");
  if (!json_at(*parsed, {"signatures"}).is_array()) return no_envelope("it has no signatures");
  if (json_text(*parsed, {"payloadType"}) != kPayloadType) {
    return no_envelope("it signs something else");
  }
  const auto payload = from_base64(json_text(*parsed, {"payload"}));
  if (!payload) return no_envelope("its payload is no base64");
  // Nothing of the payload is looked at before.
  if (!is_signed_by(*parsed, *payload, key)) return SignedDigest{};
  return subject_of(*payload);
}

std::string digest_line(const std::string& digest, const std::string& name) {
  const auto written = escaped(name);
  return fmt::format("{}{}  {}\n", written == name ? "" : "\\", digest, written);
}

Result<std::string> read_digest_line(const std::string& lines, const std::string& name) {
  for (auto line : split(lines, '\n')) {
    if (line.starts_with('\\')) line.remove_prefix(1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto digest = line.substr(0, line.find(' '));
    if (!is_digest(digest) || line.size() < digest.size() + 2) continue;
    if (line.substr(digest.size() + 2) == escaped(name)) return std::string(digest);
  }
  return fail(ErrorCode::kInvalid, fmt::format("it has no SHA-256 of {}", name),
              "ig session sign FILE writes one");
}

}  // namespace ig
