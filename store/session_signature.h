// SPDX-License-Identifier: Apache-2.0
// The digest of a session file, and who vouches for it. The signature is a DSSE envelope around an
// in-toto statement, a file of its own beside the session, so that openssl and cosign verify it too
// (docs/sharing-a-session.md).
#pragma once

#include <string>

#include "base/result.h"
#include "base/signing_key.h"

namespace ig {

// SHA-256 of a session file, in hexadecimal. Refuses what is no session, and one that has a log
// beside it: readers take that for part of the session, and no digest covers it.
Result<std::string> session_digest(const std::string& path);
// The same of any file.
Result<std::string> file_digest(const std::string& path);
// Whether such a log lies beside it.
bool has_log_beside(const std::string& path);

// One line of JSON, with \n. `name` is what the statement calls the file.
Result<std::string> sign_digest(const std::string& digest, const std::string& name,
                                const SigningKey& key);

struct SignedDigest {
  std::string digest;  // "" = the envelope is not signed by this key
  std::string name;
};
// An error where that is no envelope.
Result<SignedDigest> read_signature(const std::string& envelope, const SigningKey& key);

// As sha256sum writes and reads them. An error where no line is about `name`.
std::string digest_line(const std::string& digest, const std::string& name);
Result<std::string> read_digest_line(const std::string& lines, const std::string& name);

}  // namespace ig
