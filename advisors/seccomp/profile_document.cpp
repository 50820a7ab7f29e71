// SPDX-License-Identifier: Apache-2.0
#include "advisors/seccomp/profile_document.h"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "base/text.h"

namespace ig {
namespace {

using nlohmann::json;

// Aliases let a small YAML file stand for a huge one.
constexpr std::size_t kMostNodes = 200'000;
constexpr int kMostDepth = 64;

struct Unfit : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class YamlReader {
 public:
  json value(const YAML::Node& node, int depth = 0) {
    if (++nodes_ > kMostNodes || depth > kMostDepth) throw Unfit("the YAML is too large or deep");
    switch (node.Type()) {
      case YAML::NodeType::Sequence: {
        json list = json::array();
        for (const auto& item : node) list.push_back(value(item, depth + 1));
        return list;
      }
      case YAML::NodeType::Map: {
        json object = json::object();
        for (const auto& entry : node) {
          if (!entry.first.IsScalar()) throw Unfit("a key of the YAML is not a word");
          object[entry.first.Scalar()] = value(entry.second, depth + 1);
        }
        return object;
      }
      case YAML::NodeType::Scalar:
        return scalar(node);
      default:
        return nullptr;
    }
  }

 private:
  static json scalar(const YAML::Node& node) {
    const std::string& text = node.Scalar();
    if (node.Tag() == "!") return text;  // in quotes
    if (text == "true" || text == "false") return text == "true";
    if (text == "null" || text == "~" || text.empty()) return nullptr;
    const bool hex = text.starts_with("0x");
    std::uint64_t number = 0;
    const char* begin = text.data() + (hex ? 2 : 0);
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(begin, end, number, hex ? 16 : 10);
    if (error == std::errc() && rest == end) return number;
    return text;
  }

  std::size_t nodes_ = 0;
};

bool is_json(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first == text.npos || text[first] == '{' || text[first] == '[';
}

bool has_several_documents(std::string_view text) {
  bool content = false;
  for (const std::string_view line : split(text, '\n')) {
    const bool begins = line == "---" || line.starts_with("--- ") || line == "---\r";
    if (begins && content) return true;
    content |= begins ? line.size() > 4
                      : line.find_first_not_of(" \t\r") != line.npos && !line.starts_with('#') &&
                            !line.starts_with('%');
  }
  return false;
}

// Not YAML::LoadAll: it does not come to an end with some texts that are no YAML.
json read_yaml(const std::string& text) {
  if (has_several_documents(text)) throw Unfit("it holds several YAML documents");
  const YAML::Node document = YAML::Load(text);
  if (document.IsNull()) throw Unfit("it is empty");
  return YamlReader().value(document);
}

json read_text(std::string_view text) {
  return is_json(text) ? json::parse(text) : read_yaml(std::string(text));
}

const json* member(const json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string kind_of(const json& document) {
  const json* kind = member(document, "kind");
  return kind && kind->is_string() ? kind->get<std::string>() : std::string();
}

json unwrap(json document) {
  if (kind_of(document) == "ConfigMap") {
    const json* data = member(document, "data");
    if (!data || !data->is_object() || data->size() != 1 || !data->begin()->is_string()) {
      throw Unfit("a ConfigMap holds a profile if it has one entry");
    }
    document = read_text(data->begin()->get<std::string>());
  }
  if (kind_of(document) == "SeccompProfile") {
    const json* spec = member(document, "spec");
    if (!spec) throw Unfit("the SeccompProfile has no spec");
    return *spec;
  }
  if (const json* linux_part = member(document, "linux")) {
    if (const json* seccomp = member(*linux_part, "seccomp")) return *seccomp;
  }
  if (const json* seccomp = member(document, "seccomp")) return *seccomp;
  return document;
}

}  // namespace

Result<json> read_profile_document(std::string_view text) {
  const auto refuse = [](const std::string& what) {
    return fail(ErrorCode::kInvalid, std::string("not a seccomp profile: ") + what,
                "a profile is JSON as in linux.seccomp of an OCI config.json, or the YAML of a "
                "SeccompProfile");
  };
  try {
    json found = unwrap(read_text(text));
    if (!found.is_object()) return refuse("it is not a JSON object");
    return found;
  } catch (const std::exception& error) {  // json::exception, YAML::Exception, Unfit
    // nlohmann's begin with the exception's name in brackets, which says nothing to a reader.
    const std::string_view what = error.what();
    const auto name_end = what.starts_with("[json.") ? what.find("] ") : what.npos;
    return refuse(std::string(name_end == what.npos ? what : what.substr(name_end + 2)));
  }
}

}  // namespace ig
