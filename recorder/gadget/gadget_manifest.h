// SPDX-License-Identifier: Apache-2.0
// GadgetManifest: gadget.yaml as a struct. Keys are Inspektor Gadget's, read without regard to
// case, plus ours: `variants` and `programs.<name>.{run, optional, leaves_empty}`. Unknown keys are
// kept quiet about, since a manifest may be newer than we are; wrong types are errors that name
// the line.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace ig {

// The parameter that every gadget with variants has: only this rung, or an error.
inline constexpr const char* kVariantParameter = "variant";
// That of a sampler.
inline constexpr const char* kFrequencyParameter = "frequency";
// That of a classifier.
inline constexpr const char* kInterfaceParameter = "iface";

struct GadgetParameter {
  std::string variable;  // of .rodata; empty where the recorder itself heeds it
  std::string key;       // what the person writes: --key
  std::string description;
  std::string default_value;
};

// What a program of type perf_event samples: `programs.<p>.perf.{type,config}`,
// `programs.<p>.sampler.frequency`.
struct PerfManifest {
  std::string type, config;
  std::uint64_t frequency = 0;  // a second, on each CPU
};

struct ProgramManifest {
  enum class Run { kAttach, kAtStart, kBeforeRead };
  std::string name;
  Run run = Run::kAttach;
  bool optional = false;
  std::vector<std::string> leaves_empty;
  std::string attach_to;
  PerfManifest perf;
};

struct VariantManifest {
  std::string name;  // a person forces it by the parameter kVariantParameter
  std::vector<std::string> programs;
  std::vector<std::string> requires_features;
  std::vector<std::string> leaves_empty;
  std::string source;  // its rows are made in user space by this one: recorder/source/
};

using Annotations = std::map<std::string, std::string>;

struct FieldManifest {
  Annotations annotations;
};

struct DataSourceManifest {
  Annotations annotations;
  std::map<std::string, FieldManifest> fields;
};

struct GadgetManifest {
  std::string name, description, documentation_url;
  std::map<std::string, DataSourceManifest> data_sources;
  std::vector<GadgetParameter> parameters;  // the catalog adds those that only the object has
  std::map<std::string, std::string> parameter_defaults;  // paramDefaults
  std::vector<ProgramManifest> programs;                  // run in this order
  std::vector<VariantManifest> variants;

  const ProgramManifest* find_program(std::string_view program) const;  // or nullptr
};

Result<GadgetManifest> parse_gadget_manifest(std::string_view yaml);

}  // namespace ig
