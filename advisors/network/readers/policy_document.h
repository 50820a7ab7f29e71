// SPDX-License-Identifier: Apache-2.0
// Documents of Kubernetes, as JSON values, from files of others; and a careful way to walk them:
// each place knows its path, and an object that has a field nobody asked for is an error.
//
// PolicyUnfit is thrown by the readers of the dialects and caught by PolicyReader, nowhere else.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace ig {

struct PolicyUnfit : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct KubeDocument {
  nlohmann::json value;
  std::string source;  // "web.yaml, document 2"; "web.yaml" where it is the only one
};

// Lists are taken apart. Throws what the parsers throw, and PolicyUnfit.
std::vector<KubeDocument> read_kube_documents(std::string_view text, const std::string& name);

class PolicyFields;

class PolicyNode {
 public:
  PolicyNode(const nlohmann::json& value, std::string path)
      : value_(&value), path_(std::move(path)) {}

  [[noreturn]] void refuse(const std::string& what) const;

  bool is_text() const { return value_->is_string(); }
  bool is_number() const { return value_->is_number(); }
  bool is_empty() const { return value_->empty(); }
  const std::string& path() const { return path_; }

  std::string text() const;
  std::string text_of(std::initializer_list<std::string_view> choices) const;
  bool flag() const;
  std::int64_t number(std::int64_t least, std::int64_t most) const;
  double real() const;
  std::vector<PolicyNode> items() const;
  std::vector<std::string> texts() const;
  // In the order of the keys.
  std::vector<std::pair<std::string, PolicyNode>> entries() const;

 private:
  friend class PolicyFields;
  const nlohmann::json* value_;
  std::string path_;
};

// The fields of an object. null counts as missing, as in Kubernetes.
class PolicyFields {
 public:
  explicit PolicyFields(const PolicyNode& node);

  const PolicyNode& node() const { return node_; }
  std::optional<PolicyNode> find(const char* name);
  PolicyNode need(const char* name);
  std::string text(const char* name, const std::string& otherwise = {});
  std::vector<PolicyNode> items(const char* name);  // none where it is missing
  // Fields that are known and change nothing.
  void pass_over(std::initializer_list<const char*> names);
  // Refuses what was not asked for.
  void no_more() const;

 private:
  PolicyNode node_;
  std::set<std::string> known_;
};

}  // namespace ig
