// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/lint_target.h"

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace ig {
namespace {

using nlohmann::json;

std::unexpected<Error> not_features(const std::string& what) {
  return fail(ErrorCode::kInvalid, "not the features of a runtime: " + what,
              "it is the JSON that `runc features` or `crun features` prints");
}

void add_names(const json& seccomp, const char* key, std::set<std::string>& names) {
  const auto list = seccomp.find(key);
  if (list == seccomp.end() || !list->is_array()) return;
  for (const json& name : *list) {
    if (name.is_string()) names.insert(name.get<std::string>());
  }
}

void add_version(const json& annotations, const char* key, std::optional<Version>& version) {
  const auto found = annotations.find(key);
  if (found == annotations.end() || !found->is_string()) return;
  if (const auto parsed = parse_version(found->get<std::string>())) version = *parsed;
}

}  // namespace

Result<> add_target_versions(LintTarget& target, std::string_view text) {
  for (const std::string_view part : split(text, ',')) {
    const auto equal = part.find('=');
    const auto name = part.substr(0, equal);
    std::optional<Version>* place = name == "kernel"       ? &target.kernel
                                    : name == "libseccomp" ? &target.libseccomp
                                    : name == "runc"       ? &target.runc
                                    : name == "crun"       ? &target.crun
                                                           : nullptr;
    if (!place || equal == part.npos) {
      return fail(ErrorCode::kUsage, "not a target: \"" + std::string(part) + "\"",
                  "a target is kernel=6.1, libseccomp=2.5.4, runc=1.1.5 or crun=1.8.1");
    }
    IG_ASSIGN(*place, parse_version(part.substr(equal + 1)));
  }
  return {};
}

Result<> add_target_features(LintTarget& target, std::string_view text) {
  const json document = json::parse(text, nullptr, false);
  if (!document.is_object()) return not_features("it is not a JSON object");
  const auto linux_part = document.find("linux");
  if (linux_part == document.end() || !linux_part->is_object()) {
    return not_features("it has no \"linux\"");
  }
  const auto seccomp = linux_part->find("seccomp");
  if (seccomp == linux_part->end() || !seccomp->is_object()) {
    return not_features("it has no \"linux.seccomp\"");
  }
  add_names(*seccomp, "actions", target.actions);
  add_names(*seccomp, "archs", target.architectures);
  add_names(*seccomp, "operators", target.operators);
  const auto annotations = document.find("annotations");
  if (annotations == document.end() || !annotations->is_object()) return {};
  add_version(*annotations, "io.github.seccomp.libseccomp.version", target.libseccomp);
  add_version(*annotations, "org.opencontainers.runc.version", target.runc);
  add_version(*annotations, "run.oci.crun.version", target.crun);
  return {};
}

}  // namespace ig
