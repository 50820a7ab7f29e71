// SPDX-License-Identifier: Apache-2.0
// SessionEdit: the one way in which a session changes after it was recorded. The file is checked
// as any reader checks it, copied, and the changed copy takes its place at once and whole. So a
// kill at any moment leaves the old session or the new one, whoever reads the old one is not
// disturbed, and nothing in the file is ever opened for writing but by our own rows.
#pragma once

#include <functional>
#include <string>

#include "base/handle.h"
#include "base/result.h"
#include "store/database.h"

namespace ig {

using SessionChange = std::function<Result<>(Database&)>;

class SessionEdit {
 public:
  // Refuses a session that is being recorded or that may not be written. The log that a killed
  // recorder left beside its file is taken into it first. Nobody else edits it until this is gone.
  static Result<SessionEdit> open(const std::string& path);

  const std::string& path() const { return path_; }  // with all links resolved

  // Runs `change` in one transaction on a session of the latest version; what fails changes
  // nothing.
  Result<> apply(const SessionChange& change);
  // The same for what takes something away: of what went no byte is left in the new file.
  Result<> rewrite(const SessionChange& change);

 private:
  SessionEdit(UniqueFd lock, std::string path) : lock_(std::move(lock)), path_(std::move(path)) {}

  using Writer = Result<> (*)(const std::string& path, const std::string& copy,
                              const SessionChange& change);
  Result<> apply_by(Writer writer, const SessionChange& change);

  UniqueFd lock_;
  std::string path_;
};

// Writes the session at `path` as SessionEdit::rewrite() would to a new file `out`, which must not
// exist (mode 0600), and leaves the old one as it was: that may be read-only, or not be closed yet.
Result<> write_changed_session(const std::string& path, const std::string& out,
                               const SessionChange& change);

}  // namespace ig
