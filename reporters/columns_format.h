// SPDX-License-Identifier: Apache-2.0
// ColumnsFormat: rows in columns. A stream has columns of fixed width; a table's fit what is in
// them. Rows that hold a histogram are drawn, one below the other. On a terminal the tables of an
// interval are drawn over the last ones.
#pragma once

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "reporters/row_format.h"
#include "reporters/text_table.h"

namespace ig {

class ColumnsFormat : public RowFormat {
 public:
  // `height` is the terminal's, in lines.
  ColumnsFormat(std::vector<std::string> fields, Style style, std::size_t height, std::FILE* out);

  void begin(const EventSchema& schema) override;
  void row(const EventSchema& schema, const RowView& row) override;
  void tables(std::span<const TableView> tables, Occasion occasion) override;
  bool draws_in_place() const override { return style_.width > 0; }
  Result<> flush() override;

 private:
  using Cells = std::vector<std::string>;

  struct Layout {
    std::vector<std::size_t> columns;  // of the schema
    std::vector<TextTable::Heading> headings;
    std::vector<std::size_t> widths;  // of a stream's lines
    int histogram = -1;               // the column of the schema that is drawn
  };

  Cells cells(const EventSchema& schema, const RowView& row, const Layout& layout) const;
  std::string table_text(const TableView& table) const;
  std::string histograms_text(const TableView& table, const Layout& layout) const;
  std::string fit_height(std::string text) const;

  std::vector<std::string> fields_;
  Style style_;
  std::size_t height_;
  std::FILE* out_;
  std::map<const EventSchema*, Layout> layouts_;
  const EventSchema* last_heading_ = nullptr;  // of the lines that are on the screen
  std::size_t drawn_lines_ = 0;
};

}  // namespace ig
