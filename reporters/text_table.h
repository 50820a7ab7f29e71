// SPDX-License-Identifier: Apache-2.0
// TextTable: rows under headings, made to fit the terminal. Where all is too wide, the columns
// with the longest text give way first; a pipe gets everything.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reporters/display_text.h"
#include "reporters/terminal.h"

namespace ig {

class TextTable {
 public:
  struct Heading {
    std::string title;
    Align align = Align::kLeft;
    bool optional = false;  // left out where no row has text in it
  };

  explicit TextTable(std::vector<Heading> headings);

  // Cells may be any text, e.g. recorded; they are made printable here.
  void add(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }

  // Lines that end in \n, each after `indent` blanks.
  std::string render(const Style& style, std::size_t indent = 0) const;

 private:
  TextTable without_empty_columns() const;
  std::vector<std::size_t> widths(std::size_t room) const;
  std::string render_all(const Style& style, std::size_t indent) const;

  std::vector<Heading> headings_;
  std::vector<std::vector<std::string>> rows_;
};

// Makes `widths` sum up to `room` at most (with two blanks between columns), by cutting the
// widest; none gets narrower than `least`.
void shrink_to_fit(std::vector<std::size_t>& widths, std::size_t room, std::size_t least);

// One line of cells: two blanks between them, none at the end.
std::string table_line(const std::vector<std::string>& cells,
                       const std::vector<std::size_t>& widths,
                       const std::vector<TextTable::Heading>& headings);

}  // namespace ig
