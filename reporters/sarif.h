// SPDX-License-Identifier: Apache-2.0
// SARIF 2.1.0: findings in the form that code hosts and CI systems show beside the lines of files.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace ig {

struct SarifRule {
  std::string id;       // "seccomp/added"
  std::string summary;  // one sentence
};

struct SarifResult {
  std::string rule;         // SarifRule::id
  std::string level;        // "error", "warning", "note"
  std::string message;      // plain text, recorded names and all
  std::string file;         // a path as it was given
  std::size_t line = 0;     // from 1; 0 = the file has no lines
  std::string fingerprint;  // the same for the same finding of another run
  nlohmann::ordered_json properties = {};
};

struct SarifLog {
  std::string version;  // of ig
  std::vector<SarifRule> rules = {};
  std::vector<SarifResult> results = {};
  std::vector<std::string> notes = {};  // what the reader must know of the run
};

nlohmann::ordered_json sarif_json(const SarifLog& log);

// The line on which a JSON or YAML `text` first has the string `word`, from 1; `otherwise` where it
// has none.
std::size_t line_of(std::string_view text, std::string_view word, std::size_t otherwise);

}  // namespace ig
