// SPDX-License-Identifier: Apache-2.0
#include "recorder/source/user_source.h"

#include <algorithm>

#include "recorder/source/user_sources.h"

namespace ig {
namespace {

constexpr UserSourceKind kKinds[] = {
    {"audit_netlink", false, check_audit_netlink, make_audit_netlink},
    {"audit_netlink_beside_signals", false, check_audit_netlink, make_audit_netlink_beside_signals},
    {"bpf_stats", true, check_bpf_stats, make_bpf_stats},
    {"bpftrace", true, check_bpftrace, make_bpftrace},
    {"conntrack", true, check_conntrack, make_conntrack},
    {"proc_processes", false, check_proc, make_proc_processes},
    {"proc_files", false, check_proc, make_proc_files},
    {"proc_sockets", false, check_proc, make_proc_sockets},
};

}  // namespace

UserParameters::UserParameters(const Gadget& gadget,
                               const std::map<std::string, std::string>& given)
    : values_(given) {
  for (const auto& parameter : gadget.manifest.parameters) {
    values_.insert({parameter.key, parameter.default_value});
  }
}

std::string UserParameters::text(const std::string& key) const {
  const auto it = values_.find(key);
  return it == values_.end() ? "" : it->second;
}

bool UserParameters::is_on(const std::string& key) const {
  const auto value = text(key);
  return value == "true" || value == "1" || value == "yes" || value == "on";
}

const UserSourceKind* find_user_source(std::string_view name) {
  const auto* kind = std::ranges::find(kKinds, name, &UserSourceKind::name);
  return kind == std::end(kKinds) ? nullptr : kind;
}

}  // namespace ig
