// SPDX-License-Identifier: Apache-2.0
// The sources that there are, one file each; user_source.cpp lists them by name.
#pragma once

#include <memory>

#include "recorder/source/user_source.h"

namespace ig {

using MakeUserSource = std::unique_ptr<UserSource>(const Gadget& gadget,
                                                   const UserParameters& parameters);

Result<> check_audit_netlink();
MakeUserSource make_audit_netlink, make_audit_netlink_beside_signals;
Result<> check_bpf_stats();
MakeUserSource make_bpf_stats;
Result<> check_bpftrace();
MakeUserSource make_bpftrace;
Result<> check_conntrack();
MakeUserSource make_conntrack;
Result<> check_proc();
MakeUserSource make_proc_processes, make_proc_files, make_proc_sockets;

}  // namespace ig
