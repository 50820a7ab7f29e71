// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/loaded_gadget.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>
#include <ranges>
#include <system_error>

#include "base/text.h"
#include "recorder/gadget/btf_reader.h"
#include "recorder/gadget/cgroup2_root.h"
#include "recorder/gadget/gadget_parameters.h"
#include "recorder/gadget/libbpf_log.h"
#include "recorder/gadget/network_namespaces.h"
#include "recorder/gadget/perf_attachment.h"
#include "recorder/gadget/tracepoint_attachment.h"

namespace ig {
namespace {

std::string parameters_text(const std::map<std::string, std::string>& parameters) {
  std::vector<std::string> words;
  for (const auto& [key, value] : parameters) words.push_back(fmt::format("{}={}", key, value));
  return join(words, " ");
}

bool is_cgroup_program(bpf_prog_type type) {
  switch (type) {
    case BPF_PROG_TYPE_CGROUP_SKB:
    case BPF_PROG_TYPE_CGROUP_SOCK:
    case BPF_PROG_TYPE_CGROUP_SOCK_ADDR:
    case BPF_PROG_TYPE_CGROUP_SOCKOPT:
    case BPF_PROG_TYPE_CGROUP_DEVICE:
    case BPF_PROG_TYPE_CGROUP_SYSCTL:
    case BPF_PROG_TYPE_SOCK_OPS:
      return true;
    default:
      return false;
  }
}

bool is_iterator(const bpf_program* program) {
  return bpf_program__expected_attach_type(program) == BPF_TRACE_ITER;
}

// Of what each network namespace has its own list of.
bool is_network_iterator(const bpf_program* program) {
  constexpr std::string_view kSections[] = {"iter/tcp", "iter/udp", "iter/unix", "iter/netlink"};
  return std::ranges::find(kSections, bpf_program__section_name(program)) != std::end(kSections);
}

Result<> read_iterator(const UniqueFd& iterator, const std::string& deed,
                       const std::function<void(std::span<const std::byte>)>& on_bytes) {
  if (!iterator) return std::unexpected(system_error(errno, deed));
  std::array<std::byte, 64 * 1024> buffer;
  while (true) {
    const auto size = read(iterator.get(), buffer.data(), buffer.size());
    if (size == 0) return {};
    // EAGAIN: the kernel walked a million objects without output and wants to be asked again.
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (size < 0) return std::unexpected(system_error(errno, deed));
    on_bytes(std::span(buffer).first(static_cast<std::size_t>(size)));
  }
}

std::uint64_t largest_ring(const bpf_object* object) {
  std::uint64_t bytes = 0;
  const bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    if (bpf_map__type(map) == BPF_MAP_TYPE_RINGBUF && bpf_map__fd(map) >= 0) {
      bytes = std::max<std::uint64_t>(bytes, bpf_map__max_entries(map));
    }
  }
  return bytes;
}

// Attached at the root of the hierarchy, a program sees every cgroup.
Result<BpfLink> link_to_cgroup_root(bpf_program* program) {
  IG_ASSIGN(const auto root, cgroup2_root());
  const UniqueFd directory(open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return std::unexpected(system_error(errno, "open " + root));
  BpfLink link(bpf_program__attach_cgroup(program, directory.get()));
  if (link) return link;
  return std::unexpected(system_error(errno, "attach to the root of cgroup2"));
}

// Where the manifest names another target for a hook that is chosen at attach time.
BpfLink link_to(bpf_program* program, const std::string& target) {
  const std::string_view section = bpf_program__section_name(program);
  if (section.starts_with("kprobe/") || section.starts_with("kretprobe/")) {
    return BpfLink(
        bpf_program__attach_kprobe(program, section.starts_with("kret"), target.c_str()));
  }
  if (bpf_program__type(program) == BPF_PROG_TYPE_RAW_TRACEPOINT) {
    return BpfLink(bpf_program__attach_raw_tracepoint(program, target.c_str()));
  }
  return BpfLink(bpf_program__attach(program));  // set before it was loaded
}

}  // namespace

LoadedGadget::LoadedGadget(const Gadget& gadget, LoadedObject loaded,
                           std::vector<DataSource> sources)
    : gadget_(gadget),
      object_(std::move(loaded.object)),
      in_kernel_(loaded.in_kernel),
      source_kind_(find_user_source(loaded.source)),
      data_sources_(std::move(sources)) {
  run_.gadget = gadget.name;
  run_.origin = gadget.origin;
  run_.variant = loaded.variant;
  run_.ring_bytes = largest_ring(object_.get());
  run_.programs = std::move(loaded.refused);
  refused_count_ = run_.programs.size();
  std::ranges::move(loaded.dropped, std::back_inserter(run_.programs));
}

Result<std::unique_ptr<LoadedGadget>> LoadedGadget::load(const Gadget& gadget,
                                                         const LoadOptions& options) {
  IG_ASSIGN(auto sources, read_data_sources(gadget));
  IG_ASSIGN(auto object, load_best_variant(gadget, options));
  std::unique_ptr<LoadedGadget> loaded(
      new LoadedGadget(gadget, std::move(object), std::move(sources)));
  loaded->run_.parameters = parameters_text(options.parameters);
  IG_ASSIGN(loaded->frequency_, sampling_frequency(gadget, options.parameters));
  loaded->parameters_ = options.parameters;
  if (const auto* kind = loaded->source_kind_) {
    if (loaded->data_sources_.empty()) {
      return fail(ErrorCode::kInvalid, fmt::format("gadget {} declares no rows for its source {}",
                                                   gadget.name, kind->name));
    }
    loaded->user_source_ = kind->make(gadget, UserParameters(gadget, options.parameters));
  }
  return loaded;
}

Result<> LoadedGadget::attach() {
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object_.get()) {
    if (bpf_program__fd(program) < 0) continue;
    IG_TRY(attach_program(program));
  }
  const auto tried = run_.programs | std::views::drop(refused_count_);
  if (!tried.empty() && std::ranges::none_of(tried, &GadgetRun::Program::attached)) {
    std::vector<std::string> reasons;
    for (const auto& one : tried) {
      reasons.push_back(fmt::format("{}: {}", one.name, one.reason));
    }
    return fail(ErrorCode::kUnsupported,
                fmt::format("gadget {}: none of its programs runs here; {}", gadget_.name,
                            join(reasons, "; ")));
  }
  attachments_.follow_all();
  if (!user_source_) return {};
  IG_TRY(user_source_->open());
  run_.programs.push_back({std::string(source_kind_->name), "user space", true, "", ""});
  return {};
}

Result<> LoadedGadget::attach_program(bpf_program* program) {
  const std::string name = bpf_program__name(program);
  GadgetRun::Program report{name, bpf_program__section_name(program), true, "", ""};
  const LibbpfLog words_of_libbpf;
  auto attached = link_all(program);
  if (!attached) {
    const bool misused = attached.error().code == ErrorCode::kUsage;
    if (misused || !gadget_.may_miss(name)) {
      attached.error().message =
          fmt::format("gadget {}: program {}: {}", gadget_.name, name, attached.error().message);
      return std::unexpected(attached.error());
    }
    report.attached = false;
    report.reason = attached.error().message;
    report.leaves_empty = gadget_.empty_without(name);
  } else if (is_iterator(program)) {
    iterators_[name] = std::move(attached->front());
    if (is_network_iterator(program)) note_unreachable_networks(report);
  } else {
    if (is_cgroup_program(bpf_program__type(program))) {
      detachable_.push_back({bpf_link__fd(attached->front().get()), Loss::Kind::kDetached, name});
    }
    std::ranges::move(*attached, std::back_inserter(links_));
  }
  run_.programs.push_back(std::move(report));
  return {};
}

// It runs once in each network namespace that we may enter.
void LoadedGadget::note_unreachable_networks(GadgetRun::Program report) {
  const auto may_enter = may_enter_network_namespaces();
  if (may_enter) return;
  report.attached = false;
  report.reason = may_enter.error().message;
  report.leaves_empty = "what is in other network namespaces";
  run_.programs.push_back(std::move(report));
}

// A program may be attached in several places.
Result<std::vector<BpfLink>> LoadedGadget::link_all(bpf_program* program) {
  const auto* manifest = gadget_.manifest.find_program(bpf_program__name(program));
  if (bpf_program__type(program) == BPF_PROG_TYPE_PERF_EVENT) {
    return attach_to_perf(program, manifest ? manifest->perf : PerfManifest{}, frequency_);
  }
  IG_ASSIGN(auto single, link(program));
  std::vector<BpfLink> links;
  links.push_back(std::move(single));
  return links;
}

Result<BpfLink> LoadedGadget::link(bpf_program* program) {
  if (is_cgroup_program(bpf_program__type(program))) return link_to_cgroup_root(program);
  const auto* manifest = gadget_.manifest.find_program(bpf_program__name(program));
  auto target = manifest ? manifest->attach_to : "";
  const auto interface = parameters_.find(kInterfaceParameter);
  if (bpf_program__type(program) == BPF_PROG_TYPE_SCHED_CLS && interface != parameters_.end()) {
    target = interface->second;
  }
  IG_ASSIGN(const bool by_process, attachments_.add(program, target));
  if (by_process) return BpfLink();
  if (bpf_program__type(program) == BPF_PROG_TYPE_TRACEPOINT) {
    const std::string_view section = bpf_program__section_name(program);  // "tracepoint/sched/x"
    const auto slash = section.find('/');
    if (target.empty() && slash != section.npos) target = section.substr(slash + 1);
    return attach_to_tracepoint(program, target);
  }
  BpfLink link;
  if (is_iterator(program)) {
    link = link_iterator(program);
  } else if (manifest != nullptr && !manifest->attach_to.empty()) {
    link = link_to(program, manifest->attach_to);
  } else {
    link.reset(bpf_program__attach(program));
  }
  if (link) return link;
  const std::string section = bpf_program__section_name(program);
  if (errno == EOPNOTSUPP || errno == EINVAL) {
    return fail(ErrorCode::kUnsupported, fmt::format("no way to attach {}", section));
  }
  return std::unexpected(system_error(errno, "attach " + section));
}

BpfLink LoadedGadget::link_iterator(bpf_program* program) const {
  // An iterator over a map's elements has to be told which map.
  const auto prefix = fmt::format("gadget_mapelem_iter_target_{}___", bpf_program__name(program));
  bpf_iter_link_info info{};
  LIBBPF_OPTS(bpf_iter_attach_opts, options);
  for (const auto variable :
       BtfReader(bpf_object__btf(object_.get())).variables_with_prefix(prefix)) {
    const auto* map = find_map(std::string(variable.substr(prefix.size())));
    if (map == nullptr) continue;
    info.map.map_fd = static_cast<__u32>(bpf_map__fd(map));
    options.link_info = &info;
    options.link_info_len = sizeof info;
  }
  return BpfLink(bpf_program__attach_iter(program, &options));
}

void LoadedGadget::detach() {
  links_.clear();
  attachments_.clear();
}

void LoadedGadget::close_source() {
  if (user_source_) user_source_->close();
}

Result<> LoadedGadget::run_programs(ProgramManifest::Run when) {
  for (const auto& program : gadget_.manifest.programs) {
    if (program.run != when) continue;
    IG_TRY(run_iterator(program.name, [](std::span<const std::byte>) {}));
  }
  return {};
}

Result<> LoadedGadget::run_iterator(const std::string& program, const OnBytes& on_bytes) {
  const auto it = iterators_.find(program);
  if (it == iterators_.end()) return {};  // optional, and reported as missing
  const auto deed = fmt::format("run iterator {} of gadget {}", program, gadget_.name);
  UniqueFd iterator;
  const auto create = [&] { iterator.reset(bpf_iter_create(bpf_link__fd(it->second.get()))); };
  create();
  IG_TRY(read_iterator(iterator, deed, on_bytes));
  if (!is_network_iterator(bpf_object__find_program_by_name(object_.get(), program.c_str()))) {
    return {};
  }
  for (const auto& network : other_network_namespaces()) {
    IG_TRY(within_network_namespace(network, create));
    IG_TRY(read_iterator(iterator, deed, on_bytes));
  }
  return {};
}

std::vector<GadgetRun::Program> LoadedGadget::misses() const {
  std::vector<GadgetRun::Program> misses;
  std::ranges::copy_if(run_.programs | std::views::drop(refused_count_), std::back_inserter(misses),
                       [](const GadgetRun::Program& program) {
                         return !program.attached && !program.leaves_empty.empty();
                       });
  return misses;
}

bpf_map* LoadedGadget::find_map(const std::string& name) const {
  return bpf_object__find_map_by_name(object_.get(), name.c_str());
}

std::vector<LoadedGadget::LossCounter> LoadedGadget::loss_counters() const {
  constexpr std::pair<std::string_view, Loss::Kind> kSuffixes[] = {
      {"_lost_samples", Loss::Kind::kRingFull}, {"_lost_updates", Loss::Kind::kMapFull}};
  auto counters = detachable_;
  const bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object_.get()) {
    const std::string name = bpf_map__name(map);
    if (bpf_map__fd(map) < 0) continue;  // the object is not loaded
    for (const auto& [suffix, kind] : kSuffixes) {
      if (!name.ends_with(suffix) || bpf_map__type(map) != BPF_MAP_TYPE_PERCPU_ARRAY ||
          bpf_map__value_size(map) != sizeof(std::uint64_t)) {
        continue;
      }
      counters.push_back({bpf_map__fd(map), kind, name.substr(0, name.size() - suffix.size())});
    }
  }
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object_.get()) {
    const int fd = bpf_program__fd(program);
    if (fd >= 0) counters.push_back({fd, Loss::Kind::kSkipped, bpf_program__name(program)});
  }
  return counters;
}

}  // namespace ig
