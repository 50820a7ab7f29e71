// SPDX-License-Identifier: Apache-2.0
// KubeFollower: what an API server says of all kinds of objects, gathered in one history. A kind
// that may not be read, or that the server does not have, is told as a caveat and the others go on;
// so is a gap in what was seen.
#pragma once

#include <boost/asio/io_context.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "recorder/inventory/awaitable.h"
#include "recorder/inventory/kube_api.h"
#include "store/inventory_history.h"

namespace ig {

class KubeFollower {
 public:
  explicit KubeFollower(KubeApi api);

  // Both add their work to `context`; everything happens in its one thread.
  void list_once(boost::asio::io_context& context);
  void follow(boost::asio::io_context& context);  // until the context is stopped

  const InventoryHistory& history() const { return history_; }
  // Changes with the history and the caveats.
  std::uint64_t changes() const { return changes_; }
  std::vector<std::string> caveats() const;
  const std::map<std::string, std::uint64_t>& read() const {
    return read_;
  }  // by kind, when listed
  const KubeConfig& config() const { return api_.config(); }
  // The first thing that went wrong, where not one kind could be listed.
  std::optional<Error> failure() const;

 private:
  struct Followed {
    std::string path;     // that the server has
    std::string version;  // to watch from; "" = list first
    std::set<InventoryKey> present;
  };
  // Why a kind of objects was not seen, at least for a time.
  struct Gap {
    std::string_view what;
    std::string reason;
    auto operator<=>(const Gap&) const = default;
  };
  using Gaps = std::map<std::string_view, Gap>;  // by name of the resource: the last one

  boost::asio::awaitable<Result<Followed>> list(const KubeResource& resource);
  boost::asio::awaitable<void> list_kind(const KubeResource& resource);
  boost::asio::awaitable<void> follow_kind(const KubeResource& resource);
  boost::asio::awaitable<Result<>> watch(const KubeResource& resource, Followed& followed);
  void take_listed(KubeReader& reader, Followed& followed);
  void take_event(const KubeEvent& event, Followed& followed);
  void note(Gaps& gaps, const KubeResource& resource, const Error& error);

  KubeApi api_;
  InventoryHistory history_;
  std::uint64_t changes_ = 0;
  Gaps gaps_;
  Gaps broken_;  // watches that are cut: what they miss may yet be learned
  std::map<std::string, std::uint64_t> read_;
  std::size_t listed_ = 0;  // kinds
  std::optional<Error> first_error_;
};

}  // namespace ig
