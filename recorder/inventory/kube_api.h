// SPDX-License-Identifier: Apache-2.0
// KubeApi: the two questions that an inventory asks of an API server for each kind of objects: list
// all, and watch what changes after that. What goes wrong is told by the error's code:
// kPermission (no right), kNotFound (the server has no such kind), kRefused (410 Gone: the version
// is too old, list again), others for a connection that broke.
#pragma once

#include <array>
#include <boost/asio/ssl/context.hpp>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/result.h"
#include "recorder/inventory/awaitable.h"
#include "recorder/inventory/kube_config.h"
#include "recorder/inventory/kube_reader.h"

namespace ig {

// Where the objects of one kind are: the first path that the server has.
struct KubeResource {
  std::string_view name;  // "endpointslices", as rights call it
  std::array<std::string_view, 3> paths;
};

// In the order in which they are asked for.
std::span<const KubeResource> kube_resources();

// What a watch tells of one object.
struct KubeEvent {
  std::string type;  // "ADDED", "MODIFIED", "DELETED"
  nlohmann::json object;
};

class KubeApi {
 public:
  static Result<KubeApi> create(KubeConfig config);

  const KubeConfig& config() const { return config_; }

  // All objects, in pages; the version from which a watch goes on.
  boost::asio::awaitable<Result<std::string>> list(std::string path, KubeReader& reader);
  // Until the server ends it, which it does every few minutes. `version` moves along, so that the
  // next watch goes on where this one ended.
  using OnEvent = std::function<void(KubeEvent)>;
  using OnOpen = std::function<void()>;  // it has begun: nothing is missed from then on
  boost::asio::awaitable<Result<>> watch(std::string path, std::string& version,
                                         const OnOpen& on_open, const OnEvent& on_event);

 private:
  KubeApi(KubeConfig config, boost::asio::ssl::context tls)
      : config_(std::move(config)), tls_(std::move(tls)) {}

  KubeConfig config_;
  boost::asio::ssl::context tls_;
};

}  // namespace ig
