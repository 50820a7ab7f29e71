// SPDX-License-Identifier: Apache-2.0
// SessionOverview: all that `ig session info` says of a session file: when, where and how it was
// recorded, who was seen, what the tables hold, and what was lost.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "reporters/terminal.h"
#include "store/session_reader.h"

namespace ig {

struct SessionOverview {
  std::string file;
  std::uint64_t file_bytes = 0;
  SessionInfo info;
  std::vector<SessionInfo> recordings;
  std::vector<GadgetRun> gadgets;
  std::vector<Workload> workloads;
  std::vector<TableInfo> tables;
  std::vector<Loss> losses;
  std::vector<Enrichment> enrichments;

  std::uint64_t rows() const;
};

Result<SessionOverview> read_overview(SessionReader& session, const std::string& file,
                                      const Selector& selector);
std::string overview_text(const SessionOverview& overview, const Style& style);
nlohmann::ordered_json overview_json(const SessionOverview& overview);

// The lines of `ig session list`.
std::string session_list_text(const std::vector<SessionOverview>& sessions, const Style& style);
nlohmann::ordered_json session_list_json(const std::vector<SessionOverview>& sessions);

}  // namespace ig
