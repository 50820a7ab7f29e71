// SPDX-License-Identifier: Apache-2.0
#include "cli/enrich_inventory.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "advisors/advice_text.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/kube_options.h"
#include "cli/output.h"
#include "recorder/inventory/kube_files.h"
#include "recorder/inventory/kube_watch.h"
#include "reporters/cell.h"
#include "reporters/text_table.h"
#include "store/inventory_table.h"

namespace ig {
namespace {

using Counts = std::map<std::string, std::uint64_t>;  // by kind

// What all sources told.
struct Told {
  std::vector<InventoryAddition> additions;
  Counts read, passed_over;
  std::uint64_t unreadable = 0;
};

void add_counts(Counts& to, const Counts& counts) {
  for (const auto& [kind, count] : counts) to[kind] += count;
}

Result<> take_file(const std::string& path, Told& told) {
  IG_ASSIGN(auto file, read_kube_file(path));
  add_counts(told.read, file.reader.read());
  add_counts(told.passed_over, file.reader.passed_over());
  told.unreadable += file.reader.unreadable();
  InventoryAddition addition;
  addition.rows = file.reader.take_rows();
  addition.source = {.source = {.kind = "file",
                                .source = path == "-" ? "standard input" : path,
                                .from_ns = file.written_ns,
                                .to_ns = file.written_ns,
                                .caveats = {}},
                     .sha256 = file.sha256,
                     .tool_version = std::string(kVersion),
                     .added_ns = wall_time_ns()};
  told.additions.push_back(std::move(addition));
  return {};
}

Result<> take_server(KubeConfig config, Told& told) {
  IG_ASSIGN(auto listing, list_kube_objects(std::move(config), std::string(kVersion)));
  add_counts(told.read, listing.read);
  told.additions.push_back(std::move(listing.addition));
  return {};
}

std::string counts_text(const Counts& counts) {
  TextTable table({{"KIND"}, {"OBJECTS", Align::kRight}});
  for (const auto& [kind, count] : counts) table.add({kind, format_count(count)});
  return table.render(stdout_style());
}

nlohmann::ordered_json told_json(const Told& told, bool is_new) {
  auto sources = nlohmann::ordered_json::array();
  for (const auto& addition : told.additions) {
    const auto& source = addition.source.source;
    sources.push_back(
        {{"kind", source.kind}, {"source", source.source}, {"caveats", source.caveats}});
  }
  return {{"sources", sources},
          {"objects", told.read},
          {"passed_over", told.passed_over},
          {"unreadable", told.unreadable},
          {"added", is_new}};
}

// Whatever was not taken is counted aloud.
void tell(const Told& told, bool is_new) {
  std::uint64_t objects = 0, others = 0;
  for (const auto& [kind, count] : told.read) objects += count;
  for (const auto& [kind, count] : told.passed_over) others += count;
  log::info("{} read{}", count_text(objects, "object"),
            is_new ? "" : ", nothing added: the session has them");
  if (others > 0) {
    log::info("{} passed over: of other kinds", count_text(others, "object"));
  }
  if (told.unreadable > 0) {
    log::warning("{} left out: without a kind or a name", count_text(told.unreadable, "object"));
  }
  for (const auto& addition : told.additions) {
    for (const auto& caveat : addition.source.source.caveats) log::warning("{}", caveat);
  }
}

}  // namespace

OptionGroup inventory_enrichment_options() {
  OptionGroup group{"Who addresses were",
                    {{"inventory", "FILE",
                      "objects of the cluster, as kubectl get -o json or -o yaml prints them; may "
                      "be repeated; - = standard input"}}};
  for (auto& option : kube_options()) group.options.push_back(std::move(option));
  return group;
}

bool wants_inventory(const Arguments& arguments) {
  return arguments.has("inventory") || arguments.has("kubeconfig") || arguments.has("kubernetes");
}

Result<int> enrich_with_inventory(const Arguments& arguments, SessionEdit& edit) {
  Told told;
  for (const auto& path : arguments.values("inventory")) IG_TRY(take_file(path, told));
  IG_ASSIGN(auto config, parse_kube_options(arguments));
  if (config) IG_TRY(take_server(std::move(*config), told));
  IG_ASSIGN(const bool is_new, add_inventory(edit, told.additions));
  put(stdout,
      wants_json(arguments) ? json_document(told_json(told, is_new)) : counts_text(told.read));
  std::fflush(stdout);
  tell(told, is_new);
  return 0;
}

}  // namespace ig
