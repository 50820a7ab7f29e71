// SPDX-License-Identifier: Apache-2.0
// The gadgets of a recording: each on the best rung that this kernel takes, or left out and told.
#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "recorder/active_recording.h"

namespace ig {
namespace {

Result<Gadget> find_gadget(const GadgetRequest& request, const GadgetCatalog& catalog) {
  if (is_object_path(request.name)) return gadget_from_path(request.name, request.manifest);
  IG_ASSIGN(const auto* gadget, catalog.find(request.name));
  return *gadget;
}

// How a gadget ran that did not.
GadgetRun run_left_out(const Gadget& gadget, const std::string& reason) {
  GadgetRun run;
  run.gadget = gadget.name;
  run.origin = gadget.origin;
  run.programs.push_back({gadget.name, "", false, reason, "all its rows"});
  return run;
}

}  // namespace

// All are loaded before the first is attached, so that they see the same from nearly the same
// moment. One that cannot run here is left out, unless none is left.
Result<> ActiveRecording::open_gadgets() {
  IG_ASSIGN(const auto catalog, GadgetCatalog::open(options_.gadget_paths));
  for (const auto& request : options_.gadgets) {
    IG_ASSIGN(auto running, plan_gadget(request, catalog));
    gadgets_.push_back(std::move(running));
  }
  const auto keep_if = [this](auto deed) -> Result<> {
    std::vector<std::unique_ptr<Running>> kept;
    for (auto& running : gadgets_) {
      if (auto done = deed(*running); !done) {
        IG_TRY(leave_out(*running, done.error()));
      } else {
        kept.push_back(std::move(running));
      }
    }
    gadgets_ = std::move(kept);
    return {};
  };
  IG_TRY(keep_if([this](Running& running) { return load(running); }));
  drop_servants();
  // A source in user space may take seconds to open, while the rings of others would fill.
  std::stable_partition(gadgets_.begin(), gadgets_.end(), [](const auto& running) {
    return running->loaded->user_source() != nullptr;
  });
  IG_TRY(keep_if([this](Running& running) { return attach(running); }));
  drop_servants();
  if (gadgets_.empty()) return std::unexpected(bpf_refused_.value_or(*first_left_out_));
  for (const auto& running : gadgets_) losses_.add(*running->loaded);
  return {};
}

// Else a gadget that says nothing by itself would keep a recording alive that records nothing.
void ActiveRecording::drop_servants() {
  const auto runs = [this](const std::string& name) {
    return std::ranges::any_of(gadgets_,
                               [&](const auto& running) { return running->gadget.name == name; });
  };
  std::erase_if(gadgets_, [&](const auto& running) {
    return !running->serves.empty() && !runs(running->serves);
  });
}

// For gadgets from elsewhere that look processes up by their sockets.
Result<> ActiveRecording::open_enricher() {
  if (enricher_) return {};
  IG_ASSIGN(auto enricher, SocketEnricher::open(btf_.path));
  IG_TRY(enricher->attach());
  enricher_ = std::move(enricher);
  shared_maps_.add(SocketEnricher::kMap, enricher_->map_fd());
  losses_.add(enricher_->gadget());
  return {};
}

Result<std::unique_ptr<ActiveRecording::Running>> ActiveRecording::plan_gadget(
    const GadgetRequest& request, const GadgetCatalog& catalog) const {
  auto running = std::make_unique<Running>();
  IG_ASSIGN(running->gadget, find_gadget(request, catalog));
  running->serves = request.serves;
  if (const auto deed = running->gadget.missing_module(); !deed.empty()) {
    log::warning("gadget {}: its WebAssembly module is not run, which does: {}",
                 running->gadget.name, deed);
  }
  auto& load = running->options;
  load.shared_maps = &shared_maps_;
  load.ring_bytes = options_.ring_bytes;
  load.btf_path = btf_.path;
  IG_ASSIGN(load.parameters, parameters(request, running->gadget));
  if (is_filtered()) load.constants = {{kFilterByMntns, 1}, {kFilterByCgroup, 1}};
  if (selects_workloads()) load.constants.insert({"gadget_admit_new", 1});
  return running;
}

Result<> ActiveRecording::load(Running& running) {
  running.sources.reset();
  if (SocketEnricher::is_needed_by(running.gadget)) {
    IG_TRY(open_enricher());
    running.options.btf_path = enricher_->btf_path();
  }
  IG_ASSIGN(running.loaded, LoadedGadget::load(running.gadget, running.options));
  IG_ASSIGN(running.sources,
            GadgetSources::open(*running.loaded, delivery_, tracker_, options_.map_interval));
  return {};
}

// What the verifier took may not be attachable all the same (this kernel lacks the tracepoint):
// then a lower rung is tried.
Result<> ActiveRecording::attach(Running& running) {
  while (true) {
    auto attached = running.loaded->attach();
    if (attached) break;
    const auto variant = running.loaded->run().variant;
    const bool forced = running.options.parameters.contains(kVariantParameter);
    const bool alone = running.gadget.manifest.variants.size() < 2;
    if (forced || alone || attached.error().code == ErrorCode::kUsage) return attached;
    running.options.unattachable.insert({variant, attached.error().message});
    IG_TRY(load(running));
  }
  IG_TRY(sink_.gadget_run(running.loaded->run()));
  keep_misses(*running.loaded);
  return {};
}

// Mistakes of the person's and a full disk are not this kernel's: they end the recording, as does a
// lone gadget.
Result<> ActiveRecording::leave_out(const Running& running, const Error& error) {
  const bool mistake = error.code == ErrorCode::kUsage || error.code == ErrorCode::kInvalid;
  if (mistake || error.code == ErrorCode::kFull) return std::unexpected(error);
  if (options_.gadgets.size() == 1) return std::unexpected(bpf_refused_.value_or(error));
  if (!first_left_out_) first_left_out_ = error;
  const auto& gadget = running.gadget;
  misses_.push_back({.gadget = gadget.name,
                     .kind = Loss::Kind::kNotAttached,
                     .count = 1,
                     .from_ns = last_losses_ns_,
                     .to_ns = last_losses_ns_,
                     .detail = error.message});
  return sink_.gadget_run(run_left_out(gadget, error.message));
}

// --pid and --comm are parameters that most gadgets have: there they filter in the kernel.
Result<std::map<std::string, std::string>> ActiveRecording::parameters(const GadgetRequest& request,
                                                                       const Gadget& gadget) const {
  auto values = request.parameters;
  const auto& selector = options_.selector;
  if (selector.pid.size() > 1 || selector.comm.size() > 1) {
    return fail(ErrorCode::kUsage, "a recording takes one --pid and one --comm",
                "record more, and select when you report or advise");
  }
  std::map<std::string, std::string> asked;
  if (!selector.pid.empty()) asked["pid"] = std::to_string(selector.pid.front());
  if (!selector.comm.empty()) asked["comm"] = selector.comm.front();
  for (const auto& parameter : gadget.manifest.parameters) {
    const auto it = asked.find(parameter.key);
    if (it == asked.end()) continue;
    values.insert(*it);
    asked.erase(it);
  }
  for (const auto& [key, value] : asked) {
    log::warning("gadget {} cannot filter by --{}: it records everything", gadget.name, key);
  }
  return values;
}

// What a poorer rung cannot fill is no loss: the gadget run says it. A program that is missing on
// the taken rung is one.
void ActiveRecording::keep_misses(const LoadedGadget& gadget) {
  for (const auto& program : gadget.misses()) {
    misses_.push_back(
        {.gadget = gadget.gadget().name,
         .kind = Loss::Kind::kNotAttached,
         .count = 1,
         .from_ns = last_losses_ns_,
         .to_ns = last_losses_ns_,
         .detail = fmt::format("program {} ({}): {}; stays empty: {}", program.name,
                               program.section, program.reason, program.leaves_empty)});
  }
}

}  // namespace ig
