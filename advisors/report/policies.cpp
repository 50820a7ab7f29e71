// SPDX-License-Identifier: Apache-2.0
// The policies that advisors write of the session, with their evidence. An advisor that refuses
// says why; that is a fact of the report, not its failure.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "advisors/advice_text.h"
#include "advisors/report/kinds.h"

namespace ig::report {
namespace {

constexpr std::size_t kMostDocuments = 30;  // of one advisor
constexpr std::size_t kMostEvidence = 600;  // lines of one document

AdviceRequest request_of(const AdvisorInfo& advisor, const Selector& selector) {
  AdviceRequest request;
  request.selector = selector;
  request.format = advisor.formats.front();
  for (const auto& option : advisor.options) {
    request.options[std::string(option.name)] = option.default_value;
  }
  return request;
}

Document document_of(const AdvisorInfo& advisor, Advice&& advice) {
  Document document{fmt::format("{}: {}", advisor.name, advice.workload.name),
                    std::move(advice.document),
                    std::move(advice.summary),
                    std::move(advice.caveats),
                    {}};
  for (auto& evidence : advice.evidence) {
    if (document.evidence.size() == kMostEvidence) {
      document.caveats.push_back(
          fmt::format("{} lines of evidence are left out here: ig advise {} --explain has them",
                      advice.evidence.size() - kMostEvidence, advisor.name));
      break;
    }
    document.evidence.emplace_back(std::move(evidence.rule), std::move(evidence.fact));
  }
  return document;
}

// Why there is no document, once for all workloads with the same reason.
std::vector<std::string> reasons_without(const AdvisorInfo& advisor,
                                         std::span<const Advice> advice) {
  std::map<std::string, std::vector<std::string>> workloads;  // by reason
  for (const Advice& one : advice) {
    if (!one.document.empty()) continue;
    const auto reason =
        one.caveats.empty() ? "no evidence of it was recorded" : one.caveats.front();
    workloads[reason].push_back(one_line(one.workload.name));
  }
  std::vector<std::string> notes;
  for (const auto& [reason, names] : workloads) {
    notes.push_back(fmt::format(
        "{}: none for {}: {}", advisor.name,
        names.size() == 1 ? names.front() : count_text(names.size(), "workload"), reason));
  }
  return notes;
}

}  // namespace

Result<Section> policies_section(Source& source) {
  Section section{"policies", "Policies"};
  const Recordings recordings(&source.recording(), 1);
  std::size_t written = 0;
  for (const auto* advisor : advisors()) {
    const bool ran = std::ranges::any_of(advisor->gadgets,
                                         [&](const auto& gadget) { return source.ran(gadget); });
    if (!ran) {
      section.notes.push_back(fmt::format("{}: its gadgets were not recorded", advisor->name));
      continue;
    }
    auto advice = advisor->advise(recordings, request_of(*advisor, source.question().selector));
    if (!advice) {
      section.notes.push_back(fmt::format("{}: {}{}{}", advisor->name, advice.error().message,
                                          advice.error().hint.empty() ? "" : "; ",
                                          advice.error().hint));
      continue;
    }
    for (auto& note : reasons_without(*advisor, *advice)) section.notes.push_back(std::move(note));
    std::erase_if(*advice, [](const Advice& one) { return one.document.empty(); });
    written += advice->size();
    for (std::size_t i = 0; i < std::min(advice->size(), kMostDocuments); ++i) {
      section.blocks.emplace_back(document_of(*advisor, std::move((*advice)[i])));
    }
    if (advice->size() > kMostDocuments) {
      section.notes.push_back(fmt::format("{}: {} more workloads have one; ig advise writes it",
                                          advisor->name, advice->size() - kMostDocuments));
    }
  }
  section.recorded = !section.blocks.empty();
  section.headline = written == 0 ? "no evidence for a policy"
                                  : count_text(written, "document") + ", each with its evidence";
  return section;
}

}  // namespace ig::report
