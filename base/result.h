// SPDX-License-Identifier: Apache-2.0
// How errors travel: every fallible function returns Result<T>; nothing throws across a folder
// boundary. Libraries that throw (yaml-cpp, nlohmann/json, Boost) are called from one function
// each, which turns the exception into an Error there. Broken invariants are not errors: they
// are IG_CHECKs and abort.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace ig {

// What kind of failure, as far as somebody decides by it: main() picks the exit status,
// the recorder falls back from kPermission and kUnsupported.
enum class ErrorCode {
  kFailed,
  kUsage,        // wrong arguments: exit status 2
  kRefused,      // the evidence does not allow the answer: exit status 3
  kPermission,   // the kernel says EPERM or EACCES
  kUnsupported,  // this kernel or build lacks it
  kNotFound,
  kInvalid,  // input that cannot be right
  kFull,     // no space left
};

struct Error {
  ErrorCode code = ErrorCode::kFailed;
  std::string message;  // what went wrong, without a full stop
  std::string hint;     // what to do next; may be empty
};

template <typename T = void>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorCode code, std::string message, std::string hint = {}) {
  return std::unexpected(Error{code, std::move(message), std::move(hint)});
}

// An Error of a system call: the code follows from `err` (an errno), the message names the deed.
Error system_error(int err, std::string_view deed, std::string hint = {});

}  // namespace ig

#define IG_CONCAT_(a, b) a##b
#define IG_CONCAT(a, b) IG_CONCAT_(a, b)

// IG_TRY(expression): returns its error from this function, if it has one.
#define IG_TRY(expression)                                \
  do {                                                    \
    if (auto result_ = (expression); !result_) {          \
      return std::unexpected(std::move(result_).error()); \
    }                                                     \
  } while (false)

// IG_ASSIGN(declaration, expression): declares and assigns the value, or returns the error.
#define IG_ASSIGN(declaration, expression)                                   \
  auto IG_CONCAT(result_, __LINE__) = (expression);                          \
  if (!IG_CONCAT(result_, __LINE__)) {                                       \
    return std::unexpected(std::move(IG_CONCAT(result_, __LINE__)).error()); \
  }                                                                          \
  declaration = std::move(*IG_CONCAT(result_, __LINE__))
