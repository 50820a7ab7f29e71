// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "recorder/inventory/kube_parts.h"
#include "store/inventory_row.h"

namespace ig::kube {

// Fills in what only pods have; the row has what all objects have.
void read_pod(const json& pod, InventoryRow& row);

}  // namespace ig::kube
