// SPDX-License-Identifier: Apache-2.0
// A drop-in for a systemd service. Every option is first emptied, so that what the unit itself
// says of it does not widen the list.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "advisors/seccomp/dialects/call_rules.h"
#include "advisors/seccomp/dialects/dialects.h"
#include "advisors/seccomp/dialects/systemd_options.h"
#include "base/text.h"

namespace ig {
namespace {

// systemd 252's set @default, which every list of allowed calls has in it: systemd itself makes
// some of them between loading the filter and starting the program.
constexpr std::string_view kAlways =
    "arch_prctl brk cacheflush clock_getres clock_getres_time64 clock_gettime clock_gettime64 "
    "clock_nanosleep clock_nanosleep_time64 execve exit exit_group futex futex_time64 futex_waitv "
    "get_robust_list get_thread_area getegid getegid32 geteuid geteuid32 getgid getgid32 "
    "getgroups getgroups32 getpgid getpgrp getpid getppid getrandom getresgid getresgid32 "
    "getresuid getresuid32 getrlimit getsid gettid gettimeofday getuid getuid32 membarrier mmap "
    "mmap2 mprotect munmap nanosleep pause prlimit64 restart_syscall riscv_flush_icache "
    "riscv_hwprobe rseq rt_sigreturn sched_getaffinity sched_yield set_robust_list "
    "set_thread_area set_tid_address set_tls sigreturn time ugetrlimit uretprobe";

const std::set<std::string>& always_allowed() {
  static const std::set<std::string> names = [] {
    const auto words = split(kAlways, ' ');
    return std::set<std::string>(words.begin(), words.end());
  }();
  return names;
}

std::string arch_names(const CallRules& rules) {
  static const std::map<std::string_view, std::string_view> names = {
      {"x86_64", "x86-64"}, {"i386", "x86"}, {"x32", "x32"}, {"aarch64", "arm64"}, {"arm", "arm"}};
  std::vector<std::string> out;
  for (const SyscallArch* arch : rules.archs) out.emplace_back(names.at(arch->name));
  return join(out, " ");
}

// "acct:EPERM" of a call with an answer of its own; systemd has errors and killing.
std::string denied_item(const std::string& name, const SeccompAction& action) {
  const bool is_error = action.name == "SCMP_ACT_ERRNO" && action.errno_ret != 0;
  return name + ":" + (is_error ? errno_name(action.errno_ret) : "kill");
}

class DropIn {
 public:
  DropIn(const SeccompProfile& profile, const DialectContext& context, const CallRules& rules)
      : profile_(profile), rules_(rules), text_(comment_lines(context) + "[Service]\n") {}

  DialectText finish() && {
    set("SystemCallArchitectures", arch_names(rules_));
    text_ += "SystemCallFilter=\n";
    if (permits(profile_.default_action)) {
      write_open();
    } else {
      write_closed();
    }
    add_unknown_caveat(rules_, caveats_);
    return {std::move(text_), std::move(caveats_)};
  }

 private:
  void set(std::string_view option, std::string_view value) {
    text_ += fmt::format("{}=\n{}={}\n", option, option, value);
  }

  std::vector<std::string> denied_items() const {
    std::vector<std::string> items;
    for (const auto& [name, rule] : rules_.calls) {
      if (rule.is_allowed() || !rule.denied) continue;
      if (!permits(profile_.default_action) && always_allowed().contains(name)) continue;
      items.push_back(denied_item(name, *rule.denied));
    }
    return items;
  }

  // What is not listed is let pass, and logged where the profile says so.
  void write_open() {
    text_ += wrapped_lines("SystemCallFilter=~", denied_items());
    text_ += "SystemCallLog=\n";
    if (profile_.default_action.name == "SCMP_ACT_LOG") {
      text_ += wrapped_lines("SystemCallLog=~", rules_.allowed());
    }
  }

  void write_closed() {
    const SeccompAction& action = profile_.default_action;
    const bool is_error = action.name == "SCMP_ACT_ERRNO" && action.errno_ret != 0;
    text_ +=
        fmt::format("SystemCallErrorNumber={}\n", is_error ? errno_name(action.errno_ret) : "kill");
    auto names = rules_.allowed();
    if (names.empty()) names.emplace_back("execve");  // what systemd allows anyhow
    text_ += wrapped_lines("SystemCallFilter=", names);
    text_ += wrapped_lines("SystemCallFilter=~", denied_items());
    const SystemdOptions options = systemd_options(rules_);
    for (const std::string& line : options.lines) {
      text_ += line.substr(0, line.find('=') + 1) + "\n" + line + "\n";
    }
    warn(options);
  }

  void warn(const SystemdOptions& options) {
    warn_of_always_allowed();
    auto wider = rules_.with_conditions();
    std::erase_if(wider, [&](const std::string& name) { return options.exact.contains(name); });
    if (!wider.empty()) {
      caveats_.push_back(
          "allowed with more arguments than the profile says, for which systemd has "
          "no option: " +
          join(wider, ", "));
    }
    if (!options.lines.empty()) {
      caveats_.push_back(
          fmt::format("denied by errors of their own (EPERM, EAFNOSUPPORT), after a "
                      "comparison of all 64 bits of the argument: {}",
                      join(options.lines, ", ")));
    }
    if (profile_.default_action.name != "SCMP_ACT_ERRNO" &&
        profile_.default_action.name != "SCMP_ACT_KILL_PROCESS") {
      caveats_.push_back("systemd kills the process, where the profile says " +
                         profile_.default_action.name);
    }
  }

  void warn_of_always_allowed() {
    std::vector<std::string> extra;
    for (const std::string& name : always_allowed()) {
      const auto found = rules_.calls.find(name);
      const bool listed = found != rules_.calls.end() && found->second.is_allowed();
      const bool exists = std::ranges::any_of(rules_.archs, [&](const SyscallArch* arch) {
        return call_number(*arch, name).has_value();
      });
      if (exists && !listed) extra.push_back(name);
    }
    if (!extra.empty()) {
      caveats_.push_back("systemd allows these to every service with a list: " + join(extra, ", "));
    }
  }

  const SeccompProfile& profile_;
  const CallRules& rules_;
  std::string text_;
  std::vector<std::string> caveats_;
};

}  // namespace

Result<DialectText> write_systemd(const SeccompProfile& profile, const DialectContext& context) {
  IG_ASSIGN(const CallRules rules, call_rules(profile, context));
  return DropIn(profile, context, rules).finish();
}

}  // namespace ig
