// SPDX-License-Identifier: Apache-2.0
// ig gadget list and info: what can be recorded, and what each gadget delivers.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "recorder/gadget/gadget_catalog.h"
#include "reporters/cell.h"
#include "reporters/schema_text.h"
#include "reporters/text_table.h"

namespace ig {
namespace {

using Json = nlohmann::ordered_json;

OptionGroup gadget_options() {
  return {"Options",
          {{"gadget-path", "DIR", "folder of further gadgets; may be repeated"}, output_option()}};
}

std::string parameters_text(const GadgetManifest& manifest, const Style& style) {
  if (manifest.parameters.empty()) return {};
  TextTable table({{"PARAMETER"}, {"DEFAULT"}, {"MEANING"}});
  for (const auto& one : manifest.parameters) {
    table.add({one.key, one.default_value, one.description});
  }
  return fmt::format("\n{}\n{}", style.bold("Parameters"), table.render(style, 2));
}

std::string variants_text(const GadgetManifest& manifest, const Style& style) {
  if (manifest.variants.empty()) return {};
  TextTable table({{"RUNG"},
                   {"NEEDS", Align::kLeft, true},
                   {"PROGRAMS"},
                   {"LEAVES EMPTY", Align::kLeft, true}});
  for (const auto& variant : manifest.variants) {
    table.add({variant.name, join(variant.requires_features, ", "), join(variant.programs, ", "),
               join(variant.leaves_empty, ", ")});
  }
  return fmt::format("\n{}\n{}",
                     style.bold("Rungs, best first (ig probe shows which this kernel allows)"),
                     table.render(style, 2));
}

std::string gadget_text(const Gadget& gadget, const std::vector<EventSchema>& schemas,
                        const Style& style) {
  auto text = fmt::format("{} ({})\n  {}\n", style.bold(gadget.name), gadget.origin,
                          printable(gadget.manifest.description));
  if (!gadget.manifest.documentation_url.empty()) {
    text += fmt::format("  {}\n", printable(gadget.manifest.documentation_url));
  }
  for (const auto& schema : schemas) text += '\n' + schema_text(schema, style);
  return text + parameters_text(gadget.manifest, style) + variants_text(gadget.manifest, style);
}

Json gadget_json(const Gadget& gadget, const std::vector<EventSchema>& schemas) {
  Json json = {{"name", gadget.name},
               {"origin", gadget.origin},
               {"description", gadget.manifest.description},
               {"data_sources", Json::array()},
               {"parameters", Json::array()},
               {"variants", Json::array()}};
  for (const auto& schema : schemas) {
    json["data_sources"].push_back(Json::parse(schema.to_json()));
  }
  for (const auto& one : gadget.manifest.parameters) {
    json["parameters"].push_back(
        {{"key", one.key}, {"default", one.default_value}, {"description", one.description}});
  }
  for (const auto& variant : gadget.manifest.variants) {
    json["variants"].push_back({{"name", variant.name},
                                {"programs", variant.programs},
                                {"requires", variant.requires_features},
                                {"leaves_empty", variant.leaves_empty}});
  }
  return json;
}

}  // namespace

Syntax gadget_list_syntax(const Words&) {
  Syntax syntax;
  syntax.groups = {gadget_options()};
  return syntax;
}

Result<int> run_gadget_list(const Arguments& arguments) {
  IG_ASSIGN(const auto catalog, GadgetCatalog::open(arguments.values("gadget-path")));
  TextTable table({{"GADGET"}, {"ORIGIN"}, {"DESCRIPTION"}});
  auto json = Json::array();
  for (const auto& gadget : catalog.gadgets()) {
    table.add({gadget.name, gadget.origin, gadget.manifest.description});
    json.push_back({{"name", gadget.name},
                    {"origin", gadget.origin},
                    {"description", gadget.manifest.description}});
  }
  put(stdout, wants_json(arguments) ? json_document(json) : table.render(stdout_style()));
  return 0;
}

Syntax gadget_info_syntax(const Words&) {
  Syntax syntax;
  syntax.operands = {{"NAME"}};
  syntax.groups = {gadget_options()};
  syntax.examples = {"ig gadget info trace_open"};
  return syntax;
}

Result<int> run_gadget_info(const Arguments& arguments) {
  IG_ASSIGN(const auto catalog, GadgetCatalog::open(arguments.values("gadget-path")));
  IG_ASSIGN(const auto* gadget, catalog.find(arguments.operand(0)));
  IG_ASSIGN(const auto schemas, event_schemas(*gadget));
  put(stdout, wants_json(arguments) ? json_document(gadget_json(*gadget, schemas))
                                    : gadget_text(*gadget, schemas, stdout_style()));
  return 0;
}

}  // namespace ig
