// SPDX-License-Identifier: Apache-2.0
// docs/session-schema.md says what the comments of schemas/*.sql say. IG_UPDATE=1 rewrites it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "store/migrations.h"

namespace ig {
namespace {

constexpr std::string_view kBegin = "<!-- from schemas/*.sql -->\n";

std::string trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" ,");
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(" ,") - begin + 1));
}

// A table's row for one line of a CREATE TABLE; "" for the table's own constraints.
std::string column_row(std::string_view line) {
  const auto comment = line.find("--");
  const auto definition = trimmed(line.substr(0, comment));
  const auto space = definition.find(' ');
  if (space == std::string::npos || definition.starts_with("PRIMARY KEY")) return "";
  const auto words = comment == std::string_view::npos ? "" : trimmed(line.substr(comment + 2));
  return fmt::format("| `{}` | {} | {} |\n", definition.substr(0, space),
                     definition.substr(space + 1, definition.find(' ', space + 1) - space - 1),
                     words);
}

std::string docs_of(std::string_view sql) {
  constexpr std::string_view kCreate = "CREATE TABLE ";
  std::string docs, comment;
  bool inside = false;
  for (const std::string_view line : split(sql, '\n')) {
    if (line.starts_with("--")) {
      comment += trimmed(line.substr(2)) + "\n";
    } else if (line.starts_with(kCreate)) {
      const auto name = line.substr(kCreate.size(), line.rfind(' ') - kCreate.size());
      docs += fmt::format("\n### {}\n\n{}\n| column | type | |\n|---|---|---|\n", name, comment);
      inside = true;
    } else if (line.starts_with(")")) {
      inside = false;
    } else if (inside) {
      docs += column_row(line);
    }
    if (line.empty() || inside) comment.clear();
  }
  return docs;
}

TEST(SchemaDocsTest, SaysWhatTheSchemaSays) {
  const std::string path = IG_SOURCE_DIR "/docs/session-schema.md";
  std::ostringstream found;
  found << std::ifstream(path).rdbuf();
  std::string expected = found.str().substr(0, found.str().find(kBegin)) + std::string(kBegin);
  for (const EmbeddedFile& file : kSchemaFiles) expected += docs_of(file.bytes);
  if (std::getenv("IG_UPDATE") != nullptr) std::ofstream(path) << expected;
  EXPECT_EQ(found.str(), expected) << "IG_UPDATE=1 rewrites " << path;
}

}  // namespace
}  // namespace ig
