// SPDX-License-Identifier: Apache-2.0
// What a recording has to write of an inventory that grows while it runs.
#pragma once

#include <vector>

#include "store/inventory_row.h"

namespace ig {

class InventoryDiff {
 public:
  struct Change {
    std::vector<InventoryRow> gone, added;
  };
  // What has to be deleted and written so that what was told last becomes `rows`, which are sorted
  // as InventoryHistory gives them.
  Change to(std::vector<InventoryRow> rows);

 private:
  std::vector<InventoryRow> told_;
};

}  // namespace ig
