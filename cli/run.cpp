// SPDX-License-Identifier: Apache-2.0
// ig run: what one gadget sees, live, without a session file.
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
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
#include "reporters/columns_format.h"
#include "reporters/json_format.h"
#include "reporters/live_printer.h"

namespace ig {
namespace {

constexpr std::array<std::string_view, 6> kVerbs = {"trace",   "snapshot", "top",
                                                    "profile", "audit",    "advise"};

std::string gadget_name(std::string_view verb, std::string_view name) {
  auto full = fmt::format("{}_{}", verb, name);
  std::ranges::replace(full, '-', '_');
  return full;
}

// What tells which gadget it is has to be known before its own options can be.
std::vector<std::string> values_in(const Words& words, std::string_view option) {
  std::vector<std::string> values;
  for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    if (words[i] == option && i + 1 < words.size()) values.push_back(words[i + 1]);
    if (words[i].starts_with(option) && words[i][option.size()] == '=') {
      values.push_back(words[i].substr(option.size() + 1));
    }
  }
  return values;
}

// An object file becomes part of the catalog.
Result<std::string> gadget_named(GadgetCatalog& catalog, const std::string& word,
                                 const std::string& manifest) {
  if (is_object_path(word)) return catalog.add_object(word, manifest);
  if (manifest.empty()) return word;
  return fail(ErrorCode::kUsage, "--gadget-yaml goes with an object file",
              "ig run ./program.o --gadget-yaml gadget.yaml");
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

// What the gadget's manifest says of a data source, by Inspektor Gadget's words; "" = nothing.
std::string annotation(const Gadget& gadget, const std::string& key) {
  for (const auto& [name, source] : gadget.manifest.data_sources) {
    const auto found = source.annotations.find(key);
    if (found != source.annotations.end()) return found->second;
  }
  return "";
}

std::string parameter_default(const Gadget& gadget, const std::string& key) {
  const auto found = gadget.manifest.parameter_defaults.find(key);
  return found == gadget.manifest.parameter_defaults.end() ? "" : found->second;
}

std::vector<std::string> sort_fields(const Gadget& gadget, const Arguments& arguments) {
  if (arguments.has("sort")) return arguments.list("sort");
  std::vector<std::string> fields;
  for (const auto field : split(parameter_default(gadget, "operator.sort.sort"), ',')) {
    if (!field.empty()) fields.emplace_back(field);
  }
  return fields;
}

Result<std::size_t> max_rows(const Gadget& gadget, const Arguments& arguments) {
  auto text = arguments.text("max-rows");
  if (text.empty()) text = parameter_default(gadget, "operator.limiter.max-entries");
  if (text.empty()) return 0;
  std::size_t rows = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, rows);
  if (error == std::errc() && stop == end) return rows;
  return fail(ErrorCode::kUsage, fmt::format("--max-rows: '{}' is not a number", text));
}

Result<LiveOptions> live_options(const Gadget& gadget, const std::vector<EventSchema>& schemas,
                                 const Arguments& arguments, const RecorderOptions& recording) {
  LiveOptions live;
  IG_ASSIGN(live.filter, RowFilter::parse(arguments.values("filter"), schemas));
  const auto is_stream = [](const EventSchema& schema) {
    return schema.kind == EventSchema::Kind::kTracer;
  };
  if (arguments.has("sort") && std::ranges::all_of(schemas, is_stream)) {
    return fail(ErrorCode::kUsage, fmt::format("{} shows events as they come", gadget.name),
                "record them, then ig session query sorts them");
  }
  IG_ASSIGN(live.order, RowOrder::parse(sort_fields(gadget, arguments), schemas));
  IG_ASSIGN(live.max_rows, max_rows(gadget, arguments));
  // Upstream's word for what is drawn anew from nothing each time.
  live.by_interval = annotation(gadget, "cli.clear-screen-before") == "true";
  live.interval = recording.map_interval;
  return live;
}

std::unique_ptr<RowFormat> row_format(const Arguments& arguments) {
  const auto fields = arguments.list("fields");
  if (arguments.text("output") == "columns") {
    return std::make_unique<ColumnsFormat>(fields, stdout_style(), terminal_height(), stdout);
  }
  const auto notation =
      wants_json(arguments) ? JsonFormat::Notation::kJson : JsonFormat::Notation::kYaml;
  return std::make_unique<JsonFormat>(notation, fields, stdout);
}

Result<int> print_live(RecordingPlan plan, LivePrinter& printer) {
  plan.is_done = [&] { return printer.is_full(); };
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
  // A gadget whose name Inspektor Gadget gave it, but that people look for among the tops.
  const bool is_ebpf = words[0] == "top" && words[1] == "ebpf";
  words[1] = is_ebpf ? "bpfstats" : gadget_name(words[0], words[1]);
  words[0] = "run";
  return words;
}

Syntax run_syntax(const Words& words) {
  Syntax syntax;
  syntax.operands = {{"GADGET"}};  // a name or an object file
  syntax.takes_command = true;
  auto output = output_option();
  output.choices.push_back("yaml");
  syntax.groups = {
      {"Output",
       {std::move(output),
        {"fields", "NAMES", "only these fields, or +NAME and -NAME to add and omit"},
        {"filter", "CONDITIONS",
         "only rows that meet them all: FIELD and == != < <= > >= ~ or !~ and a value, with commas "
         "between them"},
        {"sort", "NAMES", "order of a table's rows; -NAME: the greatest first"},
        {"max-rows", "N", "at most so many rows: of each table, or of the stream"},
        {"interval", "TIME", "between two readings of what is counted in the kernel [1s]"}}},
      {"Gadget", {{"gadget-yaml", "FILE", "words for an object file that has none beside it"}}},
      recording_options(),
      selector_options()};
  syntax.examples = {"ig run trace_exec", "ig run ./program.o --gadget-yaml gadget.yaml",
                     "ig trace open --failed true -o json --duration 10s",
                     "ig top file --sort -wbytes --max-rows 10 --interval 5s",
                     "ig trace exec --filter 'comm~^python,error!='"};
  auto catalog = GadgetCatalog::open(values_in(words, "--gadget-path"));
  if (words.empty() || !catalog) return syntax;
  const auto manifests = values_in(words, "--gadget-yaml");
  const auto name =
      gadget_named(*catalog, words.front(), manifests.empty() ? "" : manifests.back());
  if (!name) return syntax;  // the run tells why
  if (const auto gadget = catalog->find(*name)) {
    syntax.text = fields_text(**gadget);
    syntax.add(parameter_options(**gadget));
    syntax.examples.clear();
  }
  return syntax;
}

Result<int> run_run(const Arguments& arguments) {
  IG_ASSIGN(auto plan, parse_recording(arguments));
  IG_ASSIGN(auto catalog, GadgetCatalog::open(plan.options.gadget_paths));
  const auto manifest = arguments.text("gadget-yaml");
  IG_ASSIGN(const auto name, gadget_named(catalog, arguments.operand(0), manifest));
  IG_ASSIGN(const auto* gadget, catalog.find(name));
  IG_ASSIGN(const auto schemas, event_schemas(*gadget));
  const auto fields = arguments.list("fields");
  IG_TRY(check_fields(schemas, fields));
  const bool is_object = is_object_path(arguments.operand(0));
  plan.options.gadgets = {
      {is_object ? arguments.operand(0) : gadget->name, parameters(*gadget, arguments), manifest}};
  if (is_snapshot(schemas) && plan.options.command.empty()) {
    plan.options.duration = std::chrono::milliseconds(1);
  }
  if (arguments.has("interval")) {
    IG_ASSIGN(const auto interval, arguments.duration("interval"));
    plan.options.map_interval = std::chrono::duration_cast<std::chrono::milliseconds>(interval);
  }
  IG_ASSIGN(auto live, live_options(*gadget, schemas, arguments, plan.options));
  const auto format = row_format(arguments);
  LivePrinter printer(std::move(live), *format);
  return print_live(std::move(plan), printer);
}

}  // namespace ig
