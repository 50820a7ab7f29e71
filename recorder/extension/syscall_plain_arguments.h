// SPDX-License-Identifier: Apache-2.0
// Arguments that are numbers, names of numbers, texts and buffers.
#pragma once

#include "recorder/extension/syscall_argument_types.h"
#include "recorder/extension/syscall_struct_text.h"

namespace ig {

void print_int(ArgumentPrinter& printer);
void print_uint(ArgumentPrinter& printer);
void print_long(ArgumentPrinter& printer);
void print_size(ArgumentPrinter& printer);
void print_hex(ArgumentPrinter& printer);
void print_mode(ArgumentPrinter& printer);
void print_pointer(ArgumentPrinter& printer);
void print_owner(ArgumentPrinter& printer);
void print_signal(ArgumentPrinter& printer);
void print_key(ArgumentPrinter& printer);
void print_directory(ArgumentPrinter& printer);
void print_flags(ArgumentPrinter& printer);
void print_constant(ArgumentPrinter& printer);
void print_file_type(ArgumentPrinter& printer);
void print_new_device(ArgumentPrinter& printer);
void print_buffer(ArgumentPrinter& printer, std::size_t capture);
void print_buffer(ArgumentPrinter& printer);
void print_result_buffer(ArgumentPrinter& printer);
void print_random(ArgumentPrinter& printer);
void print_strings(ArgumentPrinter& printer);
void print_environment(ArgumentPrinter& printer);

using AppendStruct = bool (*)(std::string&, const CapturedChunk&);

// A struct that the kernel copied, or its address where there is none.
template <AppendStruct append_struct>
void print_struct(ArgumentPrinter& printer) {
  const auto* chunk = printer.chunk();
  const auto size = printer.text.size();
  if (chunk != nullptr && printer.call.is_native() && append_struct(printer.text, *chunk)) return;
  printer.text.resize(size);
  printer.pointer();
}

}  // namespace ig
