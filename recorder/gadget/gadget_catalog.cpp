// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/gadget_catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "base/text.h"
#include "recorder/gadget/btf_schema.h"
#include "recorder/gadget/embedded_gadgets.h"
#include "recorder/gadget/gadget_parameters.h"

namespace ig {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxObjectBytes = 64 << 20;

Result<Gadget> make_gadget(std::string name, std::string origin, std::string object,
                           std::string_view yaml) {
  auto manifest = parse_gadget_manifest(yaml);
  if (!manifest) {
    auto error = manifest.error();
    error.message = fmt::format("gadget {}: {}", name, error.message);
    return std::unexpected(error);
  }
  Gadget gadget{std::move(name), std::move(origin), std::move(object), std::move(*manifest)};
  // What can be set is what the object has; the manifest only has words for it.
  gadget.manifest.parameters = gadget_parameters(gadget);
  return gadget;
}

std::string name_of_object(const fs::path& path) {
  auto name = path.filename().string();
  for (const std::string_view suffix : {".o", ".bpf"}) {
    if (name.ends_with(suffix)) name.resize(name.size() - suffix.size());
  }
  return name == "program" ? fs::absolute(path).parent_path().filename().string() : name;
}

// The object of the folder of one gadget, or an empty path.
fs::path find_object(const fs::path& folder) {
  for (const auto& name : {std::string("program"), folder.filename().string()}) {
    const auto path = folder / (name + ".bpf.o");
    std::error_code error;
    if (fs::is_regular_file(path, error)) return path;
  }
  return {};
}

Result<> add_folder(const fs::path& folder, std::vector<Gadget>& gadgets) {
  std::error_code error;
  std::vector<fs::path> candidates{folder};
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->is_directory()) candidates.push_back(it->path());
  }
  if (error) return std::unexpected(system_error(error.value(), "read " + folder.string()));
  std::ranges::sort(candidates);
  std::size_t found = 0;
  for (const auto& candidate : candidates) {
    const auto object = find_object(candidate);
    if (object.empty()) continue;
    IG_ASSIGN(auto gadget, gadget_from_path(object.string()));
    // What a person names goes before what is built in.
    std::erase_if(gadgets, [&](const Gadget& other) { return other.name == gadget.name; });
    gadgets.push_back(std::move(gadget));
    ++found;
  }
  if (found == 0) {
    return fail(ErrorCode::kNotFound, fmt::format("no gadget in {}", folder.string()),
                "a gadget is a folder with gadget.yaml and program.bpf.o");
  }
  return {};
}

}  // namespace

std::string_view Gadget::missing_module() const {
  struct Module {
    std::string_view gadget, deed;
  };
  static constexpr Module kModules[] = {
      {"advise_seccomp",
       "the profile; ig advise seccomp-profile makes one of our own gadget's rows"},
      {"deadlock", "finding cycles among the locks"},
      {"fsnotify", "choosing its hooks by what the kernel has"},
      {"trace_fsslower", "choosing the functions of a file system"},
      {"trace_gpu_starvation", "matching samples of the GPU"},
      {"trace_mount", "the text of the call"},
      {"traceloop", "reading its buffers; our own traceloop does that"},
  };
  if (origin == kBuiltIn || !manifest.variants.empty()) return {};
  const auto found = std::ranges::find(kModules, name, &Module::gadget);
  return found == std::end(kModules) ? std::string_view{} : found->deed;
}

std::string_view embedded_object(std::string_view name) {
  const auto it = std::ranges::find(kBpfObjects, name, &EmbeddedFile::name);
  return it == kBpfObjects.end() ? std::string_view{} : it->bytes;
}

bool is_object_path(std::string_view gadget) {
  return gadget.find('/') != gadget.npos || gadget.ends_with(".o");
}

Result<Gadget> gadget_from_path(const std::string& path, const std::string& manifest) {
  const fs::path object(path);
  IG_ASSIGN(auto bytes, read_file(object, kMaxObjectBytes));
  const auto words = manifest.empty() ? object.parent_path() / "gadget.yaml" : fs::path(manifest);
  std::string yaml;
  std::error_code error;
  if (!manifest.empty() || fs::exists(words, error)) {
    IG_ASSIGN(yaml, read_file(words, kMaxObjectBytes));
  }
  return make_gadget(name_of_object(object), path, std::move(bytes), yaml);
}

bool Gadget::may_miss(std::string_view program) const {
  const auto* words = manifest.find_program(program);
  if (words != nullptr && words->optional) return true;
  return origin != kBuiltIn && manifest.variants.empty();
}

std::string Gadget::empty_without(std::string_view program) const {
  const auto* words = manifest.find_program(program);
  if (words != nullptr && words->optional) return join(words->leaves_empty, ", ");
  return "what it delivers";
}

Result<GadgetCatalog> GadgetCatalog::open(const std::vector<std::string>& paths) {
  GadgetCatalog catalog;
  for (const auto& file : kGadgetManifests) {
    IG_ASSIGN(auto gadget, make_gadget(std::string(file.name), std::string(kBuiltIn),
                                       std::string(embedded_object(file.name)), file.bytes));
    catalog.gadgets_.push_back(std::move(gadget));
  }
  for (const auto& path : paths) IG_TRY(add_folder(path, catalog.gadgets_));
  std::ranges::sort(catalog.gadgets_, {}, &Gadget::name);
  return catalog;
}

Result<std::string> GadgetCatalog::add_object(const std::string& path,
                                              const std::string& manifest) {
  IG_ASSIGN(auto gadget, gadget_from_path(path, manifest));
  std::erase_if(gadgets_, [&](const Gadget& other) { return other.name == gadget.name; });
  gadgets_.push_back(std::move(gadget));
  return gadgets_.back().name;
}

Result<const Gadget*> GadgetCatalog::find(std::string_view name) const {
  const auto it = std::ranges::find(gadgets_, name, &Gadget::name);
  if (it != gadgets_.end()) return &*it;
  std::vector<std::string_view> names;
  for (const auto& gadget : gadgets_) names.push_back(gadget.name);
  const auto near = nearest_name(name, names);
  return fail(ErrorCode::kUsage, fmt::format("there is no gadget '{}'", name),
              near.empty() ? "ig gadget list shows all" : fmt::format("did you mean {}?", near));
}

Result<std::vector<EventSchema>> event_schemas(const Gadget& gadget) {
  IG_ASSIGN(const auto sources, read_data_sources(gadget));
  std::vector<EventSchema> schemas;
  for (const auto& source : sources) schemas.push_back(source.schema);
  return schemas;
}

}  // namespace ig
