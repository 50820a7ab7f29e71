// SPDX-License-Identifier: Apache-2.0
// JsonFormat: `ig run --output json` and yaml: one object a row, nested where a name has dots, each
// with its table's name and the workload. JSON is one line a row, YAML one document.
#pragma once

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "reporters/row_format.h"

namespace ig {

class JsonFormat : public RowFormat {
 public:
  enum class Notation { kJson, kYaml };
  JsonFormat(Notation notation, std::vector<std::string> fields, std::FILE* out);

  void begin(const EventSchema& schema) override;
  void row(const EventSchema& schema, const RowView& row) override;
  void tables(std::span<const TableView> tables, Occasion occasion) override;
  Result<> flush() override;

 private:
  Notation notation_;
  std::vector<std::string> fields_;
  std::FILE* out_;
  std::map<const EventSchema*, std::vector<std::size_t>> columns_;
};

}  // namespace ig
