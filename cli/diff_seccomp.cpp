// SPDX-License-Identifier: Apache-2.0
// ig diff: what changed in meaning from one profile or recording to another. That something is new
// is exit status 3, so that a CI job can stop for it.
#include "advisors/seccomp/diff_seccomp.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/file.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/policy_files.h"
#include "cli/profile_options.h"
#include "cli/selectors.h"
#include "reporters/seccomp_diff_report.h"
#include "store/syscall_table.h"

namespace ig {
namespace {

constexpr std::size_t kMostProfileBytes = 16 << 20;  // a runtime would choke earlier
constexpr int kSomethingNew = 3;

struct DiffOptions {
  SeccompDocument::Choice choice;
  std::set<std::string> capabilities;  // of the container
};

Result<DiffOptions> parse_options(const Arguments& arguments) {
  DiffOptions options;
  auto& choice = options.choice;
  IG_ASSIGN(choice.selector, parse_selector(arguments));
  IG_ASSIGN(choice.by, parse_subject_by(arguments.text("by")));
  IG_ASSIGN(choice.arguments, parse_argument_mode(arguments.text("args")));
  choice.tolerate_loss = arguments.has("tolerate-loss");
  for (const auto& name : arguments.list("capability")) {
    IG_ASSIGN(auto capability, parse_capability(name));
    options.capabilities.insert(std::move(capability));
  }
  return options;
}

// One of the two operands, as far as it can be read alone: a profile waits for the architecture
// of the recording that it may be compared with.
struct DiffFile {
  std::string path;
  std::unique_ptr<SessionReader> session;  // null: a profile
  std::string profile;
  std::string architecture;  // of the recorded machine

  static Result<DiffFile> open(const std::string& path) {
    DiffFile file{.path = path, .session = nullptr, .profile = {}, .architecture = {}};
    if (is_session_file(path)) {
      IG_ASSIGN(file.session, open_session(path));
      IG_ASSIGN(const auto info, file.session->info());
      if (find_syscall_arch(info.architecture)) file.architecture = info.architecture;
    } else {
      IG_ASSIGN(file.profile, read_file(path, kMostProfileBytes));
    }
    return file;
  }
};

Result<SeccompDocument> read_document(DecisionDiagrams& diagrams, const DiffFile& file,
                                      const DiffOptions& options, const std::string& machine) {
  if (file.session) {
    return SeccompDocument::of_recording(diagrams, {file.session.get(), file.path}, options.choice);
  }
  return SeccompDocument::of_profile(
      diagrams, file.profile, {.capabilities = options.capabilities, .arch = machine}, file.path);
}

Result<std::string> machine_of(const Arguments& arguments, const DiffFile& before,
                               const DiffFile& after) {
  if (const auto arch = arguments.text("arch"); !arch.empty()) {
    if (find_syscall_arch(arch)) return arch;
    return fail(ErrorCode::kUsage, fmt::format("unknown architecture '{}'", arch),
                "--arch is x86_64, i386, x32, aarch64 or arm");
  }
  if (!after.architecture.empty()) return after.architecture;
  if (!before.architecture.empty()) return before.architecture;
  return std::string(native_syscall_arch());
}

void print(const SeccompDiffReport& report, const std::string& format) {
  const auto as_text = [](const nlohmann::ordered_json& json) {
    return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
  };
  if (format == "json") {
    put(stdout, as_text(seccomp_diff_json(report)));
  } else if (format == "sarif") {
    put(stdout, as_text(seccomp_diff_sarif(report, kVersion)));
  } else if (format == "markdown") {
    put(stdout, seccomp_diff_markdown(report));
  } else {
    put(stdout, seccomp_diff_text(report, stdout_style()));
  }
}

}  // namespace

Syntax diff_seccomp_syntax(const Words&) {
  Syntax syntax;
  syntax.operands = {{"BEFORE"}, {"AFTER"}};
  syntax.text =
      "Each file is a seccomp profile in the JSON of OCI, Docker or Podman, a config.json, or a "
      "session file, which stands for what was recorded in it as `ig advise seccomp-profile` "
      "would see it. Profiles are compiled and compared for what they answer to every call with "
      "all values of its arguments: two that are written differently and mean the same have no "
      "difference. A profile is compared with each workload of a session; workloads of two "
      "sessions are matched by name, or as they are where each has one.\n"
      "Exit status 3 if something is new: a call, a value of an argument, an architecture or a "
      "workload that was not allowed or seen before. 0 if not, even if something was removed or "
      "is denied in another way; with --exact 0 means no difference.";
  syntax.add({"Comparing",
              {{"by",
                "WHAT",
                "what makes workloads of a session one",
                0,
                "name",
                {"name", "image", "owner"}},
               {"args",
                "WHICH",
                "values of arguments that count in a session",
                0,
                "safe",
                {"none", "safe", "all"}},
               {"arch", "ARCH",
                "the machine that profiles are for, where they list no architectures: x86_64, "
                "aarch64… (default: the recorded one, or this one)"},
               {"capability", "NAME",
                "a capability that the container has, for rules of profiles that ask for it"},
               {"exact", "", "any difference is exit status 3"},
               {"tolerate-loss", "", "compare even if a session lost records of system calls"},
               {"output",
                "FORMAT",
                "how to print",
                'o',
                "columns",
                {"columns", "json", "sarif", "markdown"}}}});
  syntax.add(selector_options());
  syntax.examples = {"ig diff seccomp web.json web-new.db --container web",
                     "ig diff seccomp old.json new.json -o sarif > seccomp.sarif"};
  return syntax;
}

Result<int> run_diff_seccomp(const Arguments& arguments) {
  IG_ASSIGN(const auto options, parse_options(arguments));
  IG_ASSIGN(const auto old_file, DiffFile::open(arguments.operand(0)));
  IG_ASSIGN(const auto new_file, DiffFile::open(arguments.operand(1)));
  IG_ASSIGN(const auto machine, machine_of(arguments, old_file, new_file));
  DecisionDiagrams diagrams;
  IG_ASSIGN(const auto before, read_document(diagrams, old_file, options, machine));
  IG_ASSIGN(const auto after, read_document(diagrams, new_file, options, machine));
  IG_ASSIGN(auto diff, diff_seccomp(diagrams, before, after));
  const SeccompDiffReport report{.diff = std::move(diff),
                                 .before = before.file,
                                 .after = after.file,
                                 .before_recorded = before.recorded,
                                 .after_recorded = after.recorded,
                                 .after_text = new_file.profile};
  for (const auto& caveat : report.diff.caveats) log::warning("{}", caveat);
  print(report, arguments.text("output"));
  std::fflush(stdout);
  log::info("{}", summary_text(report.diff));
  const bool stop = arguments.has("exact") ? !report.diff.changes.empty() : report.diff.gains();
  return stop ? kSomethingNew : 0;
}

}  // namespace ig
