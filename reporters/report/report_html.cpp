// SPDX-License-Identifier: Apache-2.0
#include "reporters/report/report_html.h"

#include <openssl/evp.h>

#include <array>
#include <nlohmann/json.hpp>

#include "advisors/report/flame_tree.h"
#include "base/check.h"
#include "base/embedded.h"
#include "reporters/cell.h"
#include "reporters/report/report_json.h"

namespace ig {

// reporters/report/html, in the order of their names.
extern const std::span<const EmbeddedFile> kReportPageFiles;

namespace {

using namespace report;

// Frames that no screen shows; what they had is their parents'.
constexpr double kLeastShare = 0.0005;

std::string files_that_end_in(std::string_view ending) {
  std::string all;
  for (const auto& file : kReportPageFiles) {
    if (file.name.ends_with(ending)) all += file.bytes;
  }
  return all;
}

// As a content security policy names a script: nothing but this one runs.
std::string digest(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned length = 0;
  IG_CHECK(EVP_Digest(text.data(), text.size(), bytes.data(), &length, EVP_sha256(), nullptr) == 1);
  std::array<unsigned char, 2 * EVP_MAX_MD_SIZE> base64{};
  const int written = EVP_EncodeBlock(base64.data(), bytes.data(), static_cast<int>(length));
  return {reinterpret_cast<const char*>(base64.data()), static_cast<std::size_t>(written)};
}

Report for_a_page(const Report& report) {
  Report page = report;
  for (auto& section : page.sections) {
    for (auto& block : section.blocks) {
      if (auto* graph = std::get_if<FlameGraph>(&block)) {
        graph->nodes = prune(graph->nodes, kLeastShare);
      }
    }
  }
  return page;
}

// JSON that no "<" of a recorded name can lead out of.
std::string data_of(std::span<const Report> reports) {
  auto array = nlohmann::ordered_json::array();
  for (const auto& report : reports) array.push_back(report_json(for_a_page(report)));
  std::string out;
  for (const char c : json_line(array)) out += c == '<' ? "\\u003c" : std::string(1, c);
  return out;
}

}  // namespace

std::string report_html(std::span<const Report> reports) {
  const auto style = files_that_end_in(".css");
  const auto script = "\"use strict\";\n(() => {\n" + files_that_end_in(".js") + "})();\n";
  const std::array<std::pair<std::string_view, std::string>, 5> parts = {
      {{"@SCRIPT_HASH@", digest(script)},
       {"@STYLE_HASH@", digest(style)},
       {"@STYLE@", style},
       {"@DATA@", data_of(reports)},
       {"@SCRIPT@", script}}};
  auto page = files_that_end_in(".html");
  // In their order in the page, so that what was put in is not looked at again.
  std::size_t from = 0;
  for (const auto& [mark, text] : parts) {
    const auto at = page.find(mark, from);
    IG_CHECK(at != std::string::npos);
    page.replace(at, mark.size(), text);
    from = at + text.size();
  }
  return page;
}

}  // namespace ig
