// SPDX-License-Identifier: Apache-2.0
// What a command takes, as plain tables, and the parsing made from them, so that all commands read
// and fail alike; help.h makes the words. Boost.program_options does the splitting;
// it is known in options.cpp only.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace ig {

struct Option {
  std::string name;        // "duration"
  std::string value_name;  // "TIME"; empty = a switch
  std::string help;
  char letter = 0;                 // 'o' for -o
  std::string default_value = {};  // shown, and used where the option is not given
  std::vector<std::string> choices = {};
};

struct OptionGroup {
  std::string title;  // "Selectors"
  std::vector<Option> options;
};

struct Operand {
  std::string name;  // "FILE"
  bool optional = false;
  bool repeated = false;  // the last one only: one or more
};

struct Syntax {
  std::vector<Operand> operands = {};
  std::vector<OptionGroup> groups = {};
  bool takes_command = false;              // [-- COMMAND...]
  std::string text = {};                   // paragraphs below the summary
  std::vector<std::string> examples = {};  // command lines

  const Option* find(std::string_view name) const;
  // Adds the options that have no name in common with those already there; an owner of options
  // that come from elsewhere (a gadget's parameters) cannot hide ours.
  void add(OptionGroup group);
};

// What was written on the command line, checked against a Syntax. Asking for an option that the
// Syntax does not have is a mistake of ours and aborts.
class Arguments {
 public:
  static Result<Arguments> parse(Syntax syntax, const std::vector<std::string>& words);

  bool has(std::string_view name) const;  // written, not defaulted
  std::string text(std::string_view name) const;
  // Every value: the option may be repeated, and each may be a list with commas.
  std::vector<std::string> list(std::string_view name) const;
  // Every value as it was written.
  std::vector<std::string> values(std::string_view name) const;
  Result<std::chrono::nanoseconds> duration(std::string_view name) const;  // 0 if not given
  Result<std::uint64_t> size(std::string_view name) const;                 // 0 if not given

  // By position; "" where an optional one is missing.
  std::string operand(std::size_t index) const;
  std::vector<std::string> operands_from(std::size_t index) const;
  const std::vector<std::string>& command() const { return command_; }
  const Syntax& syntax() const { return syntax_; }

 private:
  Syntax syntax_;
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::vector<std::string> operands_, command_;
};

}  // namespace ig
