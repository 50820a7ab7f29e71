// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "recorder/inventory/kube_files.h"
#include "recorder/inventory/yaml_json.h"
#include "store/inventory_history.h"

namespace {

// What a reader makes is what a session's reader takes, and a history that is stored comes back.
void check(ig::KubeReader& reader) {
  ig::InventoryHistory history, again;
  for (auto& row : reader.take_rows()) history.take(std::move(row));
  ig::Inventory inventory;
  for (const auto& row : history.rows()) {
    if (!ig::take_row(row, inventory)) __builtin_trap();
  }
  again.take_stored(history.rows());
  if (again.rows() != history.rows()) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  ig::KubeReader from_json(1), from_yaml(1);
  if (ig::take_json_documents(text, from_json)) check(from_json);
  if (const auto documents = ig::yaml_documents(text)) {
    for (const auto& document : *documents) from_yaml.take(document);
    check(from_yaml);
  }
  return 0;
}
