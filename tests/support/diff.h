// SPDX-License-Identifier: Apache-2.0
// Comparing profiles and sessions as `ig diff seccomp` does.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "advisors/seccomp/diff_seccomp.h"

namespace ig::test {

class Differ {
 public:
  explicit Differ(std::string machine = "x86_64") : machine_(std::move(machine)) {}

  SeccompDocument::Choice choice;

  SeccompDocument profile(const std::string& json, const std::string& file = "profile.json") {
    auto document =
        SeccompDocument::of_profile(diagrams_, json, {.capabilities = {}, .arch = machine_}, file);
    EXPECT_TRUE(document) << document.error().message;
    return document ? *document : SeccompDocument{};
  }
  SeccompDocument recording(SessionReader& session, const std::string& file = "session.db") {
    auto document = SeccompDocument::of_recording(diagrams_, {&session, file}, choice);
    EXPECT_TRUE(document) << document.error().message;
    return document ? *document : SeccompDocument{};
  }
  SeccompDiff diff(const SeccompDocument& before, const SeccompDocument& after) {
    auto diff = diff_seccomp(diagrams_, before, after);
    EXPECT_TRUE(diff) << diff.error().message;
    return diff ? *diff : SeccompDiff{};
  }
  SeccompDiff profiles(const std::string& before, const std::string& after) {
    return diff(profile(before), profile(after));
  }

 private:
  std::string machine_;
  DecisionDiagrams diagrams_;
};

// "added read" for each, in order; "added default action".
inline std::vector<std::string> texts(const SeccompDiff& diff) {
  std::vector<std::string> texts;
  for (const auto& change : diff.changes) {
    texts.push_back(std::string(to_string(change.kind)) + ' ' +
                    (change.name.empty() ? std::string(to_string(change.of)) : change.name));
  }
  return texts;
}

}  // namespace ig::test
