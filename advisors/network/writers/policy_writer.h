// SPDX-License-Identifier: Apache-2.0
// A Policy as a document of each dialect, byte for byte the same for the same policy. Written by
// hand and not by yaml-cpp, which has no comments at the end of a line, and these carry each port's
// evidence. Names come from recordings, so nothing reaches a document but as one YAML scalar, or on
// one line of a comment.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "advisors/network/policy.h"

namespace ig {

// All return "" for a policy without rules, which would cut its pods off.
std::string write_kubernetes_policy(const Policy& policy);
std::string write_cilium_policy(const Policy& policy);
std::string write_calico_policy(const Policy& policy);

// An nftables table, to be loaded inside the subject's network namespace, or for a cgroup.
struct NftOptions {
  std::string cgroup = {};  // below the cgroup2 mount; empty = the whole network namespace
  bool log_only = false;
};
std::string write_nftables(const Policy& policy, const NftOptions& options);

// What the YAML dialects have in common.
std::string comment_lines(const std::vector<std::string>& comments, std::string_view indent);
// apiVersion, kind and metadata, after the policy's comments.
std::string document_head(const Policy& policy, std::string_view api_version);
// "matchLabels: …" and "matchExpressions: …"; `key_prefix` goes before every key.
std::string selector_lines(const LabelSelector& selector, std::string_view indent,
                           std::string_view key_prefix = "");
// Lines before a rule: who it is about, and which block it is of.
std::string rule_comments(const PolicyRule& rule, std::string_view indent);
// "  # 12 connections…", or nothing.
std::string end_comment(const std::string& text);

}  // namespace ig
