// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/seccomp_profile.h"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>

#include "advisors/seccomp/profile_document.h"
#include "base/check.h"
#include "store/syscall_table.h"

namespace ig {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::array<std::string_view, 9> kActions = {
    "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO",        "SCMP_ACT_KILL",
    "SCMP_ACT_LOG",   "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD",
    "SCMP_ACT_TRAP",  "SCMP_ACT_TRACE",        "SCMP_ACT_NOTIFY"};
constexpr std::array<std::string_view, 7> kOperators = {
    "SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE",       "SCMP_CMP_EQ",
    "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ"};

// The names of an architecture in the conditions of Docker's and Podman's profiles.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kGoArchs = {
    {{"x86_64", "amd64"}, {"i386", "x86"}, {"x32", "x32"}, {"aarch64", "arm64"}, {"arm", "arm"}}};

// Thrown and caught in this file only: where a profile is not what it must be.
struct Malformed {
  std::string what;
};

[[noreturn]] void malformed(std::string what) { throw Malformed{std::move(what)}; }

const json* member(const json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string text_of(const json& value, const char* name) {
  if (!value.is_string()) malformed(std::string(name) + " is not a string");
  return value.get<std::string>();
}

std::uint64_t number_of(const json& value, const char* name,
                        std::uint64_t most = std::numeric_limits<std::uint64_t>::max()) {
  if (!value.is_number_unsigned()) malformed(std::string(name) + " is not a whole number");
  const auto number = value.get<std::uint64_t>();
  if (number > most) malformed(std::string(name) + " is too large");
  return number;
}

std::vector<std::string> texts_of(const json* value, const char* name) {
  std::vector<std::string> texts;
  if (!value) return texts;
  if (!value->is_array()) malformed(std::string(name) + " is not a list");
  for (const json& item : *value) texts.push_back(text_of(item, name));
  return texts;
}

SeccompAction action_of(const json& holder, const char* action, const char* errno_ret) {
  const json* value = member(holder, action);
  if (!value) malformed(std::string(action) + " is missing");
  SeccompAction out{.name = text_of(*value, action)};
  if (std::ranges::find(kActions, out.name) == kActions.end()) {
    malformed(std::string(action) + " \"" + out.name + "\" does not exist");
  }
  if (const json* number = member(holder, errno_ret)) {
    out.errno_ret = static_cast<std::uint32_t>(number_of(*number, errno_ret, 0xffff));
  }
  return out;
}

SeccompArgument argument_of(const json& value) {
  if (!value.is_object()) malformed("an entry of args is not an object");
  SeccompArgument argument;
  if (const json* index = member(value, "index")) {
    argument.index = static_cast<unsigned>(number_of(*index, "index", 5));
  }
  if (const json* number = member(value, "value")) argument.value = number_of(*number, "value");
  if (const json* two = member(value, "valueTwo")) argument.value_two = number_of(*two, "valueTwo");
  const json* op = member(value, "op");
  if (!op) malformed("op of an argument is missing");
  argument.op = text_of(*op, "op");
  if (std::ranges::find(kOperators, argument.op) == kOperators.end()) {
    malformed("op \"" + argument.op + "\" does not exist");
  }
  return argument;
}

std::string_view go_arch(const SeccompProfile::Conditions& conditions) {
  const std::string_view arch =
      conditions.arch.empty() ? native_syscall_arch() : std::string_view(conditions.arch);
  for (const auto& [name, go_name] : kGoArchs) {
    if (name == arch) return go_name;
  }
  return arch;
}

// One of "includes" and "excludes".
struct RuleCondition {
  std::vector<std::string> capabilities, archs;
  std::optional<Version> kernel;
};

RuleCondition condition_of(const json& rule, const char* name) {
  RuleCondition condition;
  const json* value = member(rule, name);
  if (!value) return condition;
  if (!value->is_object()) malformed(std::string(name) + " is not an object");
  condition.capabilities = texts_of(member(*value, "caps"), "caps");
  condition.archs = texts_of(member(*value, "arches"), "arches");
  if (const json* kernel = member(*value, "minKernel")) {
    const auto version = parse_version(text_of(*kernel, "minKernel"));
    if (!version) malformed("minKernel is not a version");
    condition.kernel = *version;
  }
  return condition;
}

// Whether Docker and Podman would keep the rule.
bool applies(const json& rule, const SeccompProfile::Conditions& conditions,
             std::set<std::string>& missing_capabilities) {
  const auto has_capability = [&](const std::string& capability) {
    return conditions.capabilities.contains(capability);
  };
  const auto is_arch = [&](const std::string& arch) { return arch == go_arch(conditions); };
  const auto is_kernel = [&](Version least) {
    return !conditions.kernel || *conditions.kernel >= least;
  };
  const auto includes = condition_of(rule, "includes"), excludes = condition_of(rule, "excludes");
  if (!includes.archs.empty() && !std::ranges::any_of(includes.archs, is_arch)) return false;
  if (includes.kernel && !is_kernel(*includes.kernel)) return false;
  if (std::ranges::any_of(excludes.archs, is_arch)) return false;
  if (excludes.kernel && is_kernel(*excludes.kernel)) return false;
  if (std::ranges::any_of(excludes.capabilities, has_capability)) return false;
  for (const std::string& capability : includes.capabilities) {
    if (!has_capability(capability)) missing_capabilities.insert(capability);
  }
  return std::ranges::all_of(includes.capabilities, has_capability);
}

SeccompRule rule_of(const json& value) {
  SeccompRule rule{.names = texts_of(member(value, "names"), "names")};
  if (const json* name = member(value, "name")) {  // Docker's old form
    if (const std::string text = text_of(*name, "name"); !text.empty()) rule.names.push_back(text);
  }
  if (rule.names.empty()) malformed("a rule has no names");
  rule.action = action_of(value, "action", "errnoRet");
  if (const json* arguments = member(value, "args")) {
    if (!arguments->is_array()) malformed("args is not a list");
    for (const json& argument : *arguments) rule.arguments.push_back(argument_of(argument));
  }
  if (const json* comment = member(value, "comment")) rule.comment = text_of(*comment, "comment");
  return rule;
}

// Docker and Podman name architectures by the machine's own one.
void add_mapped_archs(const json& map, const SeccompProfile::Conditions& conditions,
                      std::vector<std::string>& architectures) {
  const SyscallArch* own = find_syscall_arch(
      conditions.arch.empty() ? native_syscall_arch() : std::string_view(conditions.arch));
  if (!map.is_array()) malformed("archMap is not a list");
  for (const json& entry : map) {
    if (!entry.is_object()) malformed("an entry of archMap is not an object");
    const json* arch = member(entry, "architecture");
    if (!arch || !own || text_of(*arch, "architecture") != own->oci) continue;
    architectures.emplace_back(own->oci);
    for (auto& sub : texts_of(member(entry, "subArchitectures"), "subArchitectures")) {
      architectures.push_back(std::move(sub));
    }
  }
}

SeccompProfile profile_of(const json& root, const SeccompProfile::Conditions& conditions) {
  SeccompProfile profile;
  profile.default_action = action_of(root, "defaultAction", "defaultErrnoRet");
  profile.architectures = texts_of(member(root, "architectures"), "architectures");
  profile.flags = texts_of(member(root, "flags"), "flags");
  if (const json* map = member(root, "archMap")) {
    add_mapped_archs(*map, conditions, profile.architectures);
  }
  if (const json* base = member(root, "baseProfileName")) {
    profile.base_profile = text_of(*base, "baseProfileName");
  }
  if (const json* rules = member(root, "syscalls")) {
    if (!rules->is_array()) malformed("syscalls is not a list");
    for (const json& rule : *rules) {
      if (!rule.is_object()) malformed("an entry of syscalls is not an object");
      if (applies(rule, conditions, profile.missing_capabilities))
        profile.rules.push_back(rule_of(rule));
    }
  }
  return profile;
}

// A profile has hundreds of names, of which a person reads more than one to a line.
std::string wrapped(const std::vector<std::string>& names, std::string_view indent) {
  constexpr std::size_t kWidth = 100;
  std::string text = "[\n", line;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto item = json(names[i]).dump(-1, ' ', false, json::error_handler_t::replace) +
                      (i + 1 < names.size() ? "," : "");
    if (!line.empty() && indent.size() + line.size() + 3 + item.size() > kWidth) {
      text += std::string(indent) + "  " + line + '\n';
      line.clear();
    }
    line += (line.empty() ? "" : " ") + item;
  }
  if (!line.empty()) text += std::string(indent) + "  " + line + '\n';
  return text + std::string(indent) + ']';
}

// Stands for the names of a rule until all else is written. A string of the profile cannot look
// like it, since its quotation marks are escaped.
std::string names_place(std::size_t rule) { return "names of rule " + std::to_string(rule); }

}  // namespace

std::string SeccompProfile::to_json() const {
  ordered_json root;
  root["defaultAction"] = default_action.name;
  if (default_action.has_errno()) root["defaultErrnoRet"] = default_action.errno_ret;
  root["architectures"] = architectures;
  if (!flags.empty()) root["flags"] = flags;
  root["syscalls"] = ordered_json::array();
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const SeccompRule& rule = rules[i];
    ordered_json entry;
    if (!rule.comment.empty()) entry["comment"] = rule.comment;
    entry["names"] = names_place(i);
    entry["action"] = rule.action.name;
    if (rule.action.has_errno()) entry["errnoRet"] = rule.action.errno_ret;
    if (!rule.arguments.empty()) {
      for (const SeccompArgument& argument : rule.arguments) {
        entry["args"].push_back({{"index", argument.index},
                                 {"value", argument.value},
                                 {"valueTwo", argument.value_two},
                                 {"op", argument.op}});
      }
    }
    root["syscalls"].push_back(std::move(entry));
  }
  auto text = root.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
  std::size_t from = 0;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const std::string key = "      \"names\": ", place = '"' + names_place(i) + '"';
    const auto at = text.find(key + place, from);
    IG_CHECK(at != std::string::npos);
    const auto names = wrapped(rules[i].names, "      ");
    text.replace(at + key.size(), place.size(), names);
    from = at + names.size();
  }
  return text;
}

Result<SeccompProfile> SeccompProfile::from_json(std::string_view text,
                                                 const Conditions& conditions) {
  IG_ASSIGN(const json document, read_profile_document(text));
  const auto refuse = [](const std::string& what) {
    return fail(ErrorCode::kInvalid, "not a seccomp profile: " + what,
                "a profile is JSON as in linux.seccomp of an OCI config.json");
  };
  try {
    return profile_of(document, conditions);
  } catch (const Malformed& error) {
    return refuse(error.what);
  } catch (const json::exception& error) {
    return refuse(error.what());
  }
}

Result<std::string> parse_seccomp_action(std::string_view text) {
  if (text == "errno") return "SCMP_ACT_ERRNO";
  if (text == "kill") return "SCMP_ACT_KILL_PROCESS";
  if (text == "log") return "SCMP_ACT_LOG";
  if (std::ranges::find(kActions, text) != kActions.end()) return std::string(text);
  return fail(ErrorCode::kUsage, "no seccomp action \"" + std::string(text) + "\"",
              "give errno, kill or log, or the name of an SCMP_ACT_ action");
}

}  // namespace ig
