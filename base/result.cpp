// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

namespace ig {

Error system_error(int err, std::string_view deed, std::string hint) {
  ErrorCode code = ErrorCode::kFailed;
  switch (err) {
    case EPERM:
    case EACCES:
      code = ErrorCode::kPermission;
      break;
    case ENOENT:
      code = ErrorCode::kNotFound;
      break;
    case ENOSYS:
    case EOPNOTSUPP:
      code = ErrorCode::kUnsupported;
      break;
    case ENOSPC:
    case EDQUOT:
      code = ErrorCode::kFull;
      break;
    default:
      break;
  }
  return {code, fmt::format("cannot {}: {}", deed, std::generic_category().message(err)),
          std::move(hint)};
}

}  // namespace ig
