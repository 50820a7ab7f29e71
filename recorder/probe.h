// SPDX-License-Identifier: Apache-2.0
// What this machine lets ig do, found by trying: programs are loaded and closed again, nothing is
// attached. `ig probe` prints it.
#pragma once

#include <string>
#include <vector>

#include "recorder/gadget/gadget_catalog.h"
#include "recorder/kernel/kernel_btf.h"
#include "recorder/kernel/kernel_security.h"
#include "store/event_sink.h"

namespace ig {

struct MachineProbe {
  KernelBtf btf;             // nowhere found: its `found` is empty
  std::string btf_error;     // why not
  bool can_use_bpf = false;  // whether this process may make a BPF map
  std::string bpf_error;     // why not
  std::string cgroup2_root;  // "" = not mounted
  KernelSecurity security;
};
// `btf_file`: what --btf names, or "".
MachineProbe probe_machine(const std::string& btf_file);

struct GadgetProbe {
  std::string gadget;
  bool runs = false;
  std::string variant;       // the rung it would take
  std::string leaves_empty;  // what that rung, and programs that are refused, cannot fill
  std::string reason;        // why it does not run
  std::vector<GadgetRun::Program> refused;
};
// `btf_path`: KernelBtf::path.
GadgetProbe probe_gadget(const Gadget& gadget, const std::string& btf_path);
std::vector<GadgetProbe> probe_gadgets(const GadgetCatalog& catalog, const std::string& btf_path);

}  // namespace ig
