// SPDX-License-Identifier: Apache-2.0
#include "recorder/extension/syscall_arguments.h"

#include <algorithm>
#include <map>
#include <utility>

#include "recorder/extension/syscall_signatures.h"
#include "recorder/extension/syscall_text.h"
#include "store/syscall_table.h"

namespace ig {
namespace {

// A program may hand over any bytes; this bounds what they become.
constexpr std::size_t kMaxText = 16 * 1024;

void append_numbers(std::string& text, const SyscallCall& call) {
  for (std::size_t i = 0; i < call.args.size(); ++i) {
    append(text, "{}{:#x}", i > 0 ? ", " : "", call.args[i]);
  }
}

bool does_not_return(const SyscallSignature* signature) {
  return signature != nullptr && signature->result.type != nullptr &&
         signature->result.type->print == nullptr;
}

}  // namespace

std::string syscall_parameters(const SyscallCall& call) {
  std::string text;
  const auto* signature = find_syscall_signature(call.name);
  if (signature == nullptr) {
    append_numbers(text, call);
    return text;
  }
  ArgumentPrinter printer(text, call, *signature);
  std::size_t index = 0;
  for (const auto& parameter : signature->parameters) {
    const auto before = text.size();
    if (before > 0) text += ", ";
    printer.parameter = &parameter;
    printer.value = call.args[index++];
    parameter.type->print(printer);
    if (std::exchange(printer.omitted, false)) text.resize(before);
    if (text.size() > kMaxText) break;
  }
  return text;
}

std::string syscall_result(const SyscallCall& call) {
  const auto* signature = find_syscall_signature(call.name);
  if (does_not_return(signature)) return "?";
  if (!call.finished) return "<unfinished ...>";
  std::string text;
  if (call.failed()) {
    append_error(text, -call.retval);
    return text;
  }
  if (signature == nullptr || signature->result.type == nullptr) {
    append(text, "{}", call.retval);
    return text;
  }
  ArgumentPrinter printer(text, call, *signature);
  printer.parameter = &signature->result;
  printer.value = static_cast<std::uint64_t>(call.retval);
  signature->result.type->print(printer);
  return text;
}

namespace {

void add(DataSource& source, const char* name, const char* description, int width) {
  Column column;
  column.name = name;
  column.type = ColumnType::kText;
  column.description = description;
  column.width = width;
  add_column(source, std::move(column));
}

bool describe(const Gadget& /*gadget*/, DataSource& source) {
  const auto& schema = source.schema;
  for (const auto* needed : {"syscall_raw", "arch_raw", "args", "retval", "finished", "captured"}) {
    if (schema.find(needed) < 0) return false;
  }
  const auto args = static_cast<std::size_t>(schema.find("args"));
  if (source.fields[args].kind != FieldLayout::Kind::kArray) return false;
  add(source, "parameters", "arguments, as strace writes them", 64);
  add(source, "ret", "result, as strace writes it; ? where the call does not return", 24);
  return true;
}

class SyscallArguments : public RowExtension {
 public:
  explicit SyscallArguments(const DataSource& source)
      : syscall_(index(source, "syscall_raw")),
        arch_(index(source, "arch_raw")),
        retval_(index(source, "retval")),
        finished_(index(source, "finished")),
        captured_(index(source, "captured")),
        parameters_column_(index(source, "parameters")),
        ret_column_(index(source, "ret")),
        args_offset_(source.fields[index(source, "args")].offset),
        captures_offset_(source.fields[captured_].offset + source.fields[captured_].size) {
    const auto& schema = source.schema;
    const auto names = schema.enums.find(schema.columns[arch_].type_name);
    if (names != schema.enums.end()) archs_ = names->second;
  }

  void fill(std::span<const std::byte> record, std::span<Value> row) override {
    call_.arch = arch_name(row[arch_].integer);
    call_.name = name(row[syscall_].integer);
    call_.retval = row[retval_].integer;
    call_.finished = row[finished_].integer != 0;
    call_.args = {};
    const auto args = tail(record, args_offset_);
    std::memcpy(call_.args.data(), args.data(), std::min(args.size(), sizeof call_.args));
    const auto captures = tail(record, captures_offset_);
    call_.set_captures(captures.first(std::min<std::uint64_t>(
        static_cast<std::uint64_t>(row[captured_].integer), captures.size())));
    parameters_ = syscall_parameters(call_);
    result_ = syscall_result(call_);
    row[parameters_column_] = Value::of(std::string_view(parameters_));
    row[ret_column_] = Value::of(std::string_view(result_));
  }

 private:
  static std::size_t index(const DataSource& source, std::string_view column) {
    return static_cast<std::size_t>(source.schema.find(column));
  }

  static std::span<const std::byte> tail(std::span<const std::byte> record, std::size_t offset) {
    return record.subspan(std::min(offset, record.size()));
  }

  std::string_view arch_name(std::int64_t number) const {
    const auto found = archs_.find(number);
    return found == archs_.end() ? std::string_view() : found->second;
  }

  // Asked once for each number: libseccomp allocates what it answers.
  std::string_view name(std::int64_t number) {
    const auto [it, is_new] = names_.try_emplace({std::string(call_.arch), number});
    if (is_new) it->second = syscall_name(call_.arch, number).value_or("");
    return it->second;
  }

  std::size_t syscall_, arch_, retval_, finished_, captured_, parameters_column_, ret_column_;
  std::size_t args_offset_, captures_offset_;
  std::map<std::int64_t, std::string> archs_;
  std::map<std::pair<std::string, std::int64_t>, std::string> names_;
  SyscallCall call_;
  std::string parameters_, result_;
};

std::unique_ptr<RowExtension> make(const DataSource& source, const LoadedGadget& /*gadget*/) {
  return std::make_unique<SyscallArguments>(source);
}

}  // namespace

const RowExtensionKind kSyscallArgumentsExtension{describe, make};

}  // namespace ig
