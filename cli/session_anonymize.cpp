// SPDX-License-Identifier: Apache-2.0
// ig session anonymize: a session that may be shown to others.
#include "store/session_anonymize.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "cli/changed_session.h"
#include "cli/commands.h"

namespace ig {
namespace {

constexpr std::pair<std::string_view, Secret> kSecrets[] = {{"arguments", Secret::kArguments},
                                                            {"paths", Secret::kPaths},
                                                            {"addresses", Secret::kAddresses},
                                                            {"names", Secret::kNames}};

Result<std::set<Secret>> parse_kept(const Arguments& arguments) {
  std::set<Secret> kept;
  for (const auto& name : arguments.list("keep")) {
    const auto* found =
        std::ranges::find(kSecrets, name, &std::pair<std::string_view, Secret>::first);
    if (found == std::end(kSecrets)) {
      return fail(ErrorCode::kUsage, fmt::format("--keep: '{}' is nothing to keep", name),
                  "arguments, paths, addresses, names");
    }
    kept.insert(found->second);
  }
  if (kept.size() < std::size(kSecrets)) return kept;
  return fail(ErrorCode::kUsage, "nothing is left to be replaced", "keep less");
}

}  // namespace

Syntax session_anonymize_syntax(const Words&) {
  Syntax syntax;
  syntax.operands = {{"FILE"}};
  syntax.text =
      "Writes a session in which pseudonyms stand for arguments, paths, addresses and names: of "
      "hosts, containers, images, pods, labels, processes and DNS, in every table and the "
      "inventory. Equal words get equal pseudonyms, so flows, inventory and translations still fit "
      "together and advice is the same but for its names. The key is random and kept nowhere.\n\n"
      "Addresses stay private, public or loopback, and of one network if they were. Well-known "
      "folders and words (/usr/lib, svc, kube-system) stay. Of arguments and of whatever is no "
      "name, path or address only their equality is left; of bytes, as trace_ssl records them, "
      "nothing.\n\n"
      "Still to be seen: times, system calls, counts, sizes, ports, numbers of processes, users, "
      "files and devices, functions of the kernel, its release, the gadgets. "
      "docs/sharing-a-session.md says it exactly; look at the result before you share it.";
  syntax.groups = {{"What stays as it is",
                    {{"keep", "KINDS", "some of arguments, paths, addresses, names, by commas"}}},
                   changed_session_options()};
  syntax.examples = {"ig session anonymize web.db -o shared.db",
                     "ig session anonymize web.db --keep paths,addresses -o shared.db"};
  return syntax;
}

Result<int> run_session_anonymize(const Arguments& arguments) {
  IG_TRY(check_changed_session(arguments));
  IG_ASSIGN(auto kept, parse_kept(arguments));
  Pseudonyms pseudonyms(Pseudonyms::random_key(), std::move(kept));
  IG_TRY(change_session(arguments,
                        [&](Database& database) { return anonymize(database, pseudonyms); }));
  return 0;
}

}  // namespace ig
