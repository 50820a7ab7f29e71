// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/gadget_ladder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <system_error>

#include "base/log.h"
#include "base/text.h"
#include "recorder/gadget/foreign_maps.h"
#include "recorder/gadget/gadget_parameters.h"
#include "recorder/gadget/libbpf_log.h"
#include "recorder/kernel/kernel_features.h"
#include "recorder/source/user_source.h"

namespace ig {
namespace {

constexpr std::string_view kDisabled = "gadget_program_disabled";  // upstream's value of attach_to

struct SectionType {
  std::string_view prefix;
  bpf_prog_type type;
};
// Sections of the contract that libbpf does not know.
constexpr SectionType kSectionTypes[] = {
    {"socket", BPF_PROG_TYPE_SOCKET_FILTER},
    {"perf_event/", BPF_PROG_TYPE_PERF_EVENT},
    {"classifier/", BPF_PROG_TYPE_SCHED_CLS},
};

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::string errno_text(int err) { return std::generic_category().message(err); }

// Tries one rung after the other.
class Ladder {
 public:
  Ladder(const Gadget& gadget, const LoadOptions& options) : gadget_(gadget), options_(options) {}

  Result<LoadedObject> climb() {
    if (gadget_.manifest.variants.empty()) return load(nullptr);
    IG_ASSIGN(const auto* forced, forced_variant(gadget_, options_.parameters));
    Result<LoadedObject> last = fail(ErrorCode::kUnsupported, "no variant");
    std::vector<std::string> refusals;
    for (const auto& variant : gadget_.manifest.variants) {
      last = try_variant(variant, forced);
      // Wrong parameters are wrong on every rung.
      if (last || last.error().code == ErrorCode::kUsage) return last;
      if (&variant == forced) {
        last.error().message =
            fmt::format("gadget {}: variant {}: {}", gadget_.name, variant.name, refusal_);
        return last;
      }
      log::debug("gadget {}: variant {}: {}", gadget_.name, variant.name, refusal_);
      refusals.push_back(fmt::format("variant {}: {}", variant.name, refusal_));
      for (const auto& program : variant.programs) {
        refused_.push_back({program, "", false, refusals.back(), ""});
      }
    }
    last.error().message =
        fmt::format("cannot load gadget {}: {}", gadget_.name, join(refusals, "; "));
    return last;
  }

 private:
  Result<LoadedObject> try_variant(const VariantManifest& variant, const VariantManifest* forced) {
    const auto known = options_.unattachable.find(variant.name);
    if (forced != nullptr && &variant != forced) {
      refusal_ = fmt::format("{} was asked for", forced->name);
    } else if (known != options_.unattachable.end()) {
      refusal_ = known->second;
    } else {
      return load(&variant);
    }
    return fail(ErrorCode::kUnsupported, refusal_);
  }

  // Optional programs are dropped one at a time until the kernel takes the rest.
  Result<LoadedObject> load(const VariantManifest* variant) {
    if (const auto missing = missing_feature(variant); !missing.empty()) {
      refusal_ = fmt::format("this kernel has no {}", missing);
      return fail(ErrorCode::kUnsupported, fmt::format("gadget {}: {}", gadget_.name, refusal_));
    }
    std::vector<GadgetRun::Program> dropped;
    if (variant != nullptr && !variant->source.empty()) {
      IG_TRY(check_source(*variant));
      if (variant->programs.empty()) return open_unloaded(*variant);
    }
    while (true) {
      const LibbpfLog words;
      IG_ASSIGN(auto object, open(variant, dropped));
      const int err = target_error_ != 0 ? target_error_ : -bpf_object__load(object.get());
      if (err == 0) return finish(std::move(object), variant, std::move(dropped));
      const auto blamed = target_error_ != 0 ? mistargeted_ : words.blamed_program();
      refusal_ = blamed.empty() ? errno_text(err) : fmt::format("{}: {}", blamed, errno_text(err));
      if (!is_optional(blamed) || already(dropped, blamed)) {
        return std::unexpected(load_error(err, words));
      }
      dropped.push_back(miss(object.get(), blamed, errno_text(err)));
    }
  }

  Result<> check_source(const VariantManifest& variant) {
    const auto* kind = find_user_source(variant.source);
    Result<> usable =
        kind == nullptr
            ? Result<>(fail(ErrorCode::kUnsupported, "this ig has no source " + variant.source))
            : kind->check();
    if (!usable) refusal_ = usable.error().message;
    return usable;
  }

  // For the check of its parameters.
  Result<LoadedObject> open_unloaded(const VariantManifest& variant) {
    const LibbpfLog words;
    IG_ASSIGN(auto object, open(&variant, {}));
    return finish(std::move(object), &variant, {});
  }

  static std::string missing_feature(const VariantManifest* variant) {
    if (variant == nullptr) return "";
    for (const auto& feature : variant->requires_features) {
      if (!has_kernel_feature(feature)) return feature;
    }
    return "";
  }

  Result<BpfObject> open(const VariantManifest* variant,
                         const std::vector<GadgetRun::Program>& dropped) {
    LIBBPF_OPTS(bpf_object_open_opts, open_options, .object_name = gadget_.name.c_str());
    if (!options_.btf_path.empty()) open_options.btf_custom_path = options_.btf_path.c_str();
    BpfObject object(
        bpf_object__open_mem(gadget_.object.data(), gadget_.object.size(), &open_options));
    if (!object) {
      refusal_ = errno_text(errno);
      return std::unexpected(system_error(errno, fmt::format("open gadget {}", gadget_.name)));
    }
    target_error_ = 0;
    bpf_program* program = nullptr;
    bpf_object__for_each_program(program, object.get()) { choose(program, variant, dropped); }
    IG_TRY(set_maps(object.get()));
    for (const auto& [name, value] : options_.constants) set_constant(object.get(), name, value);
    IG_TRY(set_parameters(object.get(), gadget_, options_.parameters));
    IG_ASSIGN(inner_patterns_, adapt_maps(object.get()));
    return object;
  }

  void choose(bpf_program* program, const VariantManifest* variant,
              const std::vector<GadgetRun::Program>& dropped) {
    const std::string_view name = bpf_program__name(program);
    const std::string_view section = bpf_program__section_name(program);
    if (bpf_program__type(program) == BPF_PROG_TYPE_UNSPEC) {
      for (const auto& known : kSectionTypes) {
        if (section.starts_with(known.prefix)) bpf_program__set_type(program, known.type);
      }
    }
    const auto* words = gadget_.manifest.find_program(name);
    const std::string target = words == nullptr ? "" : words->attach_to;
    const bool wanted = target != kDisabled && belongs(name, variant) && !already(dropped, name);
    bpf_program__set_autoload(program, wanted);
    const auto type = bpf_program__type(program);
    if (wanted && !target.empty() && (type == BPF_PROG_TYPE_TRACING || type == BPF_PROG_TYPE_LSM)) {
      aim(program, target);
    }
  }

  // libbpf 1.1 leaks the kernel's types when an object that was given a target is not loaded after
  // all, so it is asked first whether the target is there.
  void aim(bpf_program* program, const std::string& target) {
    const int id =
        libbpf_find_vmlinux_btf_id(target.c_str(), bpf_program__expected_attach_type(program));
    if (id > 0) {
      bpf_program__set_attach_target(program, 0, target.c_str());
      return;
    }
    target_error_ = -id;
    mistargeted_ = bpf_program__name(program);
  }

  // What no variant names belongs to all of them.
  bool belongs(std::string_view program, const VariantManifest* variant) const {
    if (variant == nullptr || contains(variant->programs, program)) return true;
    return std::ranges::none_of(gadget_.manifest.variants, [&](const VariantManifest& other) {
      return contains(other.programs, program);
    });
  }

  Result<> set_maps(bpf_object* object) const {
    bpf_map* map = nullptr;
    bpf_object__for_each_map(map, object) {
      const int shared = options_.shared_maps ? options_.shared_maps->find(bpf_map__name(map)) : -1;
      if (shared >= 0 && bpf_map__reuse_fd(map, shared) != 0) {
        return std::unexpected(system_error(
            errno, fmt::format("share map {} with gadget {}", bpf_map__name(map), gadget_.name)));
      }
      // Of a rung that this kernel does not get; libbpf would create it all the same.
      if (bpf_map__type(map) == BPF_MAP_TYPE_TASK_STORAGE && !has_kernel_feature("task_storage")) {
        bpf_map__set_autocreate(map, false);
      }
      if (bpf_map__type(map) != BPF_MAP_TYPE_RINGBUF || options_.ring_bytes == 0) continue;
      bpf_map__set_max_entries(map, static_cast<__u32>(ring_size(options_.ring_bytes)));
    }
    return {};
  }

  // The kernel takes powers of two from one page on.
  static std::uint64_t ring_size(std::uint64_t bytes) {
    const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    constexpr std::uint64_t kMost = 1U << 30;
    return std::bit_ceil(std::clamp(bytes, page, kMost));
  }

  bool is_optional(const std::string& program) const {
    return !program.empty() && gadget_.may_miss(program);
  }

  static bool already(const std::vector<GadgetRun::Program>& dropped, std::string_view name) {
    return std::ranges::find(dropped, name, &GadgetRun::Program::name) != dropped.end();
  }

  GadgetRun::Program miss(bpf_object* object, const std::string& name, std::string reason) const {
    const auto* program = bpf_object__find_program_by_name(object, name.c_str());
    return {name, program ? bpf_program__section_name(program) : "", false, std::move(reason),
            gadget_.empty_without(name)};
  }

  LoadedObject finish(BpfObject object, const VariantManifest* variant,
                      std::vector<GadgetRun::Program> dropped) {
    LoadedObject loaded{
        std::move(object), variant ? variant->name : "", "", true, {}, std::move(refused_),
        std::move(dropped)};
    if (variant != nullptr) loaded.leaves_empty = variant->leaves_empty;
    if (variant != nullptr) loaded.source = variant->source;
    loaded.in_kernel = loaded.source.empty() || !variant->programs.empty();
    // A program that the taken rung shares with a refused one was not refused.
    std::erase_if(loaded.refused, [&](GadgetRun::Program& program) {
      const auto* found =
          bpf_object__find_program_by_name(loaded.object.get(), program.name.c_str());
      if (found != nullptr) program.section = bpf_program__section_name(found);
      return found != nullptr && bpf_program__fd(found) >= 0;
    });
    if (!loaded.refused.empty()) {
      loaded.refused.front().leaves_empty = join(loaded.leaves_empty, ", ");
    }
    return loaded;
  }

  Error load_error(int err, const LibbpfLog& words) const {
    auto error = system_error(err, fmt::format("load gadget {}", gadget_.name));
    error.message = fmt::format("cannot load gadget {}: {}", gadget_.name, refusal_);
    if (err == EINVAL || err == ESRCH || err == ENOENT) error.code = ErrorCode::kUnsupported;
    if (err == EPERM && geteuid() != 0) {
      error.hint = "loading BPF needs CAP_BPF and CAP_PERFMON: run ig as root";
    } else if (err == EPERM) {
      error.hint = "this kernel does not permit such programs; ig probe says which it does";
    } else if (const auto reason = words.reason(); !reason.empty()) {
      error.hint = fmt::format("the kernel said: {} (--verbose shows all)", reason);
    }
    return error;
  }

  const Gadget& gadget_;
  const LoadOptions& options_;
  std::string refusal_;                   // why the last rung was refused
  std::vector<UniqueFd> inner_patterns_;  // of the object at trial
  int target_error_ = 0;  // of a program that the manifest aims at what this kernel lacks
  std::string mistargeted_;
  std::vector<GadgetRun::Program> refused_;
};

}  // namespace

Result<LoadedObject> load_best_variant(const Gadget& gadget, const LoadOptions& options) {
  return Ladder(gadget, options).climb();
}

}  // namespace ig
