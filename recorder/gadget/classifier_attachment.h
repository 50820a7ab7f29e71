// SPDX-License-Identifier: Apache-2.0
// Programs of sections classifier/ingress/NAME and classifier/egress/NAME, at the interfaces of
// every network namespace that workloads have of their own (loopback excepted), as the workload
// sees the direction; or at one interface that a person names, in our own namespace.
//
// They are filters of a clsact queueing discipline (tc-bpf(8)), behind every other filter there, so
// that they change nothing for these. What was put there is taken away again; the discipline stays
// if somebody else has filters in it by then.
#pragma once

#include <bpf/libbpf.h>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/handle.h"
#include "recorder/gadget/packet_dispatcher.h"
#include "recorder/gadget/process_attachment.h"

namespace ig {

class ClassifierAttachment : public ProcessAttachment {
 public:
  // `interface`: "" = those of the workloads. Fails if it is named and not there.
  static Result<std::unique_ptr<ClassifierAttachment>> open(const std::string& interface);
  ~ClassifierAttachment() override;
  ClassifierAttachment(const ClassifierAttachment&) = delete;
  ClassifierAttachment& operator=(const ClassifierAttachment&) = delete;

  // Fails if the section names neither ingress nor egress.
  Result<> add(const bpf_program* program);

  void follow(pid_t pid) override;
  void forget_unseen() override;

 private:
  struct Classifier {
    bpf_tc_attach_point point;
    PacketDispatcher dispatcher;
  };
  struct Filter {
    bpf_tc_attach_point point;
    std::uint32_t handle;
  };
  struct Interface {
    bool has_our_qdisc = false;
    std::vector<Filter> filters;
  };
  struct Network {
    UniqueFd netns;
    std::vector<UniqueFd> dispatchers;  // for each classifier
    std::map<int, Interface> interfaces;
  };

  explicit ClassifierAttachment(int own_interface) : own_interface_(own_interface) {}
  void attach_everywhere(std::uint32_t inode, Network& network);
  void attach(int interface, Network& network);
  void tell_refusal(int interface, int err);
  static void detach(const Network& network);

  int own_interface_;  // index; 0 = those of the workloads
  std::uint32_t own_inode_ = 0;
  std::vector<Classifier> classifiers_;
  std::map<std::uint32_t, Network> networks_;  // by inode
  std::set<std::uint32_t> seen_;
  bool told_refusal_ = false;
};

}  // namespace ig
