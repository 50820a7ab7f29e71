// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/gadget_manifest.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cctype>
#include <stdexcept>

namespace ig {
namespace {

// A manifest comes from elsewhere. Aliases let a small file stand for a huge one, so what counts
// is not only its size but how many entries are visited.
constexpr std::size_t kMaxBytes = 256 * 1024;
constexpr int kMaxEntries = 20'000;

// Thrown and caught in this file only.
struct ManifestError : std::runtime_error {
  ManifestError(const YAML::Node& node, const std::string& what)
      : std::runtime_error(
            node.Mark().is_null() ? what : fmt::format("line {}: {}", node.Mark().line + 1, what)) {
  }
};

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

class ManifestReader {
 public:
  GadgetManifest read(const YAML::Node& root) {
    GadgetManifest manifest;
    if (root.IsNull()) return manifest;
    each(root, "the manifest", [&](const std::string& key, const YAML::Node& value) {
      const auto name = lower(key);
      if (name == "name") manifest.name = scalar(value, key);
      if (name == "description") manifest.description = scalar(value, key);
      if (name == "documentationurl") manifest.documentation_url = scalar(value, key);
      if (name == "datasources") read_data_sources(value, manifest);
      if (name == "params") read_params(value, manifest);
      if (name == "ebpfparams") read_parameters(value, manifest);
      if (name == "paramdefaults") manifest.parameter_defaults = read_words(value, key);
      if (name == "programs") read_programs(value, manifest);
      if (name == "variants") read_variants(value, manifest);
    });
    return manifest;
  }

 private:
  template <typename Visit>
  void each(const YAML::Node& map, const std::string& what, Visit visit) {
    if (map.IsNull()) return;
    if (!map.IsMap()) throw ManifestError(map, what + " must be a map");
    for (const auto& entry : map) {
      count(map);
      visit(scalar(entry.first, "a key"), entry.second);
    }
  }

  void count(const YAML::Node& node) {
    if (++entries_ > kMaxEntries) {
      throw ManifestError(node, fmt::format("more than {} entries", kMaxEntries));
    }
  }

  static std::string scalar(const YAML::Node& node, const std::string& what) {
    if (node.IsNull()) return "";
    if (!node.IsScalar()) throw ManifestError(node, what + " must be a plain word");
    return node.Scalar();
  }

  std::vector<std::string> read_list(const YAML::Node& node, const std::string& what) {
    if (node.IsNull()) return {};
    if (!node.IsSequence()) throw ManifestError(node, what + " must be a list");
    std::vector<std::string> words;
    for (const auto& entry : node) {
      count(node);
      words.push_back(scalar(entry, "an entry of " + what));
    }
    return words;
  }

  // Keys in lower case: they are words of the contract, not names of anything.
  Annotations read_words(const YAML::Node& node, const std::string& what) {
    Annotations words;
    each(node, what, [&](const std::string& key, const YAML::Node& value) {
      // Some of upstream's annotations are lists or maps; none of those concern a recorder.
      if (value.IsScalar()) words[lower(key)] = value.Scalar();
    });
    return words;
  }

  void read_data_sources(const YAML::Node& node, GadgetManifest& manifest) {
    each(node, "datasources", [&](const std::string& name, const YAML::Node& source) {
      auto& target = manifest.data_sources[name];
      each(source, "data source " + name, [&](const std::string& key, const YAML::Node& value) {
        if (lower(key) == "annotations") target.annotations = read_words(value, key);
        if (lower(key) == "fields") read_fields(value, target);
      });
    });
  }

  void read_fields(const YAML::Node& node, DataSourceManifest& source) {
    each(node, "fields", [&](const std::string& name, const YAML::Node& field) {
      auto& target = source.fields[name];
      each(field, "field " + name, [&](const std::string& key, const YAML::Node& value) {
        if (lower(key) == "annotations") target.annotations = read_words(value, key);
      });
    });
  }

  void read_params(const YAML::Node& node, GadgetManifest& manifest) {
    each(node, "params", [&](const std::string& kind, const YAML::Node& value) {
      if (lower(kind) == "ebpf") read_parameters(value, manifest);
    });
  }

  void read_parameters(const YAML::Node& node, GadgetManifest& manifest) {
    each(node, "params", [&](const std::string& variable, const YAML::Node& words) {
      GadgetParameter parameter;
      parameter.variable = parameter.key = variable;
      each(words, "parameter " + variable, [&](const std::string& key, const YAML::Node& value) {
        const auto name = lower(key);
        if (name == "key") parameter.key = scalar(value, key);
        if (name == "description") parameter.description = scalar(value, key);
        if (name == "defaultvalue") parameter.default_value = scalar(value, key);
      });
      manifest.parameters.push_back(std::move(parameter));
    });
  }

  void read_programs(const YAML::Node& node, GadgetManifest& manifest) {
    each(node, "programs", [&](const std::string& name, const YAML::Node& words) {
      auto& program = manifest.programs.emplace_back();
      program.name = name;
      each(words, "program " + name, [&](const std::string& key, const YAML::Node& value) {
        const auto word = lower(key);
        if (word == "run") program.run = read_run(value);
        if (word == "optional") program.optional = read_bool(value, key);
        if (word == "leaves_empty") program.leaves_empty = read_list(value, key);
        if (word == "attach_to") program.attach_to = scalar(value, key);
        if (word == "perf") read_perf(value, program.perf);
        if (word == "sampler") read_sampler(value, program.perf);
      });
    });
  }

  void read_perf(const YAML::Node& node, PerfManifest& perf) {
    each(node, "perf", [&](const std::string& key, const YAML::Node& value) {
      if (lower(key) == "type") perf.type = lower(scalar(value, key));
      if (lower(key) == "config") perf.config = lower(scalar(value, key));
    });
  }

  void read_sampler(const YAML::Node& node, PerfManifest& perf) {
    each(node, "sampler", [&](const std::string& key, const YAML::Node& value) {
      if (lower(key) != "frequency") return;
      if (!value.IsScalar() || !YAML::convert<std::uint64_t>::decode(value, perf.frequency)) {
        throw ManifestError(value, "frequency must be a number");
      }
    });
  }

  static ProgramManifest::Run read_run(const YAML::Node& node) {
    const auto word = scalar(node, "run");
    if (word == "at-start") return ProgramManifest::Run::kAtStart;
    if (word == "before-read") return ProgramManifest::Run::kBeforeRead;
    throw ManifestError(node, "run must be at-start or before-read, not '" + word + "'");
  }

  static bool read_bool(const YAML::Node& node, const std::string& what) {
    bool value = false;
    if (!node.IsScalar() || !YAML::convert<bool>::decode(node, value)) {
      throw ManifestError(node, what + " must be true or false");
    }
    return value;
  }

  void read_variants(const YAML::Node& node, GadgetManifest& manifest) {
    if (node.IsNull()) return;
    if (!node.IsSequence()) throw ManifestError(node, "variants must be a list");
    for (const auto& entry : node) {
      VariantManifest variant;
      each(entry, "a variant", [&](const std::string& key, const YAML::Node& value) {
        const auto word = lower(key);
        if (word == "name") variant.name = scalar(value, key);
        if (word == "programs") variant.programs = read_list(value, key);
        if (word == "requires") variant.requires_features = read_list(value, key);
        if (word == "leaves_empty") variant.leaves_empty = read_list(value, key);
        if (word == "source") variant.source = scalar(value, key);
      });
      if (variant.name.empty()) throw ManifestError(entry, "a variant needs a name");
      manifest.variants.push_back(std::move(variant));
    }
  }

  int entries_ = 0;
};

}  // namespace

const ProgramManifest* GadgetManifest::find_program(std::string_view program) const {
  const auto it = std::ranges::find(programs, program, &ProgramManifest::name);
  return it == programs.end() ? nullptr : &*it;
}

Result<GadgetManifest> parse_gadget_manifest(std::string_view yaml) {
  if (yaml.size() > kMaxBytes) {
    return fail(ErrorCode::kInvalid,
                fmt::format("the manifest has {} bytes, more than {}", yaml.size(), kMaxBytes));
  }
  try {
    return ManifestReader().read(YAML::Load(std::string(yaml)));
  } catch (const std::exception& e) {
    return fail(ErrorCode::kInvalid, fmt::format("cannot read the manifest: {}", e.what()),
                "docs/adding-a-gadget.md says what gadget.yaml may hold");
  }
}

}  // namespace ig
