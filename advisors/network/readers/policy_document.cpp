// SPDX-License-Identifier: Apache-2.0
#include "advisors/network/readers/policy_document.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.h"

namespace ig {
namespace {

using nlohmann::json;

constexpr std::size_t kMostBytes = 16 << 20;
// Aliases let a small YAML file stand for a huge one, so what is visited counts.
constexpr std::size_t kMostNodes = 500'000;
constexpr int kMostDepth = 64;
constexpr std::size_t kMostDocuments = 20'000;

// Whole text as a number of the wanted kind.
template <typename Number>
std::optional<Number> number_in(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// What YAML calls plain: 80, -1, 10.5, true, null.
json plain_scalar(const std::string& text) {
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") {
    return nullptr;
  }
  if (const auto whole = number_in<std::int64_t>(text)) return *whole;
  const bool numeric = text.find_first_not_of("0123456789+-.eE") == text.npos;
  if (const auto real = number_in<double>(text); numeric && real && std::isfinite(*real)) {
    return *real;
  }
  return text;
}

class YamlReader {
 public:
  json value(const YAML::Node& node, int depth = 0) {
    if (++nodes_ > kMostNodes) throw PolicyUnfit("the YAML stands for too much");
    if (depth > kMostDepth) throw PolicyUnfit("the YAML is too deep");
    switch (node.Type()) {
      case YAML::NodeType::Sequence: {
        json list = json::array();
        for (const auto& item : node) list.push_back(value(item, depth + 1));
        return list;
      }
      case YAML::NodeType::Map:
        return object(node, depth);
      case YAML::NodeType::Scalar:
        return node.Tag() == "!" || node.Tag() == "tag:yaml.org,2002:str"
                   ? json(node.Scalar())
                   : plain_scalar(node.Scalar());
      default:
        return nullptr;
    }
  }

 private:
  json object(const YAML::Node& node, int depth) {
    json object = json::object();
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) throw PolicyUnfit("a key of the YAML is not a word");
      const auto& key = entry.first.Scalar();
      if (key == "<<") throw PolicyUnfit("merged maps (<<) are not read: write them out");
      if (object.contains(key)) throw PolicyUnfit(fmt::format("'{}' stands twice in a map", key));
      object[key] = value(entry.second, depth + 1);
    }
    return object;
  }

  std::size_t nodes_ = 0;
};

// The parser keeps the last of two equal keys and does not say so.
json read_json(std::string_view text) {
  std::vector<std::set<std::string>> keys;
  return json::parse(text, [&](int depth, json::parse_event_t event, json& parsed) {
    if (depth > kMostDepth) throw PolicyUnfit("the JSON is too deep");
    if (event == json::parse_event_t::object_start) keys.emplace_back();
    if (event == json::parse_event_t::object_end && !keys.empty()) keys.pop_back();
    if (event == json::parse_event_t::key &&
        !keys.back().insert(parsed.get<std::string>()).second) {
      throw PolicyUnfit(fmt::format("'{}' stands twice in an object", parsed.get<std::string>()));
    }
    return true;
  });
}

bool looks_like_json(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first != text.npos && text[first] == '{';
}

json read_one(std::string_view text, YamlReader& reader) {
  if (looks_like_json(text)) {
    try {
      return read_json(text);
    } catch (const json::exception&) {
      // YAML has maps in braces, too
    }
  }
  return reader.value(YAML::Load(std::string(text)));
}

bool is_marker(std::string_view line, std::string_view marker) {
  return line.starts_with(marker) &&
         (line.size() == 3 || line[3] == ' ' || line[3] == '\t' || line[3] == '\r');
}

// At markers alone on a line, which YAML takes for an end even inside a block of text. Not by
// YAML::LoadAll: it does not come to an end with some texts that are no YAML.
std::vector<std::string_view> split_documents(std::string_view text) {
  std::vector<std::string_view> documents;
  std::size_t begin = 0;
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    const auto line = text.substr(at, end - at);
    const bool starts = is_marker(line, "---");
    if (starts || is_marker(line, "...")) {
      documents.push_back(text.substr(begin, at - begin));
      begin = at + 3;
    }
    at = end + 1;
  }
  documents.push_back(text.substr(begin));
  return documents;
}

bool has_content(std::string_view document) {
  for (const auto line : split(document, '\n')) {
    const auto first = line.find_first_not_of(" \t\r");
    if (first != line.npos && line[first] != '#' && line[0] != '%') return true;
  }
  return false;
}

// "List", and "NetworkPolicyList" of the API.
void take_apart(json document, const std::string& source, std::vector<KubeDocument>& found) {
  if (!document.is_object()) throw PolicyUnfit("a document is no object of Kubernetes");
  const auto kind = document.find("kind");
  const auto items = document.find("items");
  const bool is_list = kind != document.end() && kind->is_string() &&
                       kind->get_ref<const std::string&>().ends_with("List") &&
                       items != document.end() && items->is_array();
  if (!is_list) {
    if (found.size() >= kMostDocuments) throw PolicyUnfit("it holds too many documents");
    found.push_back({std::move(document), source});
    return;
  }
  auto item_kind = kind->get<std::string>();
  item_kind.resize(item_kind.size() - 4);
  const auto version = document.value("apiVersion", json());
  std::size_t index = 0;
  for (auto& item : *items) {
    // A typed list leaves out what its items are.
    if (item.is_object() && !item_kind.empty() && !item.contains("kind")) {
      item["kind"] = item_kind;
      if (!item.contains("apiVersion")) item["apiVersion"] = version;
    }
    take_apart(std::move(item), fmt::format("{}, item {}", source, ++index), found);
  }
}

std::string kind_of(const json& value) {
  return value.is_null()      ? "nothing"
         : value.is_object()  ? "an object"
         : value.is_array()   ? "a list"
         : value.is_boolean() ? "true or false"
         : value.is_number()  ? "a number"
                              : "text";
}

}  // namespace

std::vector<KubeDocument> read_kube_documents(std::string_view text, const std::string& name) {
  if (text.size() > kMostBytes) throw PolicyUnfit("it is too large");
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const auto parts = split_documents(text);
  const auto several = std::ranges::count_if(parts, has_content) > 1;
  YamlReader reader;  // its bound is for all documents together
  std::vector<KubeDocument> found;
  std::size_t index = 0;
  for (const auto part : parts) {
    if (!has_content(part)) continue;
    ++index;
    const auto source = several ? fmt::format("{}, document {}", name, index) : name;
    try {
      auto document = read_one(part, reader);
      if (!document.is_null()) take_apart(std::move(document), source, found);
    } catch (const std::exception& error) {
      if (!several) throw;
      throw PolicyUnfit(fmt::format("document {}: {}", index, error.what()));
    }
  }
  return found;
}

void PolicyNode::refuse(const std::string& what) const {
  throw PolicyUnfit(path_.empty() ? what : fmt::format("{}: {}", path_, what));
}

std::string PolicyNode::text() const {
  if (!value_->is_string()) refuse(fmt::format("must be text, and is {}", kind_of(*value_)));
  return value_->get<std::string>();
}

std::string PolicyNode::text_of(std::initializer_list<std::string_view> choices) const {
  auto word = text();
  if (std::ranges::find(choices, word) != choices.end()) return word;
  refuse(fmt::format("'{}' is not one of {}", word, fmt::join(choices, ", ")));
}

bool PolicyNode::flag() const {
  if (!value_->is_boolean()) refuse("must be true or false");
  return value_->get<bool>();
}

std::int64_t PolicyNode::number(std::int64_t least, std::int64_t most) const {
  const bool whole = value_->is_number_integer();
  const bool huge = value_->is_number_unsigned() && value_->get<std::uint64_t>() > INT64_MAX;
  if (!whole || huge || value_->get<std::int64_t>() < least || value_->get<std::int64_t>() > most) {
    refuse(fmt::format("must be a number from {} to {}", least, most));
  }
  return value_->get<std::int64_t>();
}

double PolicyNode::real() const {
  if (!value_->is_number()) refuse("must be a number");
  return value_->get<double>();
}

std::vector<PolicyNode> PolicyNode::items() const {
  if (!value_->is_array()) refuse(fmt::format("must be a list, and is {}", kind_of(*value_)));
  std::vector<PolicyNode> nodes;
  std::size_t index = 0;
  for (const auto& item : *value_) nodes.emplace_back(item, fmt::format("{}[{}]", path_, index++));
  return nodes;
}

std::vector<std::string> PolicyNode::texts() const {
  std::vector<std::string> words;
  for (const auto& item : items()) words.push_back(item.text());
  return words;
}

std::vector<std::pair<std::string, PolicyNode>> PolicyNode::entries() const {
  if (!value_->is_object()) refuse(fmt::format("must be an object, and is {}", kind_of(*value_)));
  std::vector<std::pair<std::string, PolicyNode>> nodes;
  for (const auto& [key, value] : value_->items()) {
    nodes.emplace_back(key, PolicyNode(value, path_.empty() ? key : path_ + '.' + key));
  }
  return nodes;
}

PolicyFields::PolicyFields(const PolicyNode& node) : node_(node) { node.entries(); }

std::optional<PolicyNode> PolicyFields::find(const char* name) {
  known_.insert(name);
  const auto found = node_.value_->find(name);
  if (found == node_.value_->end() || found->is_null()) return std::nullopt;
  return PolicyNode(*found, node_.path_.empty() ? name : node_.path_ + '.' + name);
}

PolicyNode PolicyFields::need(const char* name) {
  if (auto found = find(name)) return *found;
  node_.refuse(fmt::format("{} is missing", name));
}

std::string PolicyFields::text(const char* name, const std::string& otherwise) {
  const auto found = find(name);
  return found ? found->text() : otherwise;
}

std::vector<PolicyNode> PolicyFields::items(const char* name) {
  const auto found = find(name);
  return found ? found->items() : std::vector<PolicyNode>{};
}

void PolicyFields::pass_over(std::initializer_list<const char*> names) {
  for (const char* name : names) known_.insert(name);
}

void PolicyFields::no_more() const {
  for (const auto& [name, value] : node_.value_->items()) {
    if (known_.contains(name)) continue;
    std::vector<std::string_view> names(known_.begin(), known_.end());
    const auto near = nearest_name(name, names);
    node_.refuse(fmt::format("'{}' is not known here{}", name,
                             near.empty() ? "" : fmt::format("; is it {}?", near)));
  }
}

}  // namespace ig
