// SPDX-License-Identifier: Apache-2.0
// A SeccompProfile resource of the Security Profiles Operator. Its errnoRet is a string, which the
// operator hands on as one and no container runtime then takes
// (kubernetes-sigs/security-profiles-operator issue 1769), and it has none for the default action:
// so no errno is ever written, and the runtime's EPERM counts.
#include <fmt/format.h>

#include <cerrno>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>

#include "advisors/advice_text.h"
#include "advisors/seccomp/dialects/call_rules.h"
#include "advisors/seccomp/dialects/dialects.h"
#include "base/text.h"
#include "base/yaml.h"

namespace ig {
namespace {

SeccompAction as_written(SeccompAction action) {
  action.errno_ret = EPERM;
  return action;
}

// How many of the recordings saw each allowed call, in the operator's own form.
std::string coverage(const SeccompProfile& profile, const DialectContext& context) {
  nlohmann::ordered_json seen = nlohmann::ordered_json::object();
  std::set<std::string> names;
  for (const SeccompRule& rule : profile.rules) {
    if (permits(rule.action)) names.insert(rule.names.begin(), rule.names.end());
  }
  for (const auto& [name, count] : context.seen_in) {
    if (names.contains(name)) seen[name] = count;
  }
  const nlohmann::ordered_json root = {
      {"version", "v1"}, {"total", context.recordings}, {"syscalls", seen}};
  return root.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

class Resource {
 public:
  Resource(const SeccompProfile& profile, const DialectContext& context)
      : profile_(profile), context_(context) {}

  DialectText finish() && {
    head();
    for (const SeccompRule& rule : profile_.rules) {
      if (!(as_written(rule.action) == as_written(profile_.default_action))) add(rule);
    }
    if (profile_.rules.empty()) text_ += "  syscalls: []\n";
    warn();
    return {std::move(text_), std::move(caveats_)};
  }

 private:
  void head() {
    text_ = comment_lines(context_);
    text_ += "apiVersion: security-profiles-operator.x-k8s.io/v1beta1\nkind: SeccompProfile\n";
    text_ += fmt::format("metadata:\n  name: {}\n", yaml_scalar(context_.name));
    if (context_.complete && !context_.seen_in.empty()) {
      text_ += fmt::format("  annotations:\n    spo.x-k8s.io/syscall-coverage: {}\n",
                           yaml_scalar(coverage(profile_, context_)));
    }
    text_ += fmt::format("spec:\n  defaultAction: {}\n", yaml_scalar(profile_.default_action.name));
    if (!profile_.architectures.empty()) text_ += "  architectures:\n";
    for (const std::string& arch : profile_.architectures) {
      text_ += fmt::format("    - {}\n", yaml_scalar(arch));
    }
  }

  void add(const SeccompRule& rule) {
    if (!std::exchange(any_rule_, true)) text_ += "  syscalls:\n";
    if (!rule.comment.empty()) text_ += "    # " + one_line(rule.comment) + "\n";
    text_ += fmt::format("    - action: {}\n      names:\n", yaml_scalar(rule.action.name));
    for (const std::string& name : rule.names) {
      text_ += fmt::format("        - {}\n", yaml_scalar(name));
    }
    std::string arguments;
    for (const SeccompArgument& argument : rule.arguments)
      arguments += argument_text(rule, argument);
    if (!arguments.empty()) text_ += "      args:\n" + arguments;
  }

  // Kubernetes' numbers end at 2^63 - 1.
  std::string argument_text(const SeccompRule& rule, const SeccompArgument& argument) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
    if (argument.value > kMost || argument.value_two > kMost) {
      too_large_.insert(rule.names.begin(), rule.names.end());
      return "";
    }
    return fmt::format(
        "        - index: {}\n          value: {}\n          valueTwo: {}\n"
        "          op: {}\n",
        argument.index, argument.value, argument.value_two, yaml_scalar(argument.op));
  }

  void warn() {
    bool other_errno = !(as_written(profile_.default_action) == profile_.default_action);
    for (const SeccompRule& rule : profile_.rules) {
      other_errno |= rule.action.has_errno() && rule.action.errno_ret != EPERM;
    }
    if (other_errno) {
      caveats_.push_back(fmt::format(
          "the operator's form holds no errno that runtimes take: every denied call gets EPERM, "
          "also where the profile says {} (--format oci keeps it)",
          action_text(profile_.default_action)));
    }
    if (!too_large_.empty()) {
      caveats_.push_back(
          "allowed with more arguments, since Kubernetes has no numbers above 2^63: " +
          join(std::vector(too_large_.begin(), too_large_.end()), ", "));
    }
  }

  const SeccompProfile& profile_;
  const DialectContext& context_;
  std::string text_;
  std::vector<std::string> caveats_;
  std::set<std::string> too_large_;
  bool any_rule_ = false;
};

}  // namespace

Result<DialectText> write_spo(const SeccompProfile& profile, const DialectContext& context) {
  return Resource(profile, context).finish();
}

}  // namespace ig
