// SPDX-License-Identifier: Apache-2.0
// Columns of DNS messages. A gadget that catches them (ours or one made elsewhere) appends the
// packet's bytes to its event: `data_len` says how many, `dns_off` where in them the message
// begins.
#pragma once

#include "recorder/gadget/row_extension.h"

namespace ig {

extern const RowExtensionKind kDnsExtension;

}  // namespace ig
