// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/perf_attachment.h"

#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "base/handle.h"

namespace ig {
namespace {

struct PerfEvent {
  std::string_view type, config;  // as upstream's manifests name them
  std::uint32_t type_number;
  std::uint64_t config_number;
};
constexpr PerfEvent kEvents[] = {
    {"software", "count_sw_cpu_clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK},
    {"software", "count_sw_task_clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK},
    {"software", "count_sw_page_faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS},
    {"software", "count_sw_context_switches", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES},
    {"software", "count_sw_cpu_migrations", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_MIGRATIONS},
    {"software", "count_sw_page_faults_min", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MIN},
    {"software", "count_sw_page_faults_maj", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MAJ},
    {"hardware", "count_hw_cpu_cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES},
    {"hardware", "count_hw_instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS},
    {"hardware", "count_hw_cache_misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES},
    {"hardware", "count_hw_branch_misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES},
};

Result<perf_event_attr> attributes(const PerfManifest& perf, std::uint64_t frequency) {
  const auto* event = std::ranges::find_if(kEvents, [&](const PerfEvent& known) {
    return known.type == perf.type && known.config == perf.config;
  });
  if (event == std::end(kEvents)) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("no perf event '{}' of type '{}' is known", perf.config, perf.type));
  }
  if (frequency == 0) {
    return fail(ErrorCode::kUsage, "a sampler needs a frequency",
                "set the parameter frequency, or programs.<name>.sampler.frequency");
  }
  perf_event_attr attr{};
  attr.size = sizeof attr;
  attr.type = event->type_number;
  attr.config = event->config_number;
  attr.sample_freq = frequency;
  attr.freq = 1;
  return attr;
}

Error open_error(int err, std::uint64_t frequency) {
  auto error = system_error(err, fmt::format("sample at {} Hz", frequency));
  if (err == EINVAL) error.hint = "/proc/sys/kernel/perf_event_max_sample_rate is the limit";
  if (err == EACCES || err == EPERM) error.hint = "sampling needs CAP_PERFMON: run ig as root";
  return error;
}

}  // namespace

Result<std::vector<BpfLink>> attach_to_perf(bpf_program* program, const PerfManifest& perf,
                                            std::uint64_t frequency) {
  if (frequency == 0) frequency = perf.frequency;
  IG_ASSIGN(auto attr, attributes(perf, frequency));
  std::vector<BpfLink> links;
  const int cpus = libbpf_num_possible_cpus();
  for (int cpu = 0; cpu < cpus; ++cpu) {
    UniqueFd event(
        static_cast<int>(syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC)));
    if (!event && errno == ENODEV) continue;  // offline
    if (!event) return std::unexpected(open_error(errno, frequency));
    BpfLink link(bpf_program__attach_perf_event(program, event.get()));
    if (!link) return std::unexpected(system_error(errno, "attach to a perf event"));
    event.release();  // the link closes it
    links.push_back(std::move(link));
  }
  return links;
}

}  // namespace ig
