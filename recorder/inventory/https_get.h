// SPDX-License-Identifier: Apache-2.0
// One question to an API server by HTTPS, as a coroutine, so that a single helper thread follows
// all kinds of objects at once. Each question has a connection of its own: a watch keeps it for
// minutes, a list is asked once.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "recorder/inventory/awaitable.h"
#include "recorder/inventory/kube_config.h"

namespace ig {

// Certificates and keys of a configuration.
Result<boost::asio::ssl::context> make_tls_context(const KubeConfig& config);

struct HttpsRequest {
  const KubeConfig& config;
  boost::asio::ssl::context& tls;
  std::string target;                       // "/api/v1/pods?limit=500"
  std::chrono::seconds patience;            // between two signs of life
  std::uint64_t most_bytes = UINT64_MAX;    // of the answer; more is an error
  std::function<void(int)> on_status = {};  // told before the body; may be empty
};

// The status of the answer. Its body is given to `on_body` as it comes, which returns false when it
// has seen enough. An answer that is cut off is an error.
using OnBody = std::function<bool(std::string_view)>;
boost::asio::awaitable<Result<int>> https_get(const HttpsRequest& request, const OnBody& on_body);

}  // namespace ig
