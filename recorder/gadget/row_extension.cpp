// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/row_extension.h"

#include <iterator>

#include "recorder/extension/dns_extension.h"
#include "recorder/extension/rest_extension.h"
#include "recorder/extension/stack_extension.h"
#include "recorder/extension/syscall_arguments.h"

namespace ig {
namespace {

// One line for each kind; their order is that of their columns.
constexpr const RowExtensionKind* kKinds[] = {
    &kDnsExtension,
    &kRestExtension,
    &kStackExtension,
    &kSyscallArgumentsExtension,
};

}  // namespace

void describe_extensions(const Gadget& gadget, DataSource& source) {
  for (std::size_t i = 0; i < std::size(kKinds); ++i) {
    if (kKinds[i]->describe(gadget, source)) source.extensions.push_back(i);
  }
}

std::vector<std::unique_ptr<RowExtension>> make_extensions(const DataSource& source,
                                                           const LoadedGadget& gadget) {
  std::vector<std::unique_ptr<RowExtension>> extensions;
  for (const auto kind : source.extensions)
    extensions.push_back(kKinds[kind]->make(source, gadget));
  return extensions;
}

void add_column(DataSource& source, Column column) {
  FieldLayout field;
  field.kind = FieldLayout::Kind::kExtension;
  source.schema.columns.push_back(std::move(column));
  source.fields.push_back(field);
}

}  // namespace ig
