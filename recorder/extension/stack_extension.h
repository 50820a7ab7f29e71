// SPDX-License-Identifier: Apache-2.0
// Stacks as text: a column of type gadget_kernel_stack or struct gadget_user_stack shows its frames
// by name, outermost first, with ';' between them. That form is what flame graphs are folded from,
// fits a column, and is stored once however often it comes.
#pragma once

#include "recorder/gadget/row_extension.h"

namespace ig {

extern const RowExtensionKind kStackExtension;

}  // namespace ig
