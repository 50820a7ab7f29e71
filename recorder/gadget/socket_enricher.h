// SPDX-License-Identifier: Apache-2.0
// SocketEnricher: bpf/socket_enricher.bpf.c at work. Gadgets of Inspektor Gadget's contract that
// look at packets find the process behind one in a map `gadget_sockets`, which their runner fills,
// and are fitted to its values by CO-RE, so their runner also has to describe these.
#pragma once

#include <memory>
#include <string>

#include "base/handle.h"
#include "recorder/gadget/loaded_gadget.h"

namespace ig {

class SocketEnricher {
 public:
  static constexpr const char* kMap = "gadget_sockets";

  // Whether that gadget's object has such a map.
  static bool is_needed_by(const Gadget& gadget);

  // `btf_path`: of the kernel's types, "" = its own.
  static Result<std::unique_ptr<SocketEnricher>> open(const std::string& btf_path);
  // From here on sockets are known, those that are open already too.
  Result<> attach();
  Result<> forget_closed();
  void detach() { loaded_->detach(); }

  const LoadedGadget& gadget() const { return *loaded_; }
  int map_fd() const;
  // The kernel's types and struct gadget_socket_value: what such gadgets are to be loaded with.
  const std::string& btf_path() const { return btf_path_; }

 private:
  SocketEnricher() = default;
  Result<> describe_value(const std::string& kernel_btf_path);

  Gadget gadget_;
  std::unique_ptr<LoadedGadget> loaded_;
  UniqueFd btf_;
  std::string btf_path_;
};

}  // namespace ig
