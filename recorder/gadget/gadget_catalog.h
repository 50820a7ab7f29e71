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

inline constexpr std::string_view kBuiltIn = "built-in";

struct Gadget {
  std::string name;
  std::string origin;  // kBuiltIn, or the path
  std::string object;  // bytes of the BPF ELF
  GadgetManifest manifest;

  // Whether it runs without that program: where its manifest says so. A gadget from elsewhere that
  // has no ladder may hook what this kernel lacks; what is left of it runs.
  bool may_miss(std::string_view program) const;
  // The fields, or what else is missing without it.
  std::string empty_without(std::string_view program) const;
  // Of a gadget from elsewhere whose rest is done in a WebAssembly module: what nobody does here.
  std::string_view missing_module() const;
};

class GadgetCatalog {
 public:
  // Built-in gadgets and those in `paths`: folders of gadget folders, each with gadget.yaml and
  // program.bpf.o (or <name>.bpf.o).
  static Result<GadgetCatalog> open(const std::vector<std::string>& paths);

  const std::vector<Gadget>& gadgets() const { return gadgets_; }
  // Takes the place of another gadget of its name. Returns that name.
  Result<std::string> add_object(const std::string& path, const std::string& manifest);
  // With a hint that names the nearest gadget.
  Result<const Gadget*> find(std::string_view name) const;

 private:
  std::vector<Gadget> gadgets_;
};

// The gadget of one object file. `manifest`: its gadget.yaml; "" = the one beside it, if there is
// one.
Result<Gadget> gadget_from_path(const std::string& path, const std::string& manifest = "");
// Whether what a person calls a gadget is the path of an object file.
bool is_object_path(std::string_view gadget);

// The data sources of a gadget, from its object's BTF and its manifest. Needs no privilege.
Result<std::vector<EventSchema>> event_schemas(const Gadget& gadget);

}  // namespace ig
