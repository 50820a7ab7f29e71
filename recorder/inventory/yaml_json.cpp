// SPDX-License-Identifier: Apache-2.0
#include "recorder/inventory/yaml_json.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace ig {
namespace {

using nlohmann::json;

constexpr std::size_t kMostDepth = 100;

// Makes JSON of what the parser tells. YAML::Node is not asked for: it takes forty times a text's
// size, and YAML::LoadAll() does not end where something stands behind a document that belongs to
// none. An alias stands for a copy of what it names, so what is made is counted.
class JsonMaker : public YAML::EventHandler {
 public:
  // No text has more nodes than bytes but by its aliases.
  explicit JsonMaker(std::size_t most_nodes) : nodes_left_(most_nodes) {}

  std::vector<json> take_documents() { return std::move(documents_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (last_start_ == mark.pos) throw std::runtime_error(fmt::format("line {}", mark.line + 1));
    last_start_ = mark.pos;
    open_.clear();
    anchored_.clear();
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark&, YAML::anchor_t anchor) override { add(nullptr, anchor); }
  void OnAlias(const YAML::Mark&, YAML::anchor_t anchor) override {
    const auto known = anchored_.find(anchor);
    if (known == anchored_.end()) throw std::runtime_error("an alias within what it names");
    count(known->second.nodes);
    add(json(known->second.value), 0);
  }
  void OnScalar(const YAML::Mark&, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    // Only a plain scalar may be anything but text: its tag is "?".
    add(tag == "?" && !expects_key() ? plain(value) : json(value), anchor);
  }
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(json::array(), anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(json::object(), anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  // A list or a map that is not over.
  struct Open {
    json value;
    YAML::anchor_t anchor = 0;
    std::optional<std::string> key;  // of a map, whose value comes next
    std::size_t nodes_left = 0;      // when it began
  };
  struct Anchored {
    json value;
    std::size_t nodes = 0;
  };

  static json plain(const std::string& text) {
    if (text == "true" || text == "false") return text == "true";
    if (text.empty() || text == "~" || text == "null") return nullptr;
    const auto number = json::parse(text, nullptr, false);
    return number.is_number() ? number : json(text);
  }

  bool expects_key() const {
    return !open_.empty() && open_.back().value.is_object() && !open_.back().key;
  }

  void count(std::size_t nodes) {
    if (nodes > nodes_left_) throw std::runtime_error("its aliases make too much of it");
    nodes_left_ -= nodes;
  }

  void open(json value, YAML::anchor_t anchor) {
    if (open_.size() == kMostDepth) throw std::runtime_error("it is nested too deeply");
    if (expects_key()) throw std::runtime_error("a key that is not text");
    open_.push_back({std::move(value), anchor, std::nullopt, nodes_left_});
    count(1);
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    const auto nodes = done.nodes_left - nodes_left_;
    if (done.anchor != 0) {
      count(nodes);  // the copy
      anchored_[done.anchor] = {done.value, nodes};
    }
    place(std::move(done.value));
  }

  void add(json value, YAML::anchor_t anchor) {
    count(1);
    if (anchor != 0) anchored_[anchor] = {value, 1};
    place(std::move(value));
  }

  void place(json value) {
    if (open_.empty()) {
      documents_.push_back(std::move(value));
    } else if (auto& within = open_.back(); within.value.is_array()) {
      within.value.push_back(std::move(value));
    } else if (within.key) {
      within.value[*std::exchange(within.key, std::nullopt)] = std::move(value);
    } else if (value.is_string()) {
      within.key = value.get<std::string>();
    } else {
      throw std::runtime_error("a key that is not text");
    }
  }

  std::size_t nodes_left_;
  std::optional<int> last_start_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Anchored> anchored_;
  std::vector<json> documents_;
};

}  // namespace

Result<std::vector<json>> yaml_documents(const std::string& text) {
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    JsonMaker maker(text.size() + 1);
    while (parser.HandleNextDocument(maker)) {
    }
    return maker.take_documents();
  } catch (const std::exception& error) {
    return fail(ErrorCode::kInvalid, fmt::format("not YAML that can be read: {}", error.what()));
  }
}

}  // namespace ig
