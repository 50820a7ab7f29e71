// SPDX-License-Identifier: Apache-2.0
// ig run: what one gadget sees, live, without a session file.
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>

#include "advisors/advisor.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/recording_run.h"
#include "cli/selectors.h"
#include "recorder/gadget/gadget_catalog.h"
#include "reporters/column_choice.h"
#include "reporters/columns_printer.h"
#include "reporters/json_printer.h"

namespace ig {
namespace {

constexpr std::array<std::string_view, 5> kVerbs = {"trace", "snapshot", "top", "profile",
                                                    "advise"};

std::string gadget_name(std::string_view verb, std::string_view name) {
  auto full = fmt::format("{}_{}", verb, name);
  std::ranges::replace(full, '-', '_');
  return full;
}

// --gadget-path has to be known before the other options can be.
std::vector<std::string> paths_in(const Words& words) {
  constexpr std::string_view kOption = "--gadget-path";
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    if (words[i] == kOption && i + 1 < words.size()) paths.push_back(words[i + 1]);
    if (words[i].starts_with(kOption) && words[i][kOption.size()] == '=') {
      paths.push_back(words[i].substr(kOption.size() + 1));
    }
  }
  return paths;
}

OptionGroup parameter_options(const Gadget& gadget) {
  OptionGroup group{fmt::format("Parameters of {}", gadget.name), {}};
  for (const auto& one : gadget.manifest.parameters) {
    group.options.push_back({one.key, "VALUE", one.description, 0, one.default_value});
  }
  return group;
}

std::string fields_text(const Gadget& gadget) {
  std::string text = gadget.manifest.description + "\nFields:";
  const auto schemas = event_schemas(gadget);
  if (!schemas) return gadget.manifest.description;
  for (const auto& schema : *schemas) {
    for (const auto& column : schema.columns) text += ' ' + column_title(column);
  }
  return text;
}

std::map<std::string, std::string> parameters(const Gadget& gadget, const Arguments& arguments) {
  std::map<std::string, std::string> given;
  for (const auto& one : gadget.manifest.parameters) {
    // A parameter whose name is one of our own options is not offered here, only by `ig record`.
    const auto* option = arguments.syntax().find(one.key);
    if (option != nullptr && option->value_name == "VALUE" && arguments.has(one.key)) {
      given[one.key] = arguments.text(one.key);
    }
  }
  return given;
}

std::size_t terminal_height() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 ? size.ws_row : 24;
}

// A snapshot is complete as soon as it was taken.
bool is_snapshot(const std::vector<EventSchema>& schemas) {
  return std::ranges::all_of(schemas, [](const EventSchema& schema) {
    return schema.kind == EventSchema::Kind::kIterator;
  });
}

bool is_gadget_verb(std::string_view verb, std::string_view name) {
  if (std::ranges::count(kVerbs, verb) == 0) return false;
  if (verb != "advise") return true;
  // An advisor's name, or one that is nearly that, is not a gadget's.
  const auto catalog = GadgetCatalog::open({});
  return find_advisor(name) == nullptr && catalog && catalog->find(gadget_name(verb, name));
}

template <typename Printer>
Result<int> print_live(const RecordingPlan& plan, Printer& printer) {
  IG_ASSIGN(const auto end, run_recording(plan, [&](const std::string&) -> Result<EventSink*> {
              return &printer;
            }));
  IG_TRY(printer.finish());
  if (end.status.lost > 0) {
    log::warning("{} events were lost; a larger --ring-size may hold them",
                 format_count(end.status.lost));
  }
  return end.command_status < 0 ? 0 : end.command_status;
}

}  // namespace

Words expand_gadget_verb(Words words) {
  if (words.size() < 2 || words[1].starts_with('-')) return words;
  if (!is_gadget_verb(words[0], words[1])) return words;
  words[1] = gadget_name(words[0], words[1]);
  words[0] = "run";
  return words;
}

Syntax run_syntax(const Words& words) {
  Syntax syntax;
  syntax.operands = {{"GADGET"}};
  syntax.takes_command = true;
  syntax.groups = {{"Output",
                    {output_option(),
                     {"fields", "NAMES", "only these fields, or +NAME and -NAME to add and omit"}}},
                   recording_options(),
                   selector_options()};
  syntax.examples = {"ig run trace_exec", "ig trace open --failed true -o json --duration 10s"};
  const auto catalog = GadgetCatalog::open(paths_in(words));
  if (words.empty() || !catalog) return syntax;
  if (const auto gadget = catalog->find(words.front())) {
    syntax.text = fields_text(**gadget);
    syntax.add(parameter_options(**gadget));
    syntax.examples.clear();
  }
  return syntax;
}

Result<int> run_run(const Arguments& arguments) {
  IG_ASSIGN(auto plan, parse_recording(arguments));
  IG_ASSIGN(const auto catalog, GadgetCatalog::open(plan.options.gadget_paths));
  IG_ASSIGN(const auto* gadget, catalog.find(arguments.operand(0)));
  IG_ASSIGN(const auto schemas, event_schemas(*gadget));
  const auto fields = arguments.list("fields");
  IG_TRY(check_fields(schemas, fields));
  plan.options.gadgets = {{gadget->name, parameters(*gadget, arguments)}};
  if (is_snapshot(schemas) && plan.options.command.empty()) {
    plan.options.duration = std::chrono::milliseconds(1);
  }
  if (wants_json(arguments)) {
    JsonPrinter printer(fields, stdout);
    return print_live(plan, printer);
  }
  ColumnsPrinter printer(fields, stdout_style(), terminal_height(), stdout);
  return print_live(plan, printer);
}

}  // namespace ig
