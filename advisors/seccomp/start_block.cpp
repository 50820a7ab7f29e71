// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/start_block.h"

#include <algorithm>
#include <vector>

#include "base/check.h"
#include "base/embedded.h"
#include "base/text.h"

namespace ig {

extern const std::span<const EmbeddedFile> start_block_files;

namespace {

// A container engine is not the runtime that it calls: docker and containerd call runc unless told
// otherwise, podman either.
bool may_have_started(std::string_view runtime, const Workload& workload) {
  const std::string& known = workload.runtime;
  return !(known == "runc" || known == "crun") || known == runtime;
}

enum class Part { kStart, kExec, kRuntime };

bool applies(std::string_view owner, const Workload& workload, Part part) {
  const auto parts = split(owner, '/');
  const auto has = [&](std::string_view word) { return std::ranges::count(parts, word) > 0; };
  if (parts[0] != "runc" && parts[0] != "crun") return part == Part::kStart;  // a libc
  const bool fits = part == Part::kRuntime || has("exec") == (part == Part::kExec);
  return fits && may_have_started(parts[0], workload) &&
         has("no_new_privileges") == workload.no_new_privileges;
}

StartBlock block_of(const Workload& workload, Part part) {
  StartBlock block;
  std::vector<std::string> owners;
  for (std::string_view line : split(start_block_files[0].bytes, '\n')) {
    const auto colon = line.find(": ");
    if (line.starts_with('#') || colon == line.npos) continue;
    const std::string_view owner = line.substr(0, colon);
    if (!applies(owner, workload, part)) continue;
    const std::string runtime(split(owner, '/')[0]);
    if (std::ranges::find(owners, runtime) == owners.end()) owners.push_back(runtime);
    for (std::string_view name : split(line.substr(colon + 2), ' ')) block.names.emplace(name);
  }
  IG_CHECK(!block.names.empty());
  block.owners = join(owners, ", ");
  return block;
}

}  // namespace

StartBlock start_block(const Workload& workload) { return block_of(workload, Part::kStart); }

StartBlock exec_block(const Workload& workload) { return block_of(workload, Part::kExec); }

StartBlock runtime_block(const Workload& workload) { return block_of(workload, Part::kRuntime); }

}  // namespace ig
