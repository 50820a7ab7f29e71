// SPDX-License-Identifier: Apache-2.0
// docs/session-schema.md says what the comments of schemas/*.sql say. IG_UPDATE=1 rewrites it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
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

// What the files say of each table, in the order of the first that has it; a later file may make it
// anew (without a comment: what was said holds) or add a column.
class SchemaDocs {
 public:
  void read(std::string_view sql) {
    std::string comment;
    Table* table = nullptr;
    for (const std::string_view line : split(sql, '\n')) {
      if (line.starts_with("--")) {
        comment += trimmed(line.substr(2)) + "\n";
      } else if (line.starts_with(kCreate) && line.ends_with("(")) {
        table = &begin(line.substr(kCreate.size(), line.rfind(' ') - kCreate.size()), comment);
      } else if (line.starts_with(kAlter)) {
        const auto name = line.substr(kAlter.size(), line.find(' ', kAlter.size()) - kAlter.size());
        named(name).columns += column_row(line.substr(line.find(kAdd) + kAdd.size()));
      } else if (line.starts_with(")")) {
        table = nullptr;
      } else if (table != nullptr) {
        table->columns += column_row(line);
      }
      if (line.empty() || table != nullptr) comment.clear();
    }
  }

  std::string text() const {
    std::string docs;
    for (const Table& table : tables_) {
      docs += fmt::format("\n### {}\n\n{}\n| column | type | |\n|---|---|---|\n{}", table.name,
                          table.comment, table.columns);
    }
    return docs;
  }

 private:
  static constexpr std::string_view kCreate = "CREATE TABLE ", kAlter = "ALTER TABLE ",
                                    kAdd = "ADD COLUMN ";
  struct Table {
    std::string name, comment, columns;
  };

  Table& named(std::string_view name) {
    const auto found = std::ranges::find(tables_, name, &Table::name);
    if (found != tables_.end()) return *found;
    tables_.push_back({std::string(name), {}, {}});
    return tables_.back();
  }
  Table& begin(std::string_view name, const std::string& comment) {
    Table& table = named(name);
    if (!comment.empty()) table.comment = comment;
    table.columns.clear();
    return table;
  }

  std::vector<Table> tables_;
};

TEST(SchemaDocsTest, SaysWhatTheSchemaSays) {
  const std::string path = IG_SOURCE_DIR "/docs/session-schema.md";
  std::ostringstream found;
  found << std::ifstream(path).rdbuf();
  std::string expected = found.str().substr(0, found.str().find(kBegin)) + std::string(kBegin);
  SchemaDocs docs;
  for (const EmbeddedFile& file : kSchemaFiles) docs.read(file.bytes);
  expected += docs.text();
  if (std::getenv("IG_UPDATE") != nullptr) std::ofstream(path) << expected;
  EXPECT_EQ(found.str(), expected) << "IG_UPDATE=1 rewrites " << path;
}

}  // namespace
}  // namespace ig
