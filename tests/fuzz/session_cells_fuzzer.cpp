// SPDX-License-Identifier: Apache-2.0
// A sound session file whose cells hold anything: every report and every advice is made or fails,
// and nothing that is printed steers a terminal.
#include "advisors/advisor.h"
#include "reporters/report/report_text.h"
#include "reporters/session_overview.h"
#include "tests/fuzz/kept_file.h"
#include "tests/fuzz/sound_session.h"

namespace {

void expect_harmless(std::string_view text) {
  if (!ig::test::what_steers(text).empty()) __builtin_trap();
}

void advise(const ig::AdvisorInfo& advisor, const ig::Recording& recording) {
  ig::AdviceRequest request;
  request.tolerate_loss = true;
  for (const auto& option : advisor.options) {
    request.options[std::string(option.name)] = option.default_value;
  }
  const auto advice = advisor.advise({&recording, 1}, request);
  if (!advice) return;
  for (const auto& one : *advice) expect_harmless(one.document);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = ig::with_cells({data, size});
  const ig::KeptFile file(bytes.data(), bytes.size());
  const auto session = ig::open_session(file.path());
  if (!session) return 0;
  const auto overview = ig::read_overview(**session, "s.db", {});
  if (overview) expect_harmless(ig::overview_text(*overview, {}));
  const ig::Recording recording{session->get(), "s.db"};
  const auto report = ig::report::make_full_report(recording, {});
  if (report) expect_harmless(ig::report_text(*report, {}));
  for (const auto* advisor : ig::advisors()) advise(*advisor, recording);
  return 0;
}
