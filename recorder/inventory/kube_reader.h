// SPDX-License-Identifier: Apache-2.0
// KubeReader: rows of the inventory made of Kubernetes objects, whoever wrote them down (kubectl,
// the API server, a person). Only what the inventory has is taken; all else, secrets and
// environments before all, is passed over. Nothing is believed: what has no name, or an address or
// a port that is none, is left out.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "store/inventory_row.h"

namespace ig {

class KubeReader {
 public:
  // `seen_ns`: when the objects were as they are.
  explicit KubeReader(std::int64_t seen_ns) : seen_ns_(seen_ns) {}

  // An object, or a list of objects. `kind` and `api_version` are for objects that do not say them:
  // a server's answer says them once for all.
  void take(const nlohmann::json& document, const std::string& kind = {},
            const std::string& api_version = {});

  std::vector<InventoryRow> take_rows() { return std::move(rows_); }
  const std::map<std::string, std::uint64_t>& read() const { return read_; }  // by kind
  const std::map<std::string, std::uint64_t>& passed_over() const { return passed_over_; }
  std::uint64_t unreadable() const { return unreadable_; }

 private:
  void take_list(const nlohmann::json& list, const std::string& kind,
                 const std::string& api_version);

  std::int64_t seen_ns_;
  std::vector<InventoryRow> rows_;
  std::map<std::string, std::uint64_t> read_, passed_over_;
  std::uint64_t unreadable_ = 0;
};

}  // namespace ig
