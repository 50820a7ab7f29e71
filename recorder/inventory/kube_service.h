// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "recorder/inventory/kube_parts.h"
#include "store/inventory_row.h"

namespace ig::kube {

// Fill in what only these have; the row has what all objects have.
void read_service(const json& service, InventoryRow& row);
void read_endpoint_slice(const json& slice, InventoryRow& row);
void read_endpoints(const json& endpoints, InventoryRow& row);

}  // namespace ig::kube
