// SPDX-License-Identifier: Apache-2.0
// By which bytes a file is known again.
#pragma once

#include <openssl/evp.h>

#include <string>
#include <string_view>

#include "base/handle.h"

namespace ig {

class Sha256 {
 public:
  Sha256();
  void add(std::string_view bytes);
  std::string hexadecimal();  // once

 private:
  Handle<EVP_MD_CTX, EVP_MD_CTX_free> context_;
};

}  // namespace ig
