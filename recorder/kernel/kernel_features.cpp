// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/kernel_features.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/filter.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <map>
#include <vector>

#include "base/handle.h"
#include "recorder/gadget/libbpf_log.h"
#include "recorder/kernel/bpf_instruction.h"
#include "recorder/kernel/kernel_types.h"

namespace ig {
namespace {

bool has_btf() { return access("/sys/kernel/btf/vmlinux", R_OK) == 0; }
bool has_map(bpf_map_type type) { return libbpf_probe_bpf_map_type(type, nullptr) == 1; }
bool has_program(bpf_prog_type type) { return libbpf_probe_bpf_prog_type(type, nullptr) == 1; }
bool has_helper(bpf_prog_type type, bpf_func_id helper) {
  return libbpf_probe_bpf_helper(type, helper, nullptr) == 1;
}

bool has_kernel_function(const char* name) {
  return kernel_types() != nullptr &&
         btf__find_by_name_kind(kernel_types(), name, BTF_KIND_FUNC) > 0;
}

// Whether the struct has a member of that name, directly or in whatever it holds by value.
bool has_member(const btf* types, __u32 id, std::string_view name, int depth = 0) {
  const auto* type = btf__type_by_id(types, id);
  if (type == nullptr || !btf_is_composite(type) || depth > 4) return false;
  const auto* member = btf_members(type);
  for (int i = 0; i < btf_vlen(type); ++i, ++member) {
    if (btf__name_by_offset(types, member->name_off) == name) return true;
    if (has_member(types, member->type, name, depth + 1)) return true;
  }
  return false;
}

bool has_kernel_member(const char* type, std::string_view member) {
  const auto* types = kernel_types();
  const int id = types == nullptr ? -1 : btf__find_by_name_kind(types, type, BTF_KIND_STRUCT);
  return id > 0 && has_member(types, static_cast<__u32>(id), member);
}

bool has_task_storage() { return has_map(BPF_MAP_TYPE_TASK_STORAGE); }
bool has_ringbuf() { return has_map(BPF_MAP_TYPE_RINGBUF); }
bool has_user_ringbuf() { return has_map(BPF_MAP_TYPE_USER_RINGBUF); }
bool has_raw_tracepoint() { return has_program(BPF_PROG_TYPE_RAW_TRACEPOINT); }
bool has_tracepoint() { return has_program(BPF_PROG_TYPE_TRACEPOINT); }
bool has_perf_event() { return has_program(BPF_PROG_TYPE_PERF_EVENT); }
bool has_socket_filter() { return has_program(BPF_PROG_TYPE_SOCKET_FILTER); }
bool has_classifier() { return has_program(BPF_PROG_TYPE_SCHED_CLS); }
bool has_cgroup_sock_addr() {
  return try_program(BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_CONNECT) == 0;
}
bool has_uprobe() {
  return try_program(BPF_PROG_TYPE_KPROBE) == 0 &&
         access("/sys/bus/event_source/devices/uprobe/type", R_OK) == 0;
}
bool has_fmod_ret() {
  return try_program(BPF_PROG_TYPE_TRACING, BPF_MODIFY_RETURN, "bpf_modify_return_test") == 0;
}
bool has_lsm_cgroup() { return try_program(BPF_PROG_TYPE_LSM, BPF_LSM_CGROUP, "socket_bind") == 0; }
bool has_kprobe_multi() { return has_kernel_function("bpf_kprobe_multi_link_attach"); }
bool has_uprobe_multi() { return has_kernel_function("bpf_uprobe_multi_link_attach"); }
bool has_override_return() { return has_helper(BPF_PROG_TYPE_KPROBE, BPF_FUNC_override_return); }
bool has_signal() { return has_helper(BPF_PROG_TYPE_TRACEPOINT, BPF_FUNC_send_signal); }
bool has_write_user() { return has_helper(BPF_PROG_TYPE_TRACEPOINT, BPF_FUNC_probe_write_user); }
bool has_timer() { return has_helper(BPF_PROG_TYPE_SOCKET_FILTER, BPF_FUNC_timer_init); }
bool has_missed_counts() { return has_kernel_member("bpf_prog_info", "recursion_misses"); }
bool has_missed_kprobe_counts() {
  return has_kernel_member("bpf_kprobe_multi_link", "missed") ||
         has_kernel_member("bpf_link_info", "missed");
}
bool has_perf_link() { return has_kernel_function("bpf_perf_link_attach"); }
bool has_build_id() {
  return has_kernel_function("build_id_parse") || has_kernel_function("build_id_parse_nofault");
}
// Since 6.8 (72ba14deb40a) the tracepoint has the task, and its record more of it than the number.
bool has_victim_task() { return has_kernel_member("trace_event_raw_mark_victim", "uid"); }
bool has_numbered_victim() { return kernel_types() != nullptr && !has_victim_task(); }
bool has_login_uid() { return has_kernel_member("task_struct", "loginuid"); }

bool has_batches() {
  const UniqueFd map(bpf_map_create(BPF_MAP_TYPE_HASH, "ig_probe", 4, 4, 1, nullptr));
  __u32 next = 0, key = 0, value = 0, count = 1;
  if (!map) return false;
  bpf_map_lookup_batch(map.get(), nullptr, &next, &key, &value, &count, nullptr);
  return errno != EINVAL;  // ENOENT: the map is empty
}

// Since 5.2 a privileged program may have more than 4096 instructions.
bool has_large_programs() {
  constexpr bpf_insn kNothing{
      .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0};
  std::vector<bpf_insn> program(4200, kNothing);
  program.back() = {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0};
  const UniqueFd loaded(bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "ig_probe", "GPL",
                                      program.data(), program.size(), nullptr));
  return static_cast<bool>(loaded);
}

// Since 5.12 an atomic operation can return what was there before.
bool has_atomics() {
  constexpr std::array program = {
      instruction(BPF_ST | BPF_MEM | BPF_DW, BPF_REG_10, 0, -8, 0),
      instruction(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 1),
      instruction(BPF_STX | BPF_ATOMIC | BPF_DW, BPF_REG_10, BPF_REG_0, -8, BPF_ADD | BPF_FETCH),
      instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
  };
  const UniqueFd loaded(bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "ig_probe", "GPL",
                                      program.data(), program.size(), nullptr));
  return static_cast<bool>(loaded);
}

bool has_fentry() {
  return try_program(BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, "bpf_fentry_test1") == 0;
}
bool has_tp_btf() { return try_program(BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, "sys_enter") == 0; }
bool has_iter() { return try_program(BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER, "task") == 0; }
bool has_lsm() { return try_program(BPF_PROG_TYPE_LSM, BPF_LSM_MAC, "file_open") == 0; }
bool has_kprobe() {
  return try_program(BPF_PROG_TYPE_KPROBE) == 0 &&
         access("/sys/bus/event_source/devices/kprobe/type", R_OK) == 0;
}
bool has_cgroup_skb() {
  return try_program(BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_INGRESS) == 0;
}
bool has_loop() { return has_helper(BPF_PROG_TYPE_SOCKET_FILTER, BPF_FUNC_loop); }

// Since 7.0 (a46023d5616e) a program at tp_btf can be preempted, and the kernel then skips it for
// other tasks. No trial shows that in reasonable time, so this one feature is told by the version.
bool has_unpreempted_tp_btf() {
  utsname kernel{};
  if (uname(&kernel) != 0) return false;
  const bool preemptible =
      std::string_view(kernel.version).find("PREEMPT") != std::string_view::npos;
  return std::atoi(kernel.release) < 7 || !preemptible;
}

// What gadgets ask for first, then what else tells kernels apart.
constexpr std::array kFeatures = {
    KernelFeature{"btf", "the kernel describes its types (CONFIG_DEBUG_INFO_BTF)", has_btf},
    KernelFeature{"tp_btf", "tracepoints with typed arguments", has_tp_btf},
    KernelFeature{"unpreempted_tp_btf", "programs at such tracepoints run to their end",
                  has_unpreempted_tp_btf},
    KernelFeature{"raw_tracepoint", "tracepoints with raw arguments", has_raw_tracepoint},
    KernelFeature{"tracepoint", "tracepoints", has_tracepoint},
    KernelFeature{"fentry", "hooks at the entry of kernel functions", has_fentry},
    KernelFeature{"kprobe", "hooks anywhere in the kernel (CONFIG_KPROBES)", has_kprobe},
    KernelFeature{"kprobe_multi", "many kprobes at once (CONFIG_FPROBE)", has_kprobe_multi},
    KernelFeature{"uprobe", "hooks in programs and libraries", has_uprobe},
    KernelFeature{"uprobe_multi", "many uprobes at once", has_uprobe_multi},
    KernelFeature{"lsm", "hooks of the security framework", has_lsm},
    KernelFeature{"lsm_cgroup", "the same, for a cgroup", has_lsm_cgroup},
    KernelFeature{"iter", "iterators over kernel objects", has_iter},
    KernelFeature{"cgroup_skb", "a cgroup's packets", has_cgroup_skb},
    KernelFeature{"cgroup_sock_addr", "a cgroup's connects and binds", has_cgroup_sock_addr},
    KernelFeature{"socket_filter", "packets of a network namespace", has_socket_filter},
    KernelFeature{"classifier", "packets of an interface", has_classifier},
    KernelFeature{"perf_event", "samples of the CPU", has_perf_event},
    KernelFeature{"ringbuf", "ring buffers shared by all CPUs", has_ringbuf},
    KernelFeature{"user_ringbuf", "ring buffers filled by user space", has_user_ringbuf},
    KernelFeature{"task_storage", "maps that belong to a task", has_task_storage},
    KernelFeature{"batch", "maps read in batches", has_batches},
    KernelFeature{"large_programs", "programs of more than 4096 instructions", has_large_programs},
    KernelFeature{"atomics", "atomic operations that return what was there", has_atomics},
    KernelFeature{"loop", "bpf_loop()", has_loop},
    KernelFeature{"timer", "bpf_timer", has_timer},
    KernelFeature{"build_id", "build ids of programs in stacks", has_build_id},
    KernelFeature{"login_uid", "who logged in (CONFIG_AUDITSYSCALL)", has_login_uid},
    KernelFeature{"victim_task", "the tracepoint mark_victim has the task", has_victim_task},
    KernelFeature{"numbered_victim", "the tracepoint mark_victim has a number, not a task",
                  has_numbered_victim},
    KernelFeature{"missed_counts", "skipped runs of programs are counted", has_missed_counts},
    KernelFeature{"missed_kprobe_counts", "skipped kprobes are counted", has_missed_kprobe_counts},
    KernelFeature{"perf_link", "perf events are links, which can be pinned", has_perf_link},
    KernelFeature{"signal", "programs may send signals", has_signal},
    KernelFeature{"write_user", "programs may write a process' memory", has_write_user},
    KernelFeature{"override_return", "programs may change what a function returns",
                  has_override_return},
    KernelFeature{"fmod_ret", "the same, by a trampoline", has_fmod_ret},
};

int target_id(const char* target, bpf_attach_type attach) {
  return target == nullptr ? 0 : libbpf_find_vmlinux_btf_id(target, attach);
}

}  // namespace

std::span<const KernelFeature> kernel_features() { return kFeatures; }

bool has_kernel_feature(std::string_view name) {
  static std::map<std::string_view, bool> known;
  const auto feature = std::ranges::find(kFeatures, name, &KernelFeature::name);
  if (feature == kFeatures.end()) return false;
  const auto [it, is_new] = known.try_emplace(feature->name, false);
  if (is_new) it->second = feature->probe();
  return it->second;
}

int try_program(bpf_prog_type type, bpf_attach_type attach, const char* target) {
  quiet_libbpf();
  const std::array<bpf_insn, 2> return_zero = {
      bpf_insn{.code = BPF_ALU64 | BPF_MOV | BPF_K,
               .dst_reg = BPF_REG_0,
               .src_reg = 0,
               .off = 0,
               .imm = 0},
      bpf_insn{.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
  };
  LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = attach);
  const int id = target_id(target, attach);
  if (id < 0) return id;
  options.attach_btf_id = static_cast<__u32>(id);
  const UniqueFd program(
      bpf_prog_load(type, "ig_probe", "GPL", return_zero.data(), return_zero.size(), &options));
  return program ? 0 : -errno;
}

}  // namespace ig
