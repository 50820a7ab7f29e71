// SPDX-License-Identifier: Apache-2.0
#include "recorder/gadget/btf_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "recorder/gadget/btf_reader.h"
#include "recorder/gadget/row_extension.h"
#include "recorder/gadget/struct_flattener.h"

namespace ig {
namespace {

constexpr std::string_view kSeparator = "___";
constexpr std::uint32_t kMaxRecordBytes = 1 << 20;

constexpr std::pair<std::string_view, EventSchema::Kind> kPrefixes[] = {
    {"gadget_tracer_", EventSchema::Kind::kTracer},
    {"gadget_mapiter_", EventSchema::Kind::kMap},
    {"gadget_iter_", EventSchema::Kind::kIterator},
    {"gadget_snapshotter_", EventSchema::Kind::kIterator},  // of very old gadgets
};

std::vector<std::string> split_parts(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    const auto end = text.find(kSeparator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + kSeparator.size());
  }
}

Error invalid(std::string_view source, std::string_view what) {
  return {ErrorCode::kInvalid, fmt::format("data source {}: {}", source, what), ""};
}

Result<> check_size(const DataSource& source) {
  if (source.record_size != 0 && source.record_size <= kMaxRecordBytes) return {};
  return std::unexpected(invalid(source.schema.data_source, "its struct has an impossible size"));
}

Result<> describe_struct(const BtfReader& btf, std::string_view name, DataSource& source) {
  const auto type = btf.find_struct(name);
  if (!type) {
    return std::unexpected(invalid(source.schema.data_source,
                                   fmt::format("struct {} is not in the object's BTF", name)));
  }
  source.record_size = btf.size(*type);
  IG_TRY(check_size(source));
  return StructFlattener(btf, source).add(*type, 0, false);
}

Result<> describe_map(const BtfReader& btf, DataSource& source) {
  const auto types = btf.map_types(source.map);
  if (!types || types->key == 0 || types->value == 0) {
    return std::unexpected(
        invalid(source.schema.data_source,
                fmt::format("map {} has no key and value type in the object's BTF", source.map)));
  }
  const auto key_size = btf.size(types->key);
  source.record_size = key_size + btf.size(types->value);
  IG_TRY(check_size(source));
  StructFlattener flattener(btf, source);
  IG_TRY(flattener.add(types->key, 0, true));
  return flattener.add(types->value, key_size, false);
}

// The last field of a stream's struct may be cut short by the gadget if it is an array of bytes.
std::uint32_t least_size(const DataSource& source) {
  if (source.schema.kind == EventSchema::Kind::kMap) return source.record_size;
  std::uint32_t end = 0;
  bool shortens = false;
  std::uint32_t start = 0;
  for (const auto& field : source.fields) {
    const auto field_end = field.offset + field.size * field.count;
    if (field_end < end) continue;
    end = field_end;
    start = field.offset;
    shortens = field.kind == FieldLayout::Kind::kText;
  }
  return std::max<std::uint32_t>(shortens ? start : end, 1);
}

// A text `x` beside a number `x_size` holds several strings (trace_exec's args): the contract has
// no type of its own for that.
void find_strings(DataSource& source) {
  for (std::size_t i = 0; i < source.fields.size(); ++i) {
    auto& field = source.fields[i];
    if (field.kind != FieldLayout::Kind::kText) continue;
    const int length = source.schema.find(source.schema.columns[i].name + "_size");
    if (length < 0) continue;
    const auto& number = source.fields[static_cast<std::size_t>(length)];
    if (number.kind != FieldLayout::Kind::kUnsigned) continue;
    field.kind = FieldLayout::Kind::kStrings;
    field.length_offset = number.offset;
    field.length_size = number.size;
  }
}

int find_meaning(const EventSchema& schema, Meaning meaning, bool last = false) {
  int found = -1;
  for (std::size_t i = 0; i < schema.columns.size(); ++i) {
    const auto& column = schema.columns[i];
    if (column.meaning != meaning) continue;
    // What a gadget says beside the process is about the row; the process is who caused it.
    const bool better = found >= 0 && column.process.empty() &&
                        !schema.columns[static_cast<std::size_t>(found)].process.empty();
    if (found < 0 || last || better) found = static_cast<int>(i);
  }
  return found;
}

int find_part(const EventSchema& schema, std::string_view name, ProcessPart part) {
  const int direct = schema.find(name);
  if (direct >= 0) return direct;
  const auto it = std::ranges::find(schema.columns, part, &Column::process_part);
  return it == schema.columns.end() ? -1 : static_cast<int>(it - schema.columns.begin());
}

IdentityColumns find_identity(const EventSchema& schema) {
  IdentityColumns identity;
  identity.mntns_id = find_meaning(schema, Meaning::kMntnsId);
  identity.mntns_gen = find_part(schema, "mntns_gen", ProcessPart::kMntnsGen);
  identity.cgroup_id = find_part(schema, "cgroup_id", ProcessPart::kCgroupId);
  identity.netns_id = find_meaning(schema, Meaning::kNetnsId);
  identity.time = find_meaning(schema, Meaning::kTimestamp, schema.kind == EventSchema::Kind::kMap);
  return identity;
}

std::string annotation(const Annotations& annotations, const std::string& key) {
  const auto it = annotations.find(key);
  return it == annotations.end() ? "" : it->second;
}

void apply_words(const GadgetManifest& manifest, DataSource& source) {
  const auto it = manifest.data_sources.find(source.schema.data_source);
  if (it == manifest.data_sources.end()) return;
  source.annotations = it->second.annotations;
  source.schema.description = annotation(it->second.annotations, "description");
  for (auto& column : source.schema.columns) {
    // A word may be about `x_raw` or about the `x` that is shown for it.
    for (const auto& name : {column.name, column.display_name()}) {
      const auto field = it->second.fields.find(name);
      if (field == it->second.fields.end()) continue;
      const auto& words = field->second.annotations;
      if (const auto text = annotation(words, "description"); !text.empty()) {
        column.description = text;
      }
      // Upstream hides every x_raw because its x is another field there; here they are one.
      if (name == column.display_name() && annotation(words, "columns.hidden") == "true") {
        column.hidden = true;
      }
      if (const auto unit = annotation(words, "metrics.unit"); !unit.empty()) column.unit = unit;
      const auto width = annotation(words, "columns.width");
      int value = 0;
      std::from_chars(width.data(), width.data() + width.size(), value);
      if (value > 0 && value < 1000) column.width = value;
    }
  }
}

class DataSourceReader {
 public:
  DataSourceReader(const Gadget& gadget, const BtfReader& btf) : gadget_(gadget), btf_(btf) {}

  Result<std::vector<DataSource>> read() {
    // In the order of their declaration.
    for (const auto variable : btf_.variables_with_prefix("gadget_")) {
      for (const auto& [prefix, kind] : kPrefixes) {
        if (!variable.starts_with(prefix)) continue;
        IG_TRY(add(variable.substr(prefix.size()), kind));
      }
    }
    for (auto& source : sources_) finish(source);
    return std::move(sources_);
  }

 private:
  Result<> add(std::string_view words, EventSchema::Kind kind) {
    IG_ASSIGN(auto source, describe(split_parts(words), kind));
    const auto& name = source.schema.data_source;
    const bool twice = std::ranges::any_of(
        sources_, [&](const DataSource& other) { return other.schema.data_source == name; });
    if (twice) return std::unexpected(invalid(name, "declared twice"));
    sources_.push_back(std::move(source));
    return {};
  }

  Result<DataSource> describe(const std::vector<std::string>& parts, EventSchema::Kind kind) {
    DataSource source;
    source.schema.gadget = gadget_.name;
    source.schema.data_source = parts[0];
    source.schema.kind = kind;
    const std::size_t wanted = kind == EventSchema::Kind::kMap ? 2 : 3;
    const bool right =
        kind == EventSchema::Kind::kIterator ? parts.size() >= wanted : parts.size() == wanted;
    if (!right || parts[0].empty()) {
      return std::unexpected(invalid(parts[0], "its variable is not named as the contract has it"));
    }
    if (kind == EventSchema::Kind::kIterator) {
      source.iterators.assign(parts.begin() + 2, parts.end());
      IG_TRY(describe_struct(btf_, parts[1], source));
    } else {
      source.map = parts[1];
      IG_TRY(kind == EventSchema::Kind::kMap ? describe_map(btf_, source)
                                             : describe_struct(btf_, parts[2], source));
    }
    return source;
  }

  void finish(DataSource& source) {
    auto& schema = source.schema;
    schema.view = &source == &sources_.front()
                      ? gadget_.name
                      : fmt::format("{}_{}", gadget_.name, schema.data_source);
    source.least_size = least_size(source);
    find_strings(source);
    source.identity = find_identity(schema);
    describe_extensions(gadget_, source);
    apply_words(gadget_.manifest, source);
  }

  const Gadget& gadget_;
  const BtfReader& btf_;
  std::vector<DataSource> sources_;
};

}  // namespace

Result<std::vector<DataSource>> read_data_sources(const Gadget& gadget) {
  auto btf = BtfReader::open(gadget.object);
  auto sources = btf ? DataSourceReader(gadget, *btf).read()
                     : Result<std::vector<DataSource>>(std::unexpected(btf.error()));
  if (!sources)
    sources.error().message = fmt::format("gadget {}: {}", gadget.name, sources.error().message);
  return sources;
}

}  // namespace ig
