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

class SessionEdit {
 public:
  // Refuses a session that is being recorded or that may not be written. The log that a killed
  // recorder left beside its file is taken into it first. Nobody else edits it until this is gone.
  static Result<SessionEdit> open(const std::string& path);

  const std::string& path() const { return path_; }  // with all links resolved

  // Runs `change` in one transaction on a session of the latest version; what fails changes
  // nothing.
  Result<> apply(const std::function<Result<>(Database&)>& change);

 private:
  SessionEdit(UniqueFd lock, std::string path) : lock_(std::move(lock)), path_(std::move(path)) {}

  Result<> write_copy(const std::string& copy,
                      const std::function<Result<>(Database&)>& change) const;

  UniqueFd lock_;
  std::string path_;
};

}  // namespace ig
