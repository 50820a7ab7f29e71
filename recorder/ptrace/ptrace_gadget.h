// SPDX-License-Identifier: Apache-2.0
// PtraceGadget: one gadget's part in a recording by ptrace. It watches what the tracer sees and
// makes the rows that the BPF gadget of the same name would.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "recorder/ptrace/ptrace_output.h"
#include "recorder/ptrace/ptrace_tracer.h"

namespace ig {

class PtraceGadget : public PtraceObserver {
 public:
  // Rows that are kept and counted go out: once a second, and at the end.
  virtual void flush() {}
  virtual std::vector<const RowBuilder*> data_sources() const = 0;
  virtual std::string empty_columns() const = 0;  // that ptrace cannot fill
};

using GadgetParameters = std::map<std::string, std::string>;

// nullptr where the gadget has none. `schemas` are those of the gadget.
std::unique_ptr<PtraceGadget> make_ptrace_gadget(const std::string& name,
                                                 std::vector<EventSchema> schemas,
                                                 const GadgetParameters& parameters,
                                                 PtraceOutput& output);

// Of one file each.
std::unique_ptr<PtraceGadget> make_ptrace_syscalls(std::vector<EventSchema> schemas,
                                                   const GadgetParameters& parameters,
                                                   PtraceOutput& output);
std::unique_ptr<PtraceGadget> make_ptrace_flows(std::vector<EventSchema> schemas,
                                                const GadgetParameters& parameters,
                                                PtraceOutput& output);
std::unique_ptr<PtraceGadget> make_ptrace_execs(std::vector<EventSchema> schemas,
                                                const GadgetParameters& parameters,
                                                PtraceOutput& output);
std::unique_ptr<PtraceGadget> make_ptrace_opens(std::vector<EventSchema> schemas,
                                                const GadgetParameters& parameters,
                                                PtraceOutput& output);

}  // namespace ig
