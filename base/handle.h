// SPDX-License-Identifier: Apache-2.0
// Handle<T, Close> owns one handle of a C library and closes it exactly once. It is
// std::unique_ptr with the closing function in its type, so it costs no more than the raw pointer
// and cannot be closed by the wrong function. UniqueFd is the same for file descriptors.
#pragma once

#include <unistd.h>

#include <memory>
#include <utility>

namespace ig {

template <auto Close>
struct CloseWith {
  template <typename T>
  void operator()(T* handle) const noexcept {
    Close(handle);
  }
};

template <typename T, auto Close>
using Handle = std::unique_ptr<T, CloseWith<Close>>;

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    reset(other.release());
    return *this;
  }
  ~UniqueFd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }

 private:
  int fd_ = -1;
};

}  // namespace ig
