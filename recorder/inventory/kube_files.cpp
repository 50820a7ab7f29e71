// SPDX-License-Identifier: Apache-2.0
#include "recorder/inventory/kube_files.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/digest.h"
#include "base/file.h"
#include "recorder/inventory/yaml_json.h"

namespace ig {
namespace {

using nlohmann::json;

// A pod has some 10 KiB as JSON. YAML takes its reader forty times its size in memory.
constexpr std::uint64_t kMostJsonBytes = 512 << 20, kMostYamlBytes = 64 << 20;

constexpr auto kHowToMakeOne =
    "kubectl get pods,services,endpointslices,namespaces,nodes,deployments,replicasets,"
    "statefulsets,daemonsets,jobs,cronjobs --all-namespaces -o json makes one";

// Where most of an object's bytes are, and all that is secret in it.
constexpr std::array<std::string_view, 16> kNotNeeded = {
    "managedFields", "env",       "envFrom",    "volumes",        "volumeMounts", "command",
    "args",          "data",      "stringData", "binaryData",     "images",       "tolerations",
    "affinity",      "resources", "lifecycle",  "securityContext"};

// The end of the JSON value that begins `text`: behind the bracket that closes its first.
std::size_t end_of_value(std::string_view text) {
  std::size_t open = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++open;
    } else if ((c == '}' || c == ']') && --open == 0) {
      return i + 1;
    }
  }
  return text.size();
}

// Which members the parser keeps. Labels may be called as anything is.
class MemberFilter {
 public:
  bool operator()(int depth, json::parse_event_t event, const json& value) {
    if (event != json::parse_event_t::key) return true;
    const auto level = static_cast<std::size_t>(depth);
    path_.resize(level + 1);
    path_[level] = value.get<std::string>();
    const bool is_label =
        level > 0 && std::ranges::find(kLabels, path_[level - 1]) != kLabels.end();
    return is_label || std::ranges::find(kNotNeeded, path_[level]) == kNotNeeded.end();
  }

 private:
  static constexpr std::array<std::string_view, 3> kLabels = {"labels", "matchLabels", "selector"};
  std::vector<std::string> path_;  // of keys; "" where an array is
};

json parse_without_the_rest(std::string_view text) {
  MemberFilter filter;
  const json::parser_callback_t keep = [&](int depth, json::parse_event_t event, json& value) {
    return filter(depth, event, value);
  };
  return json::parse(text, keep, false);
}

std::string_view without_space(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  return text;
}

Result<> take_yaml_documents(const std::string& text, KubeReader& reader) {
  if (text.size() > kMostYamlBytes) {
    return fail(ErrorCode::kInvalid, fmt::format("more than {} MiB of YAML", kMostYamlBytes >> 20),
                "kubectl get -o json makes a form of it that is read with less memory");
  }
  IG_ASSIGN(const auto documents, yaml_documents(text));
  for (const auto& document : documents) {
    if (!document.is_null()) reader.take(document);
  }
  return {};
}

Result<> expect_objects(const KubeReader& reader) {
  if (!reader.read().empty()) return {};
  std::string kinds;
  for (const auto& [kind, count] : reader.passed_over()) {
    kinds += fmt::format("{}{} {}", kinds.empty() ? "" : ", ", count, kind);
  }
  return fail(ErrorCode::kInvalid,
              kinds.empty() ? "no Kubernetes object in it"
                            : fmt::format("no object that says who an address is ({})", kinds),
              kHowToMakeOne);
}

std::int64_t written_ns(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return wall_time_ns();
  return status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec;
}

}  // namespace

Result<> take_json_documents(const std::string& text, KubeReader& reader) {
  for (auto rest = without_space(text); !rest.empty(); rest = without_space(rest)) {
    const auto end = end_of_value(rest);
    const auto document = parse_without_the_rest(rest.substr(0, end));
    if (document.is_discarded()) return fail(ErrorCode::kInvalid, "not JSON that can be read");
    reader.take(document);
    rest.remove_prefix(end);
  }
  return {};
}

Result<KubeFile> read_kube_file(const std::string& path) {
  const auto name = path == "-" ? std::string("standard input") : path;
  const auto time = written_ns(path == "-" ? "/dev/stdin" : path);
  IG_ASSIGN(const auto text, read_file(path == "-" ? "/dev/stdin" : path, kMostJsonBytes));
  Sha256 digest;
  digest.add(text);
  KubeFile file{digest.hexadecimal(), time, KubeReader(time)};
  const auto start = without_space(text);
  auto taken = start.starts_with('{') || start.starts_with('[')
                   ? take_json_documents(text, file.reader)
                   : take_yaml_documents(text, file.reader);
  if (taken) taken = expect_objects(file.reader);
  if (!taken) {
    Error error = taken.error();
    error.message = fmt::format("{}: {}", name, error.message);
    if (error.hint.empty()) error.hint = kHowToMakeOne;
    return std::unexpected(std::move(error));
  }
  return file;
}

}  // namespace ig
