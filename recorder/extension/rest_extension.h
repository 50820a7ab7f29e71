// SPDX-License-Identifier: Apache-2.0
// The bytes that a gadget appends to its events, as a column: the data source's annotation
// `ebpf.rest.name` gives the column's name, `ebpf.rest.len` the field that says how many there are.
#pragma once

#include "recorder/gadget/row_extension.h"

namespace ig {

extern const RowExtensionKind kRestExtension;

}  // namespace ig
