// SPDX-License-Identifier: Apache-2.0
// What an advisor is: a name, help, and a function from recordings to advice. An advisor reads only
// through SessionReader and never prints. Files named *_advisor.cpp each define one AdvisorInfo;
// CMake makes the table of them, so adding one edits no list.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/session_reader.h"

namespace ig {

// One of the recordings that advice is made from.
struct Recording {
  SessionReader* session = nullptr;
  std::string name;  // as a person calls it: its file
};
using Recordings = std::span<const Recording>;

// One option of an advisor, as `ig advise NAME --help` shows it.
struct AdvisorOption {
  std::string_view name;        // "default-action"
  std::string_view value_name;  // "ACTION"; empty for a switch
  std::string_view default_value;
  std::string_view help;
};

// What the person asked for.
struct AdviceRequest {
  Selector selector;
  bool tolerate_loss = false;
  bool explain = false;
  std::string format;                          // one of AdvisorInfo::formats; empty = the first
  std::map<std::string, std::string> options;  // by AdvisorOption::name; defaults filled in
  std::string option(const std::string& name) const;
};

// The evidence of one rule: `--explain` prints it.
struct Evidence {
  std::string rule;  // "x86_64 openat", "egress TCP 10.0.0.7:5432"
  std::string fact;  // "12,044 calls, 14:02:11Z to 14:12:09Z, startup and steady"
};

// One document.
struct Advice {
  Workload workload;
  std::string name;       // for a file name: letters, digits, '-', '.'
  std::string extension;  // "json", "yaml", "nft"
  // Deterministic: same session and options, same bytes. Empty where there is no evidence for a
  // document; the caveats then say why.
  std::string document;
  std::vector<std::string> summary;  // a few lines: window, evidence, what was left out
  std::vector<std::string> caveats;  // what the reader must know before using it
  std::vector<Evidence> evidence;
};

struct AdvisorInfo {
  std::string_view name;             // "seccomp-profile"
  std::string_view summary;          // one line
  std::vector<std::string> gadgets;  // whose losses concern it
  std::vector<std::string_view> formats;
  std::vector<AdvisorOption> options;
  // `recordings`: at least one. Refuses with ErrorCode::kRefused (exit status 3) where the evidence
  // is lossy.
  Result<std::vector<Advice>> (*advise)(Recordings recordings, const AdviceRequest& request);
};

std::span<const AdvisorInfo* const> advisors();
const AdvisorInfo* find_advisor(std::string_view name);

}  // namespace ig
