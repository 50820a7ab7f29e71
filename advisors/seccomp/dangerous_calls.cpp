// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/dangerous_calls.h"

#include <algorithm>

namespace ig {
namespace {

constexpr DangerousCall kDangerous[] = {
    {"_sysctl", false, "an old interface that no program needs"},
    {"acct", true, "switches process accounting"},
    {"add_key", false, "kernel keyrings are not separate for containers"},
    {"adjtimex", false, "reads and sets the host's clock"},
    {"bpf", true, "loads programs into the kernel"},
    {"chroot", false, "changes the root folder, a step out of a container"},
    {"clock_adjtime", false, "reads and sets the host's clock"},
    {"clock_adjtime64", false, "reads and sets the host's clock"},
    {"clock_settime", true, "sets the host's clock"},
    {"clock_settime64", true, "sets the host's clock"},
    {"create_module", true, "loads kernel modules"},
    {"delete_module", true, "unloads kernel modules"},
    {"fanotify_init", false, "watches the files of others"},
    {"finit_module", true, "loads kernel modules"},
    {"fsconfig", true, "mounts file systems"},
    {"fsmount", true, "mounts file systems"},
    {"fsopen", true, "mounts file systems"},
    {"fspick", true, "changes mounts"},
    {"init_module", true, "loads kernel modules"},
    {"io_uring_enter", true, "makes files and sockets do things that no filter sees"},
    {"io_uring_register", true, "makes files and sockets do things that no filter sees"},
    {"io_uring_setup", true, "makes files and sockets do things that no filter sees"},
    {"ioperm", true, "gives access to hardware ports"},
    {"iopl", true, "gives access to hardware ports"},
    {"kcmp", false, "compares kernel objects of processes, which tells addresses apart"},
    {"kexec_file_load", true, "replaces the running kernel"},
    {"kexec_load", true, "replaces the running kernel"},
    {"keyctl", true, "kernel keyrings are not separate for containers"},
    {"lookup_dcookie", false, "tells paths of the host"},
    {"modify_ldt", false, "an old interface with a history of faults"},
    {"mount", true, "mounts file systems"},
    {"mount_setattr", true, "changes mounts"},
    {"move_mount", true, "moves mounts"},
    {"name_to_handle_at", false, "makes the handles that open_by_handle_at takes"},
    {"nfsservctl", false, "an old interface that no program needs"},
    {"open_by_handle_at", true, "opens files outside of the container's root"},
    {"open_tree", true, "copies mounts"},
    {"open_tree_attr", true, "copies mounts"},
    {"perf_event_open", true, "measures other processes and the kernel"},
    {"personality", false, "switches protections such as address space randomisation off"},
    {"pidfd_getfd", true, "takes open files from other processes"},
    {"pivot_root", true, "changes the root of the container"},
    {"process_madvise", false, "acts on the memory of other processes"},
    {"process_vm_readv", true, "reads the memory of other processes"},
    {"process_vm_writev", true, "writes the memory of other processes"},
    {"ptrace", true, "controls other processes; before Linux 4.8 also around the filter"},
    {"quotactl", true, "changes disk quotas"},
    {"quotactl_fd", true, "changes disk quotas"},
    {"reboot", true, "stops the machine"},
    {"request_key", false, "kernel keyrings are not separate for containers"},
    {"setdomainname", false, "renames the host"},
    {"sethostname", false, "renames the host"},
    {"setns", true, "enters other namespaces"},
    {"settimeofday", true, "sets the host's clock"},
    {"stime", true, "sets the host's clock"},
    {"swapoff", true, "changes the host's swap"},
    {"swapon", true, "changes the host's swap"},
    {"syslog", true, "reads and clears the kernel's messages"},
    {"umount", true, "takes mounts away"},
    {"umount2", true, "takes mounts away"},
    {"unshare", true, "makes user namespaces, where most faults of the kernel can be reached"},
    {"uselib", false, "an old interface that no program needs"},
    {"userfaultfd", true, "stops the kernel at a chosen place, which makes races winnable"},
    {"vhangup", false, "hangs up the terminal"},
    {"vm86", true, "an old interface with a history of faults"},
    {"vm86old", true, "an old interface with a history of faults"},
};
static_assert(std::ranges::is_sorted(kDangerous, {}, &DangerousCall::name));

}  // namespace

std::span<const DangerousCall> dangerous_calls() { return kDangerous; }

const DangerousCall* find_dangerous_call(std::string_view name) {
  const auto found = std::ranges::lower_bound(kDangerous, name, {}, &DangerousCall::name);
  return found != std::end(kDangerous) && found->name == name ? found : nullptr;
}

}  // namespace ig
