// SPDX-License-Identifier: Apache-2.0
#include "recorder/inventory/yaml_json.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <stdexcept>

namespace ig {
namespace {

using nlohmann::json;

constexpr int kMostDepth = 100;

// An alias stands for a copy of what it names, and JSON has no aliases: so nodes are counted.
class JsonMaker {
 public:
  // No text has more nodes than bytes but by its aliases.
  explicit JsonMaker(std::size_t most_nodes) : nodes_left_(most_nodes) {}

  json make(const YAML::Node& node, int depth = 0) {
    if (depth > kMostDepth) throw std::runtime_error("it is nested too deeply");
    if (nodes_left_-- == 0) throw std::runtime_error("its aliases make too much of it");
    switch (node.Type()) {
      case YAML::NodeType::Scalar:
        return scalar(node);
      case YAML::NodeType::Sequence: {
        auto list = json::array();
        for (const auto& item : node) list.push_back(make(item, depth + 1));
        return list;
      }
      case YAML::NodeType::Map: {
        auto object = json::object();
        for (const auto& member : node) {
          object[member.first.as<std::string>()] = make(member.second, depth + 1);
        }
        return object;
      }
      default:
        return nullptr;
    }
  }

 private:
  // Only a plain scalar may be anything but text: its tag is "?".
  static json scalar(const YAML::Node& node) {
    const auto& text = node.Scalar();
    if (node.Tag() != "?") return text;
    if (text == "true" || text == "false") return text == "true";
    if (text.empty() || text == "~" || text == "null") return nullptr;
    const auto number = json::parse(text, nullptr, false);
    return number.is_number() ? number : json(text);
  }

  std::size_t nodes_left_;
};

}  // namespace

Result<std::vector<json>> yaml_documents(const std::string& text) {
  try {
    std::vector<json> documents;
    JsonMaker maker(text.size() + 1);
    for (const auto& node : YAML::LoadAll(text)) documents.push_back(maker.make(node));
    return documents;
  } catch (const std::exception& error) {
    return fail(ErrorCode::kInvalid, fmt::format("not YAML that can be read: {}", error.what()));
  }
}

}  // namespace ig
