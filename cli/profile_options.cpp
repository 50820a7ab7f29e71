// SPDX-License-Identifier: Apache-2.0
#include "cli/profile_options.h"

#include <algorithm>
#include <cctype>

#include "base/file.h"
#include "base/text.h"
#include "store/syscall_table.h"

namespace ig {
namespace {

constexpr std::size_t kMostProfileBytes = 16 << 20;  // a runtime would choke earlier

}  // namespace

Result<std::string> parse_capability(std::string name) {
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::toupper(c); });
  if (!name.starts_with("CAP_")) name = "CAP_" + name;
  const auto is_letter = [](unsigned char c) { return std::isalnum(c) || c == '_'; };
  if (name.size() > 4 && std::ranges::all_of(name, is_letter)) return name;
  return fail(ErrorCode::kUsage, "no capability \"" + name + "\"",
              "a capability is like CAP_SYS_ADMIN");
}

Result<SeccompProfile::Conditions> ProfileFile::conditions_on(const SessionInfo& session) const {
  SeccompProfile::Conditions all = conditions;
  const bool known = find_syscall_arch(session.architecture) != nullptr;
  if (all.arch.empty()) all.arch = known ? session.architecture : native_syscall_arch();
  if (!all.kernel) {
    // A release that is no version decides nothing.
    if (const auto version = parse_version(session.kernel_release)) all.kernel = *version;
  }
  return all;
}

Result<SeccompProfile> ProfileFile::profile(const SeccompProfile::Conditions& all) const {
  auto read = SeccompProfile::from_json(text, all);
  if (!read) read.error().message = path + ": " + read.error().message;
  return read;
}

OptionGroup profile_options() {
  Option runtime{"runtime", "NAME", "whose filter: runc puts an ENOSYS stub before it"};
  runtime.default_value = "any";
  runtime.choices = {"any", "runc", "crun"};
  return {"The container and its machine",
          {runtime,
           {"capability", "NAME", "a capability that the container has, for rules that ask for it"},
           {"kernel", "VERSION", "of the machine, for rules that ask for it (default: recorded)"},
           {"arch", "ARCH", "x86_64, i386, x32, aarch64 or arm (default: the recorded one)"}}};
}

Result<ProfileFile> read_profile_file(const Arguments& arguments) {
  ProfileFile file{.path = arguments.operand(0), .text = {}, .conditions = {}};
  IG_ASSIGN(file.text, read_file(file.path, kMostProfileBytes));
  for (const auto& name : arguments.list("capability")) {
    IG_ASSIGN(auto capability, parse_capability(name));
    file.conditions.capabilities.insert(std::move(capability));
  }
  if (arguments.syntax().find("kernel") && arguments.has("kernel")) {
    IG_ASSIGN(const Version kernel, parse_version(arguments.text("kernel")));
    file.conditions.kernel = kernel;
  }
  file.conditions.arch = arguments.text("arch");
  if (!file.conditions.arch.empty() && !find_syscall_arch(file.conditions.arch)) {
    return fail(ErrorCode::kUsage, "unknown architecture \"" + file.conditions.arch + "\"",
                "it is one of x86_64, i386, x32, aarch64, arm");
  }
  return file;
}

}  // namespace ig
