// SPDX-License-Identifier: Apache-2.0
#include "cli/policy_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "advisors/network/evaluator/verify_network.h"
#include "advisors/network/readers/policy_reader.h"
#include "base/file.h"
#include "base/text.h"

namespace ig {
namespace {

constexpr std::size_t kMostPolicyBytes = 16 << 20;

Result<std::vector<std::string>> files_of(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) return std::vector<std::string>{path};
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
    const auto extension = entry.path().extension();
    if (extension == ".yaml" || extension == ".yml" || extension == ".json") {
      files.push_back(entry.path().string());
    }
  }
  if (error) return std::unexpected(system_error(error.value(), "cannot read " + path));
  std::ranges::sort(files);
  return files;
}

}  // namespace

bool is_session_file(const std::string& path) {
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return false;
  std::array<char, kMagic.size()> head{};
  std::ifstream(path, std::ios::binary).read(head.data(), head.size());
  return std::string_view(head.data(), head.size()) == kMagic;
}

Result<PolicyFiles> PolicyFiles::read(const std::vector<std::string>& paths) {
  PolicyFiles files;
  PolicyReader reader;
  for (const auto& path : paths) {
    if (is_session_file(path)) {
      files.session_paths.push_back(path);
      continue;
    }
    files.policy_paths.push_back(path);
    IG_ASSIGN(const auto parts, files_of(path));
    for (const auto& part : parts) {
      if (files.texts.contains(part)) {
        return fail(ErrorCode::kUsage, part + " is given twice", "name each file once");
      }
      IG_ASSIGN(auto text, read_file(part, kMostPolicyBytes));
      IG_TRY(reader.add(text, part));
      files.texts.emplace(part, std::move(text));
    }
  }
  IG_ASSIGN(files.policies, reader.finish());
  for (const auto& policy : files.policies) {
    for (const auto& caveat : policy.caveats) {
      files.caveats.push_back(fmt::format("{}: {}", policy_text(policy), caveat));
    }
  }
  if (const auto kinds = reader.passed_over(); !kinds.empty()) {
    files.caveats.push_back(fmt::format("passed over, being no policies: {}", join(kinds, ", ")));
  }
  return files;
}

}  // namespace ig
