// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/kernel_features.h"

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

#include "base/handle.h"
#include "recorder/gadget/libbpf_log.h"

namespace ig {
namespace {

bool has_btf() { return access("/sys/kernel/btf/vmlinux", R_OK) == 0; }
bool has_map(bpf_map_type type) { return libbpf_probe_bpf_map_type(type, nullptr) == 1; }
bool has_task_storage() { return has_map(BPF_MAP_TYPE_TASK_STORAGE); }
bool has_ringbuf() { return has_map(BPF_MAP_TYPE_RINGBUF); }

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
bool has_loop() {
  return libbpf_probe_bpf_helper(BPF_PROG_TYPE_SOCKET_FILTER, BPF_FUNC_loop, nullptr) == 1;
}

// Since 7.0 (a46023d5616e) a program at tp_btf can be preempted, and the kernel then skips it for
// other tasks. No trial shows that in reasonable time, so this one feature is told by the version.
bool has_unpreempted_tp_btf() {
  utsname kernel{};
  if (uname(&kernel) != 0) return false;
  const bool preemptible =
      std::string_view(kernel.version).find("PREEMPT") != std::string_view::npos;
  return std::atoi(kernel.release) < 7 || !preemptible;
}

constexpr std::array kFeatures = {
    KernelFeature{"btf", "the kernel describes its types (CONFIG_DEBUG_INFO_BTF)", has_btf},
    KernelFeature{"tp_btf", "tracepoints with typed arguments", has_tp_btf},
    KernelFeature{"unpreempted_tp_btf", "programs at such tracepoints run to their end",
                  has_unpreempted_tp_btf},
    KernelFeature{"fentry", "hooks at the entry of kernel functions", has_fentry},
    KernelFeature{"kprobe", "hooks anywhere in the kernel (CONFIG_KPROBES)", has_kprobe},
    KernelFeature{"lsm", "hooks of the security framework", has_lsm},
    KernelFeature{"iter", "iterators over kernel objects", has_iter},
    KernelFeature{"cgroup_skb", "a cgroup's packets", has_cgroup_skb},
    KernelFeature{"ringbuf", "ring buffers shared by all CPUs", has_ringbuf},
    KernelFeature{"task_storage", "maps that belong to a task", has_task_storage},
    KernelFeature{"loop", "bpf_loop()", has_loop},
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
