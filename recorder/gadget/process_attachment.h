// SPDX-License-Identifier: Apache-2.0
// Programs that no single hook runs everywhere: they are attached once for each place that
// processes are in (a network namespace and its interfaces, a library's file), and in the places
// that appear later too.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "recorder/gadget/bpf_handles.h"

namespace ig {

// A kind of places.
class ProcessAttachment {
 public:
  virtual ~ProcessAttachment() = default;
  // Attaches where this process is, unless that was done before. A process that is gone already and
  // a place that has nothing to attach to are no errors.
  virtual void follow(pid_t pid) = 0;
  // After a look at all processes: what none of them was in is let go.
  virtual void forget_unseen() = 0;
};

class ClassifierAttachment;
class UprobeAttachment;

// All such programs of one gadget. They outlive it.
class ProcessAttachments {
 public:
  ProcessAttachments();
  ~ProcessAttachments();

  // False if the program is of no such kind. `target`: another one than its section names, or "";
  // of a classifier the interface.
  Result<bool> add(const bpf_program* program, const std::string& target);
  bool empty() const { return attachments_.empty(); }
  void follow(pid_t pid);
  void follow_all();  // everything in /proc
  void clear();

 private:
  std::vector<std::unique_ptr<ProcessAttachment>> attachments_;
  // One for all such programs, within attachments_.
  ClassifierAttachment* classifiers_ = nullptr;
  UprobeAttachment* uprobes_ = nullptr;
};

}  // namespace ig
