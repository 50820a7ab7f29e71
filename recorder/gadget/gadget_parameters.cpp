// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/gadget_parameters.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <span>

#include "base/text.h"
#include "recorder/gadget/btf_reader.h"

namespace ig {
namespace {

constexpr std::string_view kPrefix = "gadget_param_";

// Filters that every gadget may include (bpf/include/gadget/filter.h); no manifest repeats them.
struct CommonParameter {
  std::string_view variable, key, description;
};
constexpr CommonParameter kCommon[] = {
    {"targ_pid", "pid", "only this process"},
    {"targ_tid", "tid", "only this thread"},
    {"targ_uid", "uid", "only this user"},
    {"targ_gid", "gid", "only this group"},
    {"targ_comm", "comm", "only tasks of this name"},
};

GadgetParameter describe(std::string_view variable, const GadgetManifest& manifest) {
  const auto said = std::ranges::find(manifest.parameters, variable, &GadgetParameter::variable);
  if (said != manifest.parameters.end()) return *said;
  GadgetParameter parameter;
  parameter.variable = parameter.key = variable;
  for (const auto& common : kCommon) {
    if (common.variable != variable) continue;
    parameter.key = common.key;
    parameter.description = common.description;
  }
  return parameter;
}

// A constant of an opened object: written to a copy of its section, which store() puts in place.
struct Constant {
  BtfReader::Resolved type;
  bpf_map* map = nullptr;
  std::vector<char> section;
  std::span<char> bytes;  // within the section

  void store() const { bpf_map__set_initial_value(map, section.data(), section.size()); }
};

std::optional<Constant> find_constant(bpf_object* object, std::string_view name) {
  const BtfReader btf(bpf_object__btf(object));
  const auto variable = btf.variable(".rodata", name);
  if (!variable) return std::nullopt;
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    if (!bpf_map__is_internal(map) || !std::string_view(bpf_map__name(map)).ends_with(".rodata")) {
      continue;
    }
    std::size_t size = 0;
    const auto* data = static_cast<const char*>(bpf_map__initial_value(map, &size));
    if (data == nullptr || std::uint64_t{variable->offset} + variable->size > size) continue;
    Constant constant{btf.resolve(variable->type), map, {data, data + size}, {}};
    constant.bytes = std::span(constant.section).subspan(variable->offset, variable->size);
    return constant;
  }
  return std::nullopt;
}

template <typename T>
bool parse_number(std::string_view text, T& number) {
  int base = 10;
  if (text.starts_with("0x")) {
    text.remove_prefix(2);
    base = 16;
  }
  const auto* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number, base);
  return result.ec == std::errc{} && result.ptr == end;
}

bool write_integer(const btf_type* type, std::span<char> bytes, std::string_view text) {
  const auto size = bytes.size();
  if (size == 0 || size > sizeof(std::uint64_t)) return false;
  const auto bits = static_cast<unsigned>(size * 8);
  std::uint64_t value = 0;
  if ((btf_int_encoding(type) & BTF_INT_SIGNED) != 0) {
    std::int64_t number = 0;
    if (!parse_number(text, number)) return false;
    const std::int64_t most = INT64_MAX >> (64 - bits);
    if (number > most || number < -most - 1) return false;
    value = static_cast<std::uint64_t>(number);
  } else if (!parse_number(text, value) || value > UINT64_MAX >> (64 - bits)) {
    return false;
  }
  std::memcpy(bytes.data(), &value, size);
  return true;
}

// Numbers with commas between them; the rest of the array becomes 0.
bool write_integers(const btf_type* type, std::size_t size, const Constant& constant,
                    std::string_view text) {
  std::ranges::fill(constant.bytes, '\0');
  if (text.empty()) return true;
  auto left = constant.bytes;
  for (const auto word : split(text, ',')) {
    if (left.size() < size || !write_integer(type, left.first(size), word)) return false;
    left = left.subspan(size);
  }
  return true;
}

bool write_bool(const Constant& constant, std::string_view text) {
  const bool is_true = text == "true" || text == "1" || text == "yes" || text == "on";
  if (!is_true && text != "false" && text != "0" && text != "no" && text != "off") return false;
  constant.bytes[0] = is_true ? 1 : 0;
  return true;
}

bool write_text(const Constant& constant, std::string_view text) {
  if (text.size() > constant.bytes.size()) return false;
  std::ranges::fill(constant.bytes, '\0');
  std::ranges::copy(text, constant.bytes.begin());
  return true;
}

// struct gadget_l3endpoint_t: 16 bytes of address, then its version.
bool write_address(const Constant& constant, const std::string& text) {
  constexpr std::size_t kVersionOffset = 16;
  if (constant.bytes.size() <= kVersionOffset) return false;
  std::ranges::fill(constant.bytes, '\0');
  for (const auto& [family, version] : {std::pair(AF_INET, '\4'), std::pair(AF_INET6, '\6')}) {
    if (inet_pton(family, text.c_str(), constant.bytes.data()) != 1) continue;
    constant.bytes[kVersionOffset] = version;
    return true;
  }
  return false;
}

// What was expected, where `text` is not that.
std::optional<std::string> write_value(const BtfReader& btf, const Constant& constant,
                                       const std::string& text) {
  const btf_type* type = constant.type.type;
  if (type == nullptr || constant.bytes.empty()) return "nothing: its type is unknown";
  if (btf_is_int(type) && (btf_int_encoding(type) & BTF_INT_BOOL) != 0) {
    return write_bool(constant, text) ? std::nullopt : std::optional("true or false");
  }
  if (btf_is_int(type)) {
    if (write_integer(type, constant.bytes, text)) return std::nullopt;
    const bool is_signed = (btf_int_encoding(type) & BTF_INT_SIGNED) != 0;
    return fmt::format("{} number of {} bits", is_signed ? "a" : "an unsigned",
                       constant.bytes.size() * 8);
  }
  if (btf_is_array(type)) {
    const auto* element = btf.resolve(btf_array(type)->type).type;
    if (element != nullptr && btf_is_int(element) && element->size > 1) {
      if (write_integers(element, element->size, constant, text)) return std::nullopt;
      return fmt::format("at most {} numbers of {} bits, joined by commas",
                         constant.bytes.size() / element->size, element->size * 8);
    }
    if (write_text(constant, text)) return std::nullopt;
    return fmt::format("at most {} characters", constant.bytes.size());
  }
  if (btf.name(type) == "gadget_l3endpoint_t") {
    return write_address(constant, text) ? std::nullopt : std::optional("an IP address");
  }
  return "nothing: parameters of its type cannot be set";
}

Result<> set_parameter(bpf_object* object, const Gadget& gadget, const GadgetParameter& parameter,
                       const std::string& text) {
  const auto constant = find_constant(object, parameter.variable);
  if (!constant) {
    return fail(ErrorCode::kInvalid, fmt::format("gadget {}: parameter {} is not in its .rodata",
                                                 gadget.name, parameter.key));
  }
  const auto expected = write_value(BtfReader(bpf_object__btf(object)), *constant, text);
  if (!expected) {
    constant->store();
    return {};
  }
  return fail(
      ErrorCode::kUsage,
      fmt::format("gadget {}: parameter {} cannot be '{}'", gadget.name, parameter.key, text),
      fmt::format("it takes {}", *expected));
}

std::vector<std::string> variant_names(const Gadget& gadget) {
  std::vector<std::string> names;
  for (const auto& variant : gadget.manifest.variants) names.push_back(variant.name);
  return names;
}

bool is_variant(const Gadget& gadget, std::string_view key) {
  return key == kVariantParameter && !gadget.manifest.variants.empty();
}

bool is_sampled(const Gadget& gadget) {
  return std::ranges::any_of(gadget.manifest.programs, [](const ProgramManifest& program) {
    return !program.perf.type.empty();
  });
}

// By the name of its section, which is among the object's strings.
bool has_classifier(const Gadget& gadget) {
  return gadget.object.find("classifier/") != std::string::npos;
}

bool has(const std::vector<GadgetParameter>& parameters, std::string_view key) {
  return std::ranges::find(parameters, key, &GadgetParameter::key) != parameters.end();
}

std::uint64_t default_frequency(const Gadget& gadget) {
  std::uint64_t frequency = 0;
  for (const auto& program : gadget.manifest.programs) {
    frequency = std::max(frequency, program.perf.frequency);
  }
  return frequency;
}

Error unknown_parameter(const Gadget& gadget, const std::string& key,
                        const std::vector<GadgetParameter>& parameters) {
  std::vector<std::string_view> names;
  for (const auto& parameter : parameters) names.push_back(parameter.key);
  const auto near = nearest_name(key, names);
  return {ErrorCode::kUsage, fmt::format("gadget {} has no parameter '{}'", gadget.name, key),
          near.empty() ? fmt::format("ig gadget info {} lists them", gadget.name)
                       : fmt::format("did you mean {}?", near)};
}

}  // namespace

std::vector<GadgetParameter> gadget_parameters(const Gadget& gadget) {
  std::vector<GadgetParameter> parameters;
  const auto btf = BtfReader::open(gadget.object);
  if (!btf) return parameters;
  for (const auto variable : btf->variables_with_prefix(kPrefix)) {
    parameters.push_back(describe(variable.substr(kPrefix.size()), gadget.manifest));
  }
  if (!gadget.manifest.variants.empty()) {
    std::erase_if(parameters,
                  [](const GadgetParameter& one) { return one.key == kVariantParameter; });
    parameters.push_back({"", kVariantParameter,
                          fmt::format("only this rung: {}", join(variant_names(gadget), ", ")),
                          ""});
  }
  if (has_classifier(gadget) && !has(parameters, kInterfaceParameter)) {
    parameters.push_back({"", kInterfaceParameter,
                          "an interface of this network namespace, instead of the workloads'", ""});
  }
  if (is_sampled(gadget) && !has(parameters, kFrequencyParameter)) {
    parameters.push_back({"", kFrequencyParameter, "samples a second on each CPU",
                          fmt::format("{}", default_frequency(gadget))});
  }
  return parameters;
}

Result<std::uint64_t> sampling_frequency(const Gadget& gadget,
                                         const std::map<std::string, std::string>& values) {
  const auto given = values.find(kFrequencyParameter);
  if (given == values.end() || !is_sampled(gadget)) return 0;
  std::uint64_t frequency = 0;
  if (parse_number(given->second, frequency) && frequency > 0) return frequency;
  return fail(ErrorCode::kUsage,
              fmt::format("gadget {}: parameter {} cannot be '{}'", gadget.name, given->first,
                          given->second),
              "it takes a number of samples a second, from 1 on");
}

Result<const VariantManifest*> forced_variant(const Gadget& gadget,
                                              const std::map<std::string, std::string>& values) {
  const auto given = values.find(kVariantParameter);
  if (given == values.end() || !is_variant(gadget, given->first)) return nullptr;
  const auto& variants = gadget.manifest.variants;
  const auto it = std::ranges::find(variants, given->second, &VariantManifest::name);
  if (it != variants.end()) return &*it;
  return fail(ErrorCode::kUsage,
              fmt::format("gadget {} has no variant '{}'", gadget.name, given->second),
              fmt::format("it has {}", join(variant_names(gadget), ", ")));
}

Result<> set_parameters(bpf_object* object, const Gadget& gadget,
                        const std::map<std::string, std::string>& values) {
  const auto& parameters = gadget.manifest.parameters;
  for (const auto& parameter : parameters) {
    if (parameter.variable.empty()) continue;
    // Numbers have their default in .rodata; what a manifest says of a text is its only default.
    const auto constant = find_constant(object, parameter.variable);
    const bool is_text = constant && constant->type.type && btf_is_array(constant->type.type);
    if (!is_text || parameter.default_value.empty()) continue;
    IG_TRY(set_parameter(object, gadget, parameter, parameter.default_value));
  }
  for (const auto& [key, text] : values) {
    if (is_variant(gadget, key)) continue;
    const auto parameter = std::ranges::find(parameters, key, &GadgetParameter::key);
    if (parameter == parameters.end()) {
      return std::unexpected(unknown_parameter(gadget, key, parameters));
    }
    if (parameter->variable.empty()) continue;
    IG_TRY(set_parameter(object, gadget, *parameter, text));
  }
  return {};
}

bool set_constant(bpf_object* object, std::string_view variable, std::uint64_t value) {
  const auto constant = find_constant(object, variable);
  if (!constant || constant->bytes.size() > sizeof value) return false;
  std::memcpy(constant->bytes.data(), &value, constant->bytes.size());
  constant->store();
  return true;
}

std::optional<std::uint64_t> constant(bpf_object* object, std::string_view variable) {
  const auto found = find_constant(object, variable);
  std::uint64_t value = 0;
  if (!found || found->bytes.size() > sizeof value) return std::nullopt;
  std::memcpy(&value, found->bytes.data(), found->bytes.size());
  return value;
}

}  // namespace ig
