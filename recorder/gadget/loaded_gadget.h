// SPDX-License-Identifier: Apache-2.0
// LoadedGadget: one gadget in the kernel, from load to detach. It knows what it attached and what
// it could not, which is recorded (GadgetRun) and never fatal where the manifest says so.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "recorder/gadget/btf_schema.h"
#include "recorder/gadget/gadget_ladder.h"
#include "recorder/gadget/process_attachment.h"
#include "recorder/source/user_source.h"

namespace ig {

class LoadedGadget {
 public:
  // `gadget` must outlive what is made of it.
  static Result<std::unique_ptr<LoadedGadget>> load(const Gadget& gadget,
                                                    const LoadOptions& options);

  Result<> attach();
  void detach();  // the iterators can still be run, and the source in user space still delivers
  void close_source();

  // For programs that are attached where processes are: in the places of this process, of all.
  void follow(pid_t pid) { attachments_.follow(pid); }
  void follow_all() { attachments_.follow_all(); }
  bool follows() const { return !attachments_.empty(); }

  // Runs the programs that the manifest wants run at this moment; their output is of no interest.
  Result<> run_programs(ProgramManifest::Run when);
  // Runs one iterator and hands on what it writes, in pieces of any size. One that sees only the
  // sockets of a network namespace runs in each of them.
  using OnBytes = std::function<void(std::span<const std::byte>)>;
  Result<> run_iterator(const std::string& program, const OnBytes& on_bytes);

  const Gadget& gadget() const { return gadget_; }
  const std::vector<DataSource>& data_sources() const { return data_sources_; }
  const GadgetRun& run() const { return run_; }
  const std::map<std::string, std::string>& parameters() const { return parameters_; }
  bool in_kernel() const { return in_kernel_; }
  // Where rows come from besides BPF, or without it; nullptr: from nowhere else.
  const UserSourceKind* source_kind() const { return source_kind_; }
  UserSource* user_source() const { return user_source_.get(); }
  // Programs that the taken rung should have and has not, so that something is not recorded.
  std::vector<GadgetRun::Program> misses() const;
  bpf_map* find_map(const std::string& name) const;
  const btf* types() const { return bpf_object__btf(object_.get()); }

  // The counters in the kernel of what went missing: of a map what found no room in it, by the
  // names <map>_lost_samples and <map>_lost_updates; of a program the runs that were skipped, and
  // of its link to a cgroup whether it is one still.
  struct LossCounter {
    int fd;
    Loss::Kind kind;
    std::string name;  // of the map or the program
  };
  std::vector<LossCounter> loss_counters() const;

 private:
  LoadedGadget(const Gadget& gadget, LoadedObject loaded, std::vector<DataSource> sources);
  Result<> attach_program(bpf_program* program);
  void note_unreachable_networks(GadgetRun::Program report);
  Result<std::vector<BpfLink>> link_all(bpf_program* program);
  Result<BpfLink> link(bpf_program* program);
  BpfLink link_iterator(bpf_program* program) const;

  const Gadget& gadget_;
  BpfObject object_;
  std::map<std::string, std::string> parameters_;  // as given, by key
  bool in_kernel_ = true;
  const UserSourceKind* source_kind_ = nullptr;
  std::unique_ptr<UserSource> user_source_;
  std::vector<DataSource> data_sources_;
  GadgetRun run_;
  std::uint64_t frequency_ = 0;    // of what samples; 0 = as the manifest has it
  std::size_t refused_count_ = 0;  // of run_.programs, those of better rungs: they come first
  std::vector<BpfLink> links_;
  std::vector<LossCounter> detachable_;  // those of links_ that others can detach
  ProcessAttachments attachments_;
  std::map<std::string, BpfLink> iterators_;  // by program
};

}  // namespace ig
