// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/profile_options.h"

#include <cstring>

#include "base/file.h"
#include "store/syscall_table.h"

namespace ig {
namespace {

constexpr std::uint64_t kMostProfileBytes = 16 << 20;

Result<std::uint32_t> parse_errno(const std::string& text) {
  constexpr int kLast = 133;  // EHWPOISON
  for (int number = 1; number <= kLast; ++number) {
    const char* name = ::strerrorname_np(number);
    if (name && (text == name || text == std::to_string(number))) {
      return static_cast<std::uint32_t>(number);
    }
  }
  return fail(ErrorCode::kUsage, "no error \"" + text + "\"",
              "give its name, like EPERM or ENOSYS");
}

Result<std::string> parse_runtime(const std::string& text) {
  if (text.empty() || text == "runc" || text == "crun" || text == "any") return text;
  return fail(ErrorCode::kUsage, "no runtime \"" + text + "\"", "--runtime is runc, crun or any");
}

Result<std::optional<bool>> parse_bool(const std::string& option, const std::string& text) {
  if (text.empty()) return std::optional<bool>();
  if (text == "true" || text == "false") return std::optional(text == "true");
  return fail(ErrorCode::kUsage, "--" + option + " cannot be \"" + text + "\"",
              "it is true or false");
}

Result<std::string> parse_arch(const std::string& text) {
  if (text.empty() || find_syscall_arch(text)) return text;
  return fail(ErrorCode::kUsage, "no architecture \"" + text + "\"",
              "--target-arch is x86_64, i386, x32, aarch64 or arm");
}

Result<std::optional<SeccompProfile>> read_base(const std::string& path) {
  if (path.empty()) return std::optional<SeccompProfile>();
  IG_ASSIGN(const auto text, read_file(path, kMostProfileBytes));
  auto profile = SeccompProfile::from_json(text, {});
  if (profile) return std::optional(std::move(*profile));
  profile.error().message = path + ": " + profile.error().message;
  return std::unexpected(profile.error());
}

}  // namespace

std::vector<AdvisorOption> profile_option_list() {
  return {
      {"by", "WHAT", "",
       "one profile for each workload, name, image or owner (default: workload, and owner where "
       "several files are given)"},
      {"args", "WHICH", "safe",
       "rules on argument values: none, safe (socket domains, namespace flags, personality, bpf, "
       "keyctl, ptrace…) or all that are recorded"},
      {"default-action", "ACTION", "",
       "for every other call: errno, kill, log or an SCMP_ACT_ name (default: errno; log where a "
       "loss is tolerated)"},
      {"default-errno", "ERROR", "EPERM",
       "what a denied call returns that the recorded kernel knew; one that it did not know gets "
       "ENOSYS"},
      {"runtime", "NAME", "",
       "the runtime that will load it, if not the recorded one: runc, crun or any"},
      {"allow-privilege-escalation", "BOOL", "",
       "whether it will run without no_new_privileges (true) or with it (false), if not as "
       "recorded"},
      {"no-start-block", "", "",
       "without the start block, for a workload that was running already"},
      {"keep-compat", "", "", "also the 32-bit architectures of the recorded machine"},
      {"target-arch", "ARCH", "",
       "for another architecture, by the names of calls: x86_64, i386, x32, aarch64 or arm"},
      {"base", "PROFILE", "", "add to this profile what it lacks"},
      {"ladder", "", "", "three profiles, to be rolled out in turn: log, errno with log, enforce"},
      {"phases", "", "", "a table of what each phase of the workload used, instead of a profile"},
  };
}

Result<ProfileOptions> parse_profile_options(const AdviceRequest& request, std::size_t recordings) {
  ProfileOptions options;
  const auto action = request.option("default-action");
  options.action_given = !action.empty();
  if (options.action_given) {
    IG_ASSIGN(options.default_action.name, parse_seccomp_action(action));
  }
  if (const auto number = request.option("default-errno"); !number.empty()) {
    IG_ASSIGN(options.default_action.errno_ret, parse_errno(number));
  }
  if (const auto args = request.option("args"); !args.empty()) {
    IG_ASSIGN(options.arguments, parse_argument_mode(args));
  }
  if (recordings > 1) options.by = SubjectBy::kOwner;
  if (const auto by = request.option("by"); !by.empty()) {
    IG_ASSIGN(options.by, parse_subject_by(by));
  }
  IG_ASSIGN(options.runtime, parse_runtime(request.option("runtime")));
  IG_ASSIGN(options.allow_privilege_escalation,
            parse_bool("allow-privilege-escalation", request.option("allow-privilege-escalation")));
  IG_ASSIGN(options.target_arch, parse_arch(request.option("target-arch")));
  IG_ASSIGN(options.base, read_base(request.option("base")));
  options.start_block = request.option("no-start-block").empty();
  options.keep_compat = !request.option("keep-compat").empty();
  options.ladder = !request.option("ladder").empty();
  options.phases = !request.option("phases").empty();
  if (options.phases && (options.ladder || !(request.format.empty() || request.format == "oci"))) {
    return fail(ErrorCode::kUsage, "--phases prints a table, and no profile in any form",
                "leave out --format and --ladder");
  }
  return options;
}

}  // namespace ig
