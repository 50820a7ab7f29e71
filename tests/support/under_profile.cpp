// SPDX-License-Identifier: Apache-2.0
// under_profile PROFILE.json COMMAND...: loads an OCI seccomp profile as a container runtime does
// and becomes the command. For a workload that has no runtime (`ig record -- COMMAND`), and for
// ordinary users: no privilege is needed. Written from the OCI runtime specification, apart from
// the code that writes profiles, so that the two check each other.
#include <seccomp.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using nlohmann::json;

std::uint32_t action_of(const std::string& name, const json& rule, const char* errno_key) {
  if (name == "SCMP_ACT_ERRNO") return SCMP_ACT_ERRNO(rule.value(errno_key, EPERM) & 0xffff);
  static const std::map<std::string, std::uint32_t> actions = {
      {"SCMP_ACT_ALLOW", SCMP_ACT_ALLOW},
      {"SCMP_ACT_LOG", SCMP_ACT_LOG},
      {"SCMP_ACT_TRAP", SCMP_ACT_TRAP},
      {"SCMP_ACT_KILL", SCMP_ACT_KILL},
      {"SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD},
      {"SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS}};
  return actions.at(name);
}

std::vector<scmp_arg_cmp> arguments_of(const json& rule) {
  static const std::map<std::string, scmp_compare> operators = {
      {"SCMP_CMP_NE", SCMP_CMP_NE},
      {"SCMP_CMP_LT", SCMP_CMP_LT},
      {"SCMP_CMP_LE", SCMP_CMP_LE},
      {"SCMP_CMP_EQ", SCMP_CMP_EQ},
      {"SCMP_CMP_GE", SCMP_CMP_GE},
      {"SCMP_CMP_GT", SCMP_CMP_GT},
      {"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ}};
  std::vector<scmp_arg_cmp> arguments;
  for (const json& argument : rule.value("args", json::array())) {
    arguments.push_back({argument.at("index").get<unsigned>(), operators.at(argument.at("op")),
                         argument.at("value").get<scmp_datum_t>(),
                         argument.value("valueTwo", scmp_datum_t{0})});
  }
  return arguments;
}

void add_architectures(scmp_filter_ctx filter, const json& profile) {
  for (std::string name : profile.value("architectures", json::array())) {
    static constexpr std::size_t kPrefix = sizeof("SCMP_ARCH_") - 1;
    std::string short_name = name.substr(kPrefix);
    for (char& letter : short_name) letter = static_cast<char>(std::tolower(letter));
    const std::uint32_t arch = seccomp_arch_resolve_name(short_name.c_str());
    if (arch == 0) throw std::runtime_error("unknown architecture " + name);
    const int error = seccomp_arch_add(filter, arch);
    if (error != 0 && error != -EEXIST) throw std::runtime_error("can't add " + name);
  }
}

void add_rules(scmp_filter_ctx filter, const json& profile, std::uint32_t default_action) {
  for (const json& rule : profile.value("syscalls", json::array())) {
    const std::uint32_t action = action_of(rule.at("action"), rule, "errnoRet");
    if (action == default_action) continue;
    const auto arguments = arguments_of(rule);
    for (const std::string name : rule.at("names")) {
      const int number = seccomp_syscall_resolve_name(name.c_str());
      if (number == __NR_SCMP_ERROR) throw std::runtime_error("libseccomp does not know " + name);
      const int error = seccomp_rule_add_array(
          filter, action, number, static_cast<unsigned>(arguments.size()), arguments.data());
      if (error != 0) throw std::runtime_error("can't add " + name + ": " + strerror(-error));
    }
  }
}

void load(const char* path) {
  std::ifstream file(path);
  const json profile = json::parse(file);
  const std::uint32_t default_action =
      action_of(profile.at("defaultAction"), profile, "defaultErrnoRet");
  scmp_filter_ctx filter = seccomp_init(default_action);
  if (filter == nullptr) throw std::runtime_error("seccomp_init failed");
  add_architectures(filter, profile);
  add_rules(filter, profile, default_action);
  if (const int error = seccomp_load(filter); error != 0)
    throw std::runtime_error(strerror(-error));
  // The filter is not released: munmap need not be among the calls that it allows.
}

}  // namespace

int main(int count, char** arguments) try {
  if (count < 3) throw std::runtime_error("under_profile PROFILE.json COMMAND...");
  load(arguments[1]);
  execvp(arguments[2], arguments + 2);
  throw std::runtime_error(std::string("can't run ") + arguments[2] + ": " + strerror(errno));
} catch (const std::exception& error) {
  std::fprintf(stderr, "error: %s\n", error.what());
  return 125;
}
