// SPDX-License-Identifier: Apache-2.0
// The session files of a command line, opened together.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "advisors/advisor.h"
#include "base/result.h"

namespace ig {

class OpenSessions {
 public:
  // The error of a file that cannot be read names the file; one that is given twice is an error,
  // since it would count twice.
  static Result<OpenSessions> open(const std::vector<std::string>& paths);

  // A merged file is several, called FILE#NAME.
  Recordings recordings() const { return recordings_; }

 private:
  std::vector<std::unique_ptr<SessionReader>> sessions_;
  std::vector<Recording> recordings_;
};

}  // namespace ig
