// SPDX-License-Identifier: Apache-2.0
#include "recorder/inventory/kube_api.h"

#include <fmt/format.h>

#include "base/json.h"
#include "recorder/inventory/https_get.h"

namespace ig {
namespace {

namespace asio = boost::asio;
using nlohmann::json;

constexpr int kPageObjects = 500;
constexpr std::uint64_t kMostPageBytes = 256 << 20;
constexpr std::size_t kMostEventBytes = 8 << 20;  // etcd takes objects of 1.5 MiB
constexpr std::chrono::seconds kListPatience{60};
// The server ends a watch after the first; a connection that is dead is noticed after the second.
constexpr int kWatchSeconds = 240;
constexpr std::chrono::seconds kWatchPatience{kWatchSeconds + 30};

constexpr std::array<KubeResource, 12> kResources = {
    {{"nodes", {"/api/v1/nodes"}},
     {"namespaces", {"/api/v1/namespaces"}},
     {"pods", {"/api/v1/pods"}},
     {"services", {"/api/v1/services"}},
     {"endpointslices",
      {"/apis/discovery.k8s.io/v1/endpointslices", "/apis/discovery.k8s.io/v1beta1/endpointslices",
       "/api/v1/endpoints"}},
     {"deployments", {"/apis/apps/v1/deployments"}},
     {"replicasets", {"/apis/apps/v1/replicasets"}},
     {"statefulsets", {"/apis/apps/v1/statefulsets"}},
     {"daemonsets", {"/apis/apps/v1/daemonsets"}},
     {"jobs", {"/apis/batch/v1/jobs"}},
     {"cronjobs", {"/apis/batch/v1/cronjobs", "/apis/batch/v1beta1/cronjobs"}},
     {"replicationcontrollers", {"/api/v1/replicationcontrollers"}}}};

// An error of the server's, in its own words where it has some (a Status object).
std::unexpected<Error> refusal(int status, const std::string& message) {
  const auto words = fmt::format("HTTP {}{}{}", status, message.empty() ? "" : ": ", message);
  switch (status) {
    case 401:
    case 403:
      return fail(ErrorCode::kPermission, words);
    case 404:
      return fail(ErrorCode::kNotFound, words);
    case 410:
      return fail(ErrorCode::kRefused, words);
    default:
      return fail(ErrorCode::kFailed, words);
  }
}

std::unexpected<Error> refusal_of(int status, const std::string& body) {
  constexpr std::size_t kMostWords = 300;
  const auto answer = json::parse(body, nullptr, false);
  return refusal(status, json_text(answer, {"message"}).substr(0, kMostWords));
}

std::string url_encoded(std::string_view text) {
  std::string made;
  for (const char c : text) {
    const bool is_plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                          (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.';
    made += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return made;
}

// Puts lines together of pieces.
class Lines {
 public:
  // False: a line is longer than anything expected.
  template <typename Function>
  bool add(std::string_view piece, Function&& on_line) {
    while (!piece.empty()) {
      const auto end = piece.find('\n');
      line_ += piece.substr(0, end);
      if (line_.size() > kMostEventBytes) return false;
      if (end == std::string_view::npos) return true;
      on_line(line_);
      line_.clear();
      piece.remove_prefix(end + 1);
    }
    return true;
  }

 private:
  std::string line_;
};

// What one line of a watch says; whatever ends the watch is left in `error`.
class EventReader {
 public:
  EventReader(std::string& version, const KubeApi::OnEvent& on_event)
      : version_(version), on_event_(on_event) {}

  void take(const std::string& line) {
    if (error_) return;
    auto event = json::parse(line, nullptr, false);
    const auto type = json_text(event, {"type"});
    if (type == "ERROR") {
      error_ = refusal(static_cast<int>(json_integer(event, {"object", "code"})),
                       json_text(event, {"object", "message"}))
                   .error();
      return;
    }
    const auto version = json_text(event, {"object", "metadata", "resourceVersion"});
    if (version.empty()) {
      error_ = Error{ErrorCode::kInvalid, "a watch tells what is no event", ""};
      return;
    }
    version_ = version;
    if (type != "BOOKMARK") on_event_({type, std::move(event["object"])});
  }
  void fail_with(std::string message) {
    error_ = Error{ErrorCode::kInvalid, std::move(message), ""};
  }
  const std::optional<Error>& error() const { return error_; }

 private:
  std::string& version_;
  const KubeApi::OnEvent& on_event_;
  std::optional<Error> error_;
};

}  // namespace

std::span<const KubeResource> kube_resources() { return kResources; }

Result<KubeApi> KubeApi::create(KubeConfig config) {
  IG_ASSIGN(auto tls, make_tls_context(config));
  return KubeApi(std::move(config), std::move(tls));
}

asio::awaitable<Result<std::string>> KubeApi::list(std::string path, KubeReader& reader) {
  std::string next;
  while (true) {
    std::string body;
    const OnBody collect = [&](std::string_view piece) {
      body += piece;
      return true;
    };
    const HttpsRequest request{config_, tls_,
                               fmt::format("{}?limit={}{}{}", path, kPageObjects,
                                           next.empty() ? "" : "&continue=", url_encoded(next)),
                               kListPatience, kMostPageBytes};
    const auto status = co_await https_get(request, collect);
    if (!status) co_return std::unexpected(status.error());
    if (*status != 200) co_return refusal_of(*status, body);
    const auto page = json::parse(body, nullptr, false);
    if (!json_text(page, {"kind"}).ends_with("List")) {
      co_return fail(ErrorCode::kInvalid, "the answer is no list of objects");
    }
    if (json_at(page, {"items"}).is_array()) reader.take(page);  // an empty one may be null
    next = json_text(page, {"metadata", "continue"});
    if (next.empty()) co_return json_text(page, {"metadata", "resourceVersion"});
  }
}

asio::awaitable<Result<>> KubeApi::watch(std::string path, std::string& version,
                                         const OnOpen& on_open, const OnEvent& on_event) {
  EventReader reader(version, on_event);
  Lines lines;
  std::string head;  // of an answer that is an error, and no events
  const OnBody take = [&](std::string_view piece) {
    if (head.size() < 4096) head += piece.substr(0, 4096);
    if (!lines.add(piece, [&](const std::string& line) { reader.take(line); })) {
      reader.fail_with("a watch tells of an object that is too large");
    }
    return !reader.error();
  };
  const HttpsRequest request{config_,
                             tls_,
                             fmt::format("{}?watch=1&allowWatchBookmarks=true&timeoutSeconds={}"
                                         "&resourceVersion={}",
                                         path, kWatchSeconds, url_encoded(version)),
                             kWatchPatience,
                             UINT64_MAX,
                             [&](int status) {
                               if (status == 200) on_open();
                             }};
  const auto status = co_await https_get(request, take);
  if (!status) co_return std::unexpected(status.error());
  if (*status != 200) co_return refusal_of(*status, head);
  if (reader.error()) co_return std::unexpected(*reader.error());
  co_return Result<>{};
}

}  // namespace ig
