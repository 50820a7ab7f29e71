// SPDX-License-Identifier: Apache-2.0
#include "reporters/otlp_names.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "reporters/cell.h"

namespace ig::otlp {
namespace {

using Name = std::pair<std::string_view, std::string_view>;

// By the name that a person sees. What has no convention of its own keeps ours.
constexpr auto kColumnNames = std::to_array<Name>({
    {"src.addr", "source.address"},
    {"src.port", "source.port"},
    {"dst.addr", "destination.address"},
    {"dst.port", "destination.port"},
    {"error", "error.type"},
    {"fname", "file.path"},
    {"exepath", "process.executable.path"},
    {"cwd", "process.working_directory"},
});

std::string_view process_name(ProcessPart part) {
  switch (part) {
    case ProcessPart::kComm:
      return "process.executable.name";
    case ProcessPart::kPid:
      return "process.pid";
    case ProcessPart::kTid:
      return "thread.id";
    case ProcessPart::kUid:
      return "process.real_user.id";
    case ProcessPart::kParentPid:
      return "process.parent_pid";
    default:
      return {};
  }
}

// "" where there is none.
std::string convention(const Column& column) {
  if (column.process == "proc") {
    const auto name = process_name(column.process_part);
    if (!name.empty()) return std::string(name);
  }
  const auto shown = column.display_name();
  const auto found = std::ranges::find(kColumnNames, shown, &Name::first);
  return found == kColumnNames.end() ? "" : std::string(found->second);
}

bool tells_workloads_apart(ProcessPart part) {
  return part == ProcessPart::kMntnsId || part == ProcessPart::kMntnsGen ||
         part == ProcessPart::kCgroupId;
}

// OTLP's JSON spells the numbers that JSON lacks.
Json real(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  return number;
}

Json any_value(const Json& value) {
  if (value.is_boolean()) return {{"boolValue", value}};
  if (value.is_number_integer()) return {{"intValue", number64(value.get<std::int64_t>())}};
  if (value.is_number()) return {{"doubleValue", real(value.get<double>())}};
  if (!value.is_array()) return {{"stringValue", value}};
  Json values = Json::array();
  for (const auto& one : value) values.push_back(any_value(one));
  return {{"arrayValue", {{"values", values}}}};
}

std::string_view architecture(std::string_view name) {
  if (name == "x86_64") return "amd64";
  return name == "aarch64" ? "arm64" : name;
}

// "registry:5000/shop/web:1.4@sha256:…" is the image "registry:5000/shop/web" with the tag "1.4".
void add_image(Json& attributes, std::string_view image) {
  image = image.substr(0, image.find('@'));
  const auto folder = image.rfind('/');
  const auto colon = image.find(':', folder == std::string_view::npos ? 0 : folder);
  add_attribute(attributes, "container.image.name", image.substr(0, colon));
  if (colon == std::string_view::npos) return;
  add_attribute(attributes, "container.image.tags", Json::array({image.substr(colon + 1)}));
}

void add_workload(Json& attributes, const Workload& workload) {
  add_attribute(attributes, "container.id", workload.container_id);
  add_attribute(attributes, "container.runtime", workload.runtime);
  add_image(attributes, workload.image);
  add_attribute(attributes, "k8s.namespace.name", workload.kube_namespace);
  add_attribute(attributes, "k8s.pod.name", workload.pod);
  add_attribute(attributes, "k8s.pod.uid", workload.pod_uid);
  add_attribute(attributes, "k8s.container.name", workload.container);
  if (workload.kind == WorkloadKind::kContainer) {
    add_attribute(attributes, "container.name", workload.name);
  }
  const std::string prefix = workload.pod.empty() ? "container.label." : "k8s.pod.label.";
  for (const auto& [key, value] : workload.labels) add_attribute(attributes, prefix + key, value);
  add_attribute(attributes, "ig.workload.id", workload.id);
  add_attribute(attributes, "ig.workload.kind", to_string(workload.kind));
}

}  // namespace

void add_attribute(Json& attributes, std::string_view key, const Json& value) {
  const bool says_nothing =
      value.is_null() || (value.is_string() && value.get_ref<const std::string&>().empty());
  if (!says_nothing) attributes.push_back({{"key", key}, {"value", any_value(value)}});
}

Json number64(std::int64_t number) { return std::to_string(number); }
Json number64(std::uint64_t number) { return std::to_string(number); }

Json resource(const SessionInfo& info, const Workload* workload) {
  Json attributes = Json::array();
  const bool machine = workload == nullptr || workload->kind == WorkloadKind::kHost;
  add_attribute(attributes, "service.name", machine ? info.host_name : workload->name);
  add_attribute(attributes, "host.name", info.host_name);
  add_attribute(attributes, "host.id", info.machine_id);
  add_attribute(attributes, "host.arch", architecture(info.architecture));
  add_attribute(attributes, "os.type", "linux");
  add_attribute(attributes, "os.description", "Linux " + info.kernel_release);
  if (workload != nullptr) add_workload(attributes, *workload);
  return {{"attributes", attributes}};
}

std::vector<std::string> attribute_names(const EventSchema& schema,
                                         bool (*wants)(const Column& column)) {
  std::vector<std::string> names;
  for (const auto& column : schema.columns) {
    std::string name;
    if (wants(column) && !tells_workloads_apart(column.process_part)) {
      name = convention(column);
      if (name.empty()) name = "ig." + column.display_name();
    }
    // The protocol wants a name once: of two that are alike the second keeps its own.
    if (std::ranges::count(names, name) > 0 && !name.empty()) name = "ig." + column.name;
    names.push_back(std::move(name));
  }
  return names;
}

Json row_attributes(const EventSchema& schema, std::span<const std::string> names,
                    std::span<const Value> row) {
  Json attributes = Json::array();
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (!names[i].empty()) add_attribute(attributes, names[i], cell_json(schema, i, row));
  }
  return attributes;
}

}  // namespace ig::otlp
