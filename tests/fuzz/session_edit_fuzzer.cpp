// SPDX-License-Identifier: Apache-2.0
// A sound session file whose cells hold anything: merged with a sound one, anonymized, pruned; what
// comes of it is a session.
#include "store/session_anonymize.h"
#include "store/session_edit.h"
#include "store/session_merge.h"
#include "store/session_prune.h"
#include "tests/fuzz/kept_file.h"
#include "tests/fuzz/sound_session.h"

namespace {

void expect_session(const std::string& path) {
  if (!ig::open_session(path)) __builtin_trap();
  std::filesystem::remove(path);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ig::TemporaryFolder folder;
  const auto out = folder.file("out.db");
  const auto bytes = ig::with_cells({data, size});
  const ig::KeptFile file(bytes.data(), bytes.size());
  const auto path = file.path();
  ig::Pseudonyms pseudonyms(ig::Pseudonyms::Key{});
  if (ig::write_changed_session(
          path, out, [&](auto& database) { return ig::anonymize(database, pseudonyms); })) {
    expect_session(out);
  }
  const ig::PruneRequest request{.keep = {{1}}, .from_ns = ig::test::at(3), .drop = {"trace_dns"}};
  if (ig::write_changed_session(path, out, [&](auto& database) -> ig::Result<> {
        IG_TRY(ig::prune(database, request));
        return {};
      })) {
    expect_session(out);
  }
  const ig::KeptFile sound(ig::sound_session().data(), ig::sound_session().size());
  if (ig::merge_sessions({path, sound.path()}, out, [] { return false; })) expect_session(out);
  return 0;
}
