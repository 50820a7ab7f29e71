// SPDX-License-Identifier: Apache-2.0
// What watching every system call costs the watched: nanoseconds that a getppid() takes longer with
// each way of advise_seccomp attached, over what an empty program at the same hook takes longer.
// Absolute times differ from machine to machine and from minute to minute, so all are measured in
// one run, on one core, in turns, and the ratio of their medians is what counts. The aim is 1.5.
//
// syscall_cost --loop [CALLS] only makes the calls, for what others attach, and prints the
// nanoseconds of one; --loop-with-empty does so with the empty program attached. --attach-empty
// only attaches it, until it is interrupted.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <linux/bpf.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/handle.h"

namespace ig {
namespace {

constexpr int kRounds = 41;
constexpr int kCalls = 100'000;
constexpr int kWarmUpCalls = 2'000;

using BpfObject = Handle<bpf_object, bpf_object__close>;
using BpfLink = Handle<bpf_link, bpf_link__destroy>;
using Attachment = std::vector<BpfLink>;

// Of this thread's own time, so that what else runs on the machine counts little.
double thread_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

double ns_per_call(int calls = kCalls) {
  const auto call = [](int times) {
    for (int i = 0; i < times; ++i) syscall(SYS_getppid);
  };
  call(std::min(calls, kWarmUpCalls));
  const double start = thread_ns();
  call(calls);
  return (thread_ns() - start) / calls;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

// The least that any program at sys_enter can cost.
UniqueFd load_empty_program() {
  const std::array<bpf_insn, 2> return_zero{
      bpf_insn{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
      bpf_insn{.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0}};
  const int target = libbpf_find_vmlinux_btf_id("sys_enter", BPF_TRACE_RAW_TP);
  LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_RAW_TP,
              .attach_btf_id = static_cast<__u32>(std::max(target, 0)));
  return UniqueFd(bpf_prog_load(BPF_PROG_TYPE_TRACING, "empty", "GPL", return_zero.data(),
                                return_zero.size(), &options));
}

// `counter` is the program that counts; of the others each variant has its own set.
bool belongs(const bpf_program* program, std::string_view counter) {
  const std::string_view name = bpf_program__name(program);
  const std::string_view section = bpf_program__section_name(program);
  if (section.ends_with("sys_enter")) return name == counter;
  return name.starts_with("hash_") == counter.starts_with("hash_");
}

BpfObject load_gadget(std::string_view counter) {
  BpfObject object(bpf_object__open(IG_BPF_DIR "/advise_seccomp.bpf.o"));
  if (!object) return nullptr;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object.get()) {
    bpf_program__set_autoload(program, belongs(program, counter));
  }
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object.get()) {
    if (counter.starts_with("hash_") && bpf_map__type(map) == BPF_MAP_TYPE_TASK_STORAGE) {
      bpf_map__set_autocreate(map, false);
    }
  }
  return bpf_object__load(object.get()) == 0 ? std::move(object) : nullptr;
}

Attachment attach(bpf_object* object) {
  Attachment links;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object) {
    const std::string_view section = bpf_program__section_name(program);
    if (!bpf_program__autoload(program) || section.starts_with("iter")) continue;
    links.emplace_back(bpf_program__attach(program));
  }
  return links;
}

struct Contender {
  std::string name;
  std::function<double()> measure;
  std::vector<double> ns;
};

double measure_gadget(bpf_object* object) {
  const auto links = attach(object);
  return ns_per_call();
}

double measure_empty(int program) {
  const UniqueFd link(bpf_raw_tracepoint_open(nullptr, program));
  return ns_per_call();
}

bool pin_to_one_core() {
  cpu_set_t core;
  CPU_ZERO(&core);
  CPU_SET(sched_getcpu(), &core);
  return sched_setaffinity(0, sizeof(core), &core) == 0;
}

void print(const std::vector<Contender>& contenders) {
  const double base = median(contenders[0].ns);
  const double empty = median(contenders[1].ns) - base;
  fmt::print("{:<27} {:>8} {:>8} {:>11}\n", "attached", "ns/call", "added", "over empty");
  for (const auto& contender : contenders) {
    const double ns = median(contender.ns);
    fmt::print("{:<27} {:>8.1f} {:>8.1f} {:>11.2f}\n", contender.name, ns, ns - base,
               (ns - base) / empty);
  }
}

int run() {
  const auto empty = load_empty_program();
  if (!empty || !pin_to_one_core()) {
    fmt::print(stderr, "error: cannot load a BPF program at sys_enter\nhint: run as root\n");
    return 1;
  }
  std::vector<Contender> contenders{{"nothing", [] { return ns_per_call(); }, {}},
                                    {"empty", [&] { return measure_empty(empty.get()); }, {}}};
  std::vector<BpfObject> objects;
  for (const char* counter : {"count_syscalls", "count_syscalls_unpreempted", "hash_syscalls"}) {
    auto object = load_gadget(counter);
    if (!object) continue;  // not on this kernel
    contenders.push_back({counter, [gadget = object.get()] { return measure_gadget(gadget); }, {}});
    objects.push_back(std::move(object));
  }
  for (int round = 0; round < kRounds; ++round) {
    for (auto& contender : contenders) contender.ns.push_back(contender.measure());
  }
  print(contenders);
  return 0;
}

int loop(bool with_empty, std::string_view digits) {
  int calls = kCalls;
  std::from_chars(digits.begin(), digits.end(), calls);
  const auto empty = with_empty ? load_empty_program() : UniqueFd();
  const UniqueFd link(with_empty ? bpf_raw_tracepoint_open(nullptr, empty.get()) : -1);
  if ((with_empty && !link) || !pin_to_one_core()) return 1;
  fmt::print("{:.1f}\n", ns_per_call(calls));
  return 0;
}

int attach_empty() {
  const auto empty = load_empty_program();
  const UniqueFd link(bpf_raw_tracepoint_open(nullptr, empty.get()));
  if (!link) return 1;
  fmt::print("attached\n");
  std::fflush(stdout);
  ::pause();
  return 0;
}

}  // namespace
}  // namespace ig

int main(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "";
  if (mode == "--loop" || mode == "--loop-with-empty") {
    return ig::loop(mode == "--loop-with-empty", argc > 2 ? argv[2] : "");
  }
  return mode == "--attach-empty" ? ig::attach_empty() : ig::run();
}
