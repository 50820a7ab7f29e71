// SPDX-License-Identifier: Apache-2.0
#include "recorder/inventory/kube_config.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/file.h"
#include "base/json.h"
#include "recorder/inventory/yaml_json.h"

namespace ig {
namespace {

using nlohmann::json;

constexpr std::uint64_t kLargest = 4 << 20;
constexpr auto kOtherWay =
    "kubectl get … -o json > FILE, then ig session enrich SESSION --inventory FILE";

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

Result<std::string> from_base64(const std::string& text, const std::string& what) {
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  const auto size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                    reinterpret_cast<const unsigned char*>(text.data()),
                                    static_cast<int>(text.size()));
  if (text.size() > kLargest || size < 0) {
    return fail(ErrorCode::kInvalid, fmt::format("{} is not base64", what));
  }
  bytes.resize(static_cast<std::size_t>(size));
  while (!bytes.empty() && bytes.back() == '\0') bytes.pop_back();  // what its padding decodes to
  return bytes;
}

// Reads one kubeconfig; `folder_` is what its relative paths are relative to.
class KubeconfigReader {
 public:
  KubeconfigReader(json document, const std::string& path)
      : document_(std::move(document)),
        path_(path),
        folder_(std::filesystem::path(path).parent_path()) {}

  Result<KubeConfig> read(const std::string& wanted) {
    const auto name = wanted.empty() ? json_text(document_, {"current-context"}) : wanted;
    if (name.empty()) {
      return fail(ErrorCode::kInvalid, fmt::format("{} has no current-context", path_),
                  "--context NAME chooses one of its contexts");
    }
    IG_ASSIGN(const auto* context, find("contexts", "context", name));
    IG_ASSIGN(const auto* cluster, find("clusters", "cluster", json_text(*context, {"cluster"})));
    KubeConfig config;
    IG_TRY(read_cluster(*cluster, config));
    const auto user = json_text(*context, {"user"});
    if (!user.empty()) {
      IG_ASSIGN(const auto* credentials, find("users", "user", user));
      IG_TRY(read_user(*credentials, config));
    }
    return config;
  }

 private:
  Result<const json*> find(const char* list, const char* member, const std::string& name) const {
    const auto& all = json_at(document_, {list});
    for (std::size_t i = 0; all.is_array() && i < all.size(); ++i) {
      if (json_text(all[i], {"name"}) == name) return &json_at(all[i], {member});
    }
    return fail(ErrorCode::kInvalid, fmt::format("{} has no {} '{}'", path_, member, name),
                "kubectl config get-contexts lists what there is");
  }

  std::string file_path(const std::string& name) const { return (folder_ / name).string(); }

  // Data in the file itself wins over a file that it names.
  Result<std::string> pem(const json& object, const char* data_key, const char* file_key) const {
    const auto data = json_text(object, {data_key});
    if (!data.empty()) return from_base64(data, fmt::format("{} of {}", data_key, path_));
    const auto file = json_text(object, {file_key});
    if (file.empty()) return std::string();
    return read_regular_file(file_path(file), kLargest);
  }

  Result<> read_cluster(const json& cluster, KubeConfig& config) const {
    IG_TRY(read_url(json_text(cluster, {"server"}), config));
    if (!json_text(cluster, {"proxy-url"}).empty()) {
      return fail(ErrorCode::kUnsupported, fmt::format("{} asks for a proxy", path_), kOtherWay);
    }
    const auto name = json_text(cluster, {"tls-server-name"});
    if (!name.empty()) config.server_name = name;
    config.is_verified = !json_bool(cluster, {"insecure-skip-tls-verify"});
    IG_ASSIGN(config.ca, pem(cluster, "certificate-authority-data", "certificate-authority"));
    return {};
  }

  Result<> read_url(const std::string& url, KubeConfig& config) const {
    constexpr std::string_view kScheme = "https://";
    auto rest = std::string_view(url);
    if (!rest.starts_with(kScheme)) {
      return fail(ErrorCode::kUnsupported,
                  fmt::format("the server of {} is '{}', which is not https", path_, url),
                  "an API server is asked by https only");
    }
    rest.remove_prefix(kScheme.size());
    const auto slash = std::min(rest.find('/'), rest.size());
    config.prefix = rest.substr(slash);
    while (config.prefix.ends_with('/')) config.prefix.pop_back();
    auto host = rest.substr(0, slash);
    const auto credentials = host.rfind('@');
    if (credentials != std::string_view::npos) host.remove_prefix(credentials + 1);
    const bool is_bracketed = host.starts_with('[');
    const auto end = is_bracketed ? host.find(']') : std::min(host.find(':'), host.size());
    if (end == std::string_view::npos || end == 0) {
      return fail(ErrorCode::kInvalid, fmt::format("the server of {} has no host", path_));
    }
    config.host = is_bracketed ? host.substr(1, end - 1) : host.substr(0, end);
    const auto behind = host.substr(is_bracketed ? end + 1 : end);
    config.port = behind.starts_with(':') ? behind.substr(1) : "443";
    config.server_name = config.host;
    return {};
  }

  Result<> read_user(const json& user, KubeConfig& config) const {
    for (const auto* plugin : {"exec", "auth-provider"}) {
      if (!json_at(user, {plugin}).is_object()) continue;
      return fail(ErrorCode::kUnsupported,
                  fmt::format("{} gets its credentials from a program ({}), which ig does not run",
                              path_, plugin),
                  "make a kubeconfig with a token (kubectl create token NAME), or use files: " +
                      std::string(kOtherWay));
    }
    if (!json_text(user, {"username"}).empty()) {
      return fail(ErrorCode::kUnsupported, fmt::format("{} has a password", path_),
                  "use a token or a client certificate");
    }
    config.token = json_text(user, {"token"});
    const auto token_file = json_text(user, {"tokenFile"});
    if (!token_file.empty()) config.token_file = file_path(token_file);
    IG_ASSIGN(config.certificate, pem(user, "client-certificate-data", "client-certificate"));
    IG_ASSIGN(config.key, pem(user, "client-key-data", "client-key"));
    return {};
  }

  json document_;
  std::string path_;
  std::filesystem::path folder_;
};

std::string variable(const char* name) {
  const auto* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

std::string KubeConfig::url() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return fmt::format("https://{}{}{}:{}{}", is_v6 ? "[" : "", host, is_v6 ? "]" : "", port, prefix);
}

Result<std::string> KubeConfig::bearer() const {
  if (token_file.empty()) return token;
  IG_ASSIGN(auto text, read_regular_file(token_file, kLargest));
  return trimmed(std::move(text));
}

Result<KubeConfig> read_kubeconfig(const std::string& path, const std::string& context) {
  IG_ASSIGN(const auto text, read_regular_file(path, kLargest));
  auto documents = yaml_documents(text);
  if (!documents || documents->size() != 1) {
    return fail(ErrorCode::kInvalid, fmt::format("{} is not a kubeconfig", path),
                "it is the file that kubectl reads: ~/.kube/config");
  }
  return KubeconfigReader(std::move(documents->front()), path).read(context);
}

Result<KubeConfig> service_account_config(const std::string& folder) {
  KubeConfig config;
  config.host = variable("KUBERNETES_SERVICE_HOST");
  config.port = variable("KUBERNETES_SERVICE_PORT");
  if (config.host.empty() || config.port.empty()) {
    return fail(ErrorCode::kNotFound, "this is not a pod: KUBERNETES_SERVICE_HOST is not set",
                "--kubeconfig FILE says where the API server is");
  }
  config.server_name = config.host;
  config.token_file = folder + "/token";
  IG_ASSIGN(config.ca, read_regular_file(folder + "/ca.crt", kLargest));
  IG_TRY(config.bearer());
  return config;
}

}  // namespace ig
