// SPDX-License-Identifier: Apache-2.0
#include "recorder/extension/syscall_plain_arguments.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "recorder/extension/syscall_signatures.h"
#include "recorder/extension/syscall_text.h"

namespace ig {
namespace {

using Printer = ArgumentPrinter;

}  // namespace

void print_int(ArgumentPrinter& printer) { append(printer.text, "{}", printer.as_int()); }
void print_uint(ArgumentPrinter& printer) {
  append(printer.text, "{}", static_cast<std::uint32_t>(printer.value));
}
void print_long(ArgumentPrinter& printer) {
  append(printer.text, "{}", static_cast<std::int64_t>(printer.value));
}
void print_size(ArgumentPrinter& printer) { append(printer.text, "{}", printer.value); }
void print_hex(ArgumentPrinter& printer) { append_hex(printer.text, printer.value); }
void print_mode(ArgumentPrinter& printer) {
  append_octal(printer.text, static_cast<std::uint32_t>(printer.value));
}
void print_pointer(ArgumentPrinter& printer) { printer.pointer(); }
void print_owner(ArgumentPrinter& printer) { print_int(printer); }
void print_signal(ArgumentPrinter& printer) {
  append_signal(printer.text, printer.value & UINT32_MAX);
}

void print_key(ArgumentPrinter& printer) {
  if (printer.as_int() == 0) {
    printer.text += "IPC_PRIVATE";
  } else {
    append(printer.text, "{:#x}", static_cast<std::uint32_t>(printer.value));
  }
}

void print_directory(ArgumentPrinter& printer) {
  if (printer.as_int() == AT_FDCWD) {
    printer.text += "AT_FDCWD";
  } else {
    print_int(printer);
  }
}

void print_flags(ArgumentPrinter& printer) {
  append_flags(printer.text, *printer.parameter->constants,
               static_cast<std::uint32_t>(printer.value));
}

void print_constant(ArgumentPrinter& printer) {
  append_constant(printer.text, *printer.parameter->constants,
                  static_cast<std::uint32_t>(printer.value));
}

void print_file_type(ArgumentPrinter& printer) {
  append_file_mode(printer.text, static_cast<std::uint32_t>(printer.value));
}

// Only for what is a device.
void print_new_device(ArgumentPrinter& printer) {
  const auto type = printer.reference() & S_IFMT;
  if (type != S_IFCHR && type != S_IFBLK) {
    printer.omitted = true;
    return;
  }
  append_device(printer.text, printer.value);
}

void print_buffer(ArgumentPrinter& printer, std::size_t capture) {
  const auto* chunk = printer.chunk(capture);
  if (chunk == nullptr) return printer.pointer();
  append_quoted(printer.text, chunk->bytes, chunk->total > chunk->bytes.size());
}

void print_buffer(ArgumentPrinter& printer) { print_buffer(printer, 0); }

void print_result_buffer(ArgumentPrinter& printer) {
  if (printer.call.succeeded() && printer.call.retval == 0 && printer.value != 0) {
    printer.text += "\"\"";
    return;
  }
  print_buffer(printer);
}

// Bytes that are no text.
void print_random(ArgumentPrinter& printer) {
  const auto* chunk = printer.chunk();
  if (chunk == nullptr) return print_result_buffer(printer);
  append_quoted_hex(printer.text, chunk->bytes, chunk->total > chunk->bytes.size());
}

void print_strings(ArgumentPrinter& printer) {
  if (printer.chunk(0, 0) == nullptr && printer.chunk(0, kPartEnd) == nullptr) {
    return printer.pointer();
  }
  printer.text += '[';
  for (std::uint8_t part = 0; part < kPartEnd; ++part) {
    const auto* chunk = printer.chunk(0, part);
    if (chunk == nullptr) break;
    if (part > 0) printer.text += ", ";
    append_quoted(printer.text, chunk->bytes, chunk->total > chunk->bytes.size());
  }
  if (printer.chunk(0, kPartEnd) == nullptr) printer.text += ", ...";
  printer.text += ']';
}

void print_environment(ArgumentPrinter& printer) {
  printer.pointer();
  if (const auto* chunk = printer.chunk(); chunk != nullptr) {
    append(printer.text, " /* {} var{} */", chunk->total, chunk->total == 1 ? "" : "s");
  }
}

}  // namespace ig
