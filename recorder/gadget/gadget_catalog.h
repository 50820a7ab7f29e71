// SPDX-License-Identifier: Apache-2.0
// GadgetCatalog: every gadget that can be run, wherever it comes from: built in, or in a folder
// of --gadget-path. The one place that knows origins, so that images can come in here later.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "recorder/gadget/gadget_manifest.h"
#include "store/event_schema.h"

namespace ig {

struct Gadget {
  std::string name;
  std::string origin;  // "built-in", or the path
  std::string object;  // bytes of the BPF ELF
  GadgetManifest manifest;
};

class GadgetCatalog {
 public:
  // Built-in gadgets and those in `paths`: folders of gadget folders, each with gadget.yaml and
  // program.bpf.o (or <name>.bpf.o).
  static Result<GadgetCatalog> open(const std::vector<std::string>& paths);

  const std::vector<Gadget>& gadgets() const { return gadgets_; }
  // With a hint that names the nearest gadget.
  Result<const Gadget*> find(std::string_view name) const;

 private:
  std::vector<Gadget> gadgets_;
};

// The gadget of one object file, with the gadget.yaml beside it if there is one.
Result<Gadget> gadget_from_path(const std::string& path);

// The data sources of a gadget, from its object's BTF and its manifest. Needs no privilege.
Result<std::vector<EventSchema>> event_schemas(const Gadget& gadget);

}  // namespace ig
