// SPDX-License-Identifier: Apache-2.0
// SeccompProfile: a seccomp profile as container runtimes read it (linux.seccomp of an OCI
// config.json), as a type, with JSON in and out. What is written is plain OCI. What is read may
// also be a profile of Docker or Podman, with their conditions by capability, architecture and
// kernel, a whole config.json, or what Kubernetes wraps profiles in; it may come from anywhere, so
// every field is checked.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "advisors/seccomp/syscall_versions.h"
#include "base/result.h"

namespace ig {

struct SeccompAction {
  std::string name = "SCMP_ACT_ERRNO";
  std::uint32_t errno_ret = 1;  // of SCMP_ACT_ERRNO and SCMP_ACT_TRACE; EPERM where nothing is said
  bool has_errno() const { return name == "SCMP_ACT_ERRNO" || name == "SCMP_ACT_TRACE"; }
  bool operator==(const SeccompAction&) const = default;
};

struct SeccompArgument {
  unsigned index = 0;
  std::uint64_t value = 0, value_two = 0;
  std::string op;  // "SCMP_CMP_EQ"
  bool operator==(const SeccompArgument&) const = default;
};

struct SeccompRule {
  std::vector<std::string> names;
  SeccompAction action{.name = "SCMP_ACT_ALLOW"};
  std::vector<SeccompArgument> arguments = {};
  std::string comment = {};  // runtimes pass over it
};

struct SeccompProfile {
  SeccompAction default_action;
  std::vector<std::string> architectures = {};  // "SCMP_ARCH_X86_64"; empty = the machine's own
  std::vector<SeccompRule> rules = {};
  std::vector<std::string> flags = {};  // of seccomp(2): "SECCOMP_FILTER_FLAG_LOG"
  // Of what was read: capabilities whose rules were left out, since the container lacks them; and
  // the profile on which it builds, which only the Security Profiles Operator has.
  std::set<std::string> missing_capabilities = {};
  std::string base_profile = {};

  std::string to_json() const;

  // Of the container and its machine: what decides the conditions of Docker's and Podman's
  // profiles.
  struct Conditions {
    std::set<std::string> capabilities;
    std::string arch;                    // "x86_64"; empty = this machine's
    std::optional<Version> kernel = {};  // nullopt = newer than any that a condition asks for
  };
  static Result<SeccompProfile> from_json(std::string_view json, const Conditions& conditions);
};

// SCMP_ACT_* of "errno", "kill", "log" or of itself; an error names those that exist.
Result<std::string> parse_seccomp_action(std::string_view text);

}  // namespace ig
