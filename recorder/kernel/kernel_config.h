// SPDX-License-Identifier: Apache-2.0
// The options that the running kernel was built with, as far as they decide what ig can do.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ig {

struct KernelOption {
  std::string_view name;  // "CONFIG_KPROBES"
  std::string_view use;   // what is missing without it
};
std::span<const KernelOption> kernel_options();

struct KernelConfig {
  std::string path;                                        // where it was found
  std::map<std::string, std::string, std::less<>> values;  // "y", "m", a number, a text

  // "n" where the option is not set.
  std::string value(std::string_view option) const;
};

// /proc/config.gz, /boot/config-<release>, or beside the modules. The error names every place.
Result<KernelConfig> read_kernel_config(const std::string& root, const std::string& release);
// From the text of such a file. Lines that are none of an option's are passed over.
KernelConfig parse_kernel_config(std::string_view text);

}  // namespace ig
