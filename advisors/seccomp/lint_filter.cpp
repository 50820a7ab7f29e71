// SPDX-License-Identifier: Apache-2.0
// The compiled filter: what it is for, how large it is, and whether it is what the profile says.
#include <fmt/format.h>
#include <linux/bpf_common.h>

#include <algorithm>

#include "advisors/seccomp/boundary_grid.h"
#include "advisors/seccomp/lint_context.h"
#include "advisors/seccomp/verify_seccomp.h"
#include "base/text.h"
#include "store/syscall_table.h"

namespace ig {
namespace {

using enum LintSeverity;

// Of what container runtimes take from a registry (application/vnd.cncf.seccomp-profile.config).
constexpr std::size_t kMostArtifactBytes = 1 << 20;
constexpr std::size_t kMostArtifactRules = 128;

std::string example_of(const GridMismatch& one) {
  const auto call = one.name.empty() ? fmt::format("{:#x}", one.number) : one.name;
  return fmt::format("{} of {} is answered {}, not {}", call, one.arch, answer_text(one.answer),
                     answers_text(one.meant));
}

}  // namespace

void lint_architectures(LintContext& context) {
  if (context.profile.architectures.empty()) {
    context.add("no-architectures", kNote, "",
                "no architectures are listed: runtimes take the machine's own, and runc puts no "
                "ENOSYS stub before such a filter",
                "list the architectures that the programs have");
  }
  constexpr std::pair<std::string_view, std::string_view> kBesides[] = {
      {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86"}, {"SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"}};
  const SyscallArch* own = find_syscall_arch(context.subject.arch);
  for (const auto& [wide, narrow] : kBesides) {
    if (!own || own->oci != wide || context.has_arch(narrow)) continue;
    context.add(
        "missing-architecture", kNote, "",
        fmt::format("{} is not listed: its 32-bit programs are killed at their first call", narrow),
        "right, unless the image has 32-bit programs");
  }
}

void lint_sizes(LintContext& context) {
  for (const auto& [runtime, filter] : context.filters) {
    const std::size_t size = filter.program.size();
    if (size <= BPF_MAXINSNS * 3UZ / 4) continue;
    const bool above = size > BPF_MAXINSNS;
    context.add("filter-size", above ? kError : kWarning, "",
                fmt::format("the filter has {} instructions; the kernel takes {}",
                            format_count(size), format_count(BPF_MAXINSNS)),
                "drop architectures that nothing uses, or rules on arguments");
    break;
  }
  const auto& profile = context.profile;
  if (context.subject.bytes > kMostArtifactBytes) {
    context.add("artifact-limits", kNote, "",
                fmt::format("the file has {}; runtimes take {} from an OCI registry",
                            format_size(context.subject.bytes), format_size(kMostArtifactBytes)),
                "install it on the nodes instead");
  }
  if (profile.rules.size() > kMostArtifactRules) {
    context.add("artifact-limits", kNote, "",
                fmt::format("the profile has {} rules; runtimes take {} from an OCI registry",
                            profile.rules.size(), kMostArtifactRules),
                "put calls of one action and no arguments into one rule");
  }
}

Result<> lint_meaning(LintContext& context) {
  for (const auto& [runtime, filter] : context.filters) {
    for (const std::string& call : filter.clashes) {
      context.add("contradiction", kError, call,
                  fmt::format("the rules for {} contradict each other: libseccomp refuses the "
                              "second, and runtimes then refuse the container",
                              call),
                  "give each call one action, or different values of arguments with each action");
    }
    if (!filter.clashes.empty()) return {};
    const ProfileMeaning meaning(context.profile, context.subject.arch, runtime);
    IG_ASSIGN(const GridResult grid, check_grid(filter.program, meaning));
    if (grid.wrong == 0) continue;
    const GridMismatch& first = grid.mismatches.front();
    context.add("miscompiled", kError, first.name,
                fmt::format("the compiled filter differs from the profile in {} of {} answers: {}",
                            format_count(grid.wrong), format_count(grid.asked), example_of(first)),
                "say ranges and several arguments of one call with SCMP_CMP_EQ, or try a newer "
                "libseccomp");
    return {};
  }
  return {};
}

}  // namespace ig
