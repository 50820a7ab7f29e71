// SPDX-License-Identifier: Apache-2.0
// A kubeconfig that somebody sent.
#include <cstdint>

#include "recorder/inventory/https_get.h"
#include "recorder/inventory/kube_config.h"
#include "tests/fuzz/kept_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ig::KeptFile file(data, size);
  const auto config = ig::read_kubeconfig(file.path(), "");
  if (!config) return config.error().message.empty() ? -1 : 0;
  if (config->host.empty() || config->url().empty()) __builtin_trap();
  static_cast<void>(ig::make_tls_context(*config));
  return 0;
}
